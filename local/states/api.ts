import { randomUUID } from 'node:crypto';
import type { Authorize } from '../contract.ts';
import { type Answer, AwsError, type Call } from '../front.ts';
import type { Engine } from './engine.ts';
import type { Execution } from './frame.ts';
import { checkName, readJson, readRequest, type Requests, requests } from './request.ts';
import type { Store } from './store.ts';

type Parts = { engine: Engine; store: Store; authorize: Authorize; createdAt: number };
/** Leave for an action on a resource. @throws AccessDenied */
type Ask = (resource: string) => void;
type Handlers = { [Action in keyof Requests]: (request: Requests[Action], ask: Ask) => unknown };

/** Serves the Step Functions API in AWS JSON 1.0; each call needs leave as on AWS. */
export function statesApi(parts: Parts): (call: Call) => Promise<Answer> {
  const handlers: Handlers = { ...executionApi(parts), ...taskApi(parts), ...machineApi(parts) };
  return async ({ caller, action, body }) => {
    if (!isAction(action))
      throw new AwsError('UnknownOperationException', `The local cloud does not serve states:${action}.`);
    const ask: Ask = (resource) => parts.authorize(caller, { action: `states:${action}`, resource });
    const answer = respond(handlers, action, body, ask);
    return {
      status: 200,
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': randomUUID() },
      body: JSON.stringify(answer),
    };
  };
}

const isAction = (action: string): action is keyof Requests => Object.hasOwn(requests, action);
const respond = <Action extends keyof Requests>(handlers: Handlers, action: Action, body: Buffer, ask: Ask) =>
  handlers[action](readRequest(action, body), ask);

/** Instants travel as epoch seconds. */
const seconds = (instant: number) => instant / 1000;

type Paging = { maxResults: number; nextToken: string };
/** One page of a list that is asked for one item more than fits, to know whether there is a next page. */
function page<Item>({ maxResults, nextToken }: Paging, list: (page: { limit: number; offset: number }) => Item[]) {
  const size = maxResults || 100;
  const offset = Number(nextToken);
  const items = list({ limit: size + 1, offset });
  const more = items.length > size ? { nextToken: String(offset + size) } : {};
  return { items: items.slice(0, size), more };
}

function executionApi({ engine, store }: Parts) {
  const found = (arn: string): Execution => {
    const execution = store.find(arn);
    if (execution) return execution;
    throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  };
  return {
    StartExecution: ({ stateMachineArn, name, input }, ask) => {
      ask(stateMachineArn);
      const value = readJson(input, 'InvalidExecutionInput');
      const execution = engine.start(stateMachineArn, checkName(name ?? randomUUID()), value);
      return { executionArn: execution.arn, startDate: seconds(execution.startedAt) };
    },
    DescribeExecution: ({ executionArn }, ask) => {
      ask(executionArn);
      const execution = found(executionArn);
      const { input, output } = execution;
      return {
        ...summary(execution),
        input: JSON.stringify(input),
        inputDetails: { included: true },
        ...(output === undefined ? {} : { output: JSON.stringify(output), outputDetails: { included: true } }),
        error: execution.error,
        cause: execution.cause,
      };
    },
    StopExecution: ({ executionArn, error, cause }, ask) => {
      ask(executionArn);
      const { arn } = found(executionArn);
      engine.stop(arn, error, cause);
      return { stopDate: seconds(found(arn).stoppedAt ?? 0) };
    },
    GetExecutionHistory: ({ executionArn, reverseOrder, ...paging }, ask) => {
      ask(executionArn);
      const { arn } = found(executionArn);
      const { items, more } = page(paging, (at) => store.history(arn, reverseOrder, at));
      return { events: items, ...more };
    },
    ListExecutions: ({ stateMachineArn, statusFilter, ...paging }, ask) => {
      ask(stateMachineArn);
      machineOf(engine, stateMachineArn);
      const { items, more } = page(paging, (at) => store.list(stateMachineArn, statusFilter ?? null, at));
      return { executions: items.map(summary), ...more };
    },
  } satisfies Partial<Handlers>;
}

const summary = ({ arn, machine, name, status, startedAt, stoppedAt }: Execution) => ({
  executionArn: arn,
  stateMachineArn: machine,
  name,
  status,
  startDate: seconds(startedAt),
  ...(stoppedAt === undefined ? {} : { stopDate: seconds(stoppedAt) }),
});

function taskApi({ engine }: Parts) {
  return {
    SendTaskSuccess: ({ taskToken, output }, ask) => {
      ask(engine.ownerOf(taskToken).machine);
      engine.settle(taskToken, { output: readJson(output, 'InvalidOutput') });
      return {};
    },
    SendTaskFailure: ({ taskToken, error, cause }, ask) => {
      ask(engine.ownerOf(taskToken).machine);
      engine.settle(taskToken, { error: error ?? 'States.TaskFailed', cause: cause ?? '' });
      return {};
    },
    SendTaskHeartbeat: ({ taskToken }, ask) => {
      ask(engine.ownerOf(taskToken).machine);
      engine.beat(taskToken);
      return {};
    },
  } satisfies Partial<Handlers>;
}

function machineApi({ engine, createdAt }: Parts) {
  return {
    ListStateMachines: (paging, ask) => {
      ask('*');
      const all = [...engine.machines.values()];
      const { items, more } = page(paging, ({ limit, offset }) => all.slice(offset, offset + limit));
      const rows = items.map(({ arn, name }) => ({
        stateMachineArn: arn,
        name,
        type: 'STANDARD',
        creationDate: seconds(createdAt),
      }));
      return { stateMachines: rows, ...more };
    },
    DescribeStateMachine: ({ stateMachineArn }, ask) => {
      ask(stateMachineArn);
      const { arn, name, role, definition } = machineOf(engine, stateMachineArn);
      const fixed = { status: 'ACTIVE', type: 'STANDARD', creationDate: seconds(createdAt) };
      return { stateMachineArn: arn, name, roleArn: role, definition, ...fixed };
    },
  } satisfies Partial<Handlers>;
}

function machineOf(engine: Engine, arn: string) {
  const machine = engine.machines.get(arn);
  if (machine) return machine;
  throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
}
