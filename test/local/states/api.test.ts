import {
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Access, AccessDenied } from '#local/contract.ts';
import { clientOf, describeExecution } from './client.ts';
import { type Cloud, executionArn, machineArn, startCloud } from './cloud.ts';
import { ask, call, machine, only, passOn } from './definitions.ts';

let cloud: Cloud;
let asked: { caller: string; access: Access }[];
let denied: string | undefined;
const machines = {
  Quick: only(passOn()),
  Approval: only(ask('approver', { TimeoutSeconds: 60 })),
  Work: only(call('work')),
  Endless: machine({ A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'A' }, C: { Type: 'Succeed' } }),
};

beforeEach(async () => {
  asked = [];
  denied = undefined;
  const authorize = (caller: string, access: Access) => {
    asked.push({ caller, access });
    if (access.action === denied) throw new AccessDenied(`${caller} may not ${access.action} on ${access.resource}`);
  };
  cloud = await startCloud({ machines, authorize });
});
afterEach(async () => {
  await cloud.states.stop();
});

const start = (machine: keyof typeof machines, name?: string, input?: string) =>
  clientOf(cloud).send(new StartExecutionCommand({ stateMachineArn: machineArn(machine), name, input }));
const named = (name: string): unknown => expect.objectContaining({ name });

describe('StartExecution', () => {
  it('answers the same execution for the same name and input while it is running', async () => {
    const first = await start('Approval', 'deal-1', '{"id":1}');
    expect(first.executionArn).toBe(executionArn('Approval', 'deal-1'));
    expect((await start('Approval', 'deal-1', '{ "id": 1 }')).startDate).toEqual(first.startDate);
    expect(cloud.calls.length).toBe(1);
  });
  it('refuses the name for another input', async () => {
    await start('Approval', 'deal-1', '{"id":1}');
    await expect(start('Approval', 'deal-1', '{"id":2}')).rejects.toEqual(named('ExecutionAlreadyExists'));
  });
  it('refuses the name of a closed execution for 90 days', async () => {
    await start('Quick', 'deal-1');
    await expect(start('Quick', 'deal-1')).rejects.toEqual(named('ExecutionAlreadyExists'));
    await cloud.pass(90 * 86_400);
    await expect(start('Quick', 'deal-1')).resolves.toMatchObject({ executionArn: executionArn('Quick', 'deal-1') });
  });
  it.each([
    ['an unknown machine', { stateMachineArn: machineArn('None') }, 'StateMachineDoesNotExist'],
    ['input that is not JSON', { input: '{' }, 'InvalidExecutionInput'],
    ['a name with a space', { name: 'deal 1' }, 'InvalidName'],
    ['a name over 80 characters', { name: 'n'.repeat(81) }, 'ValidationException'],
    ['input over 256 KiB', { input: JSON.stringify('ж'.repeat(131_073)) }, 'ValidationException'],
  ])('refuses %s', async (_, fields, error) => {
    const command = new StartExecutionCommand({ stateMachineArn: machineArn('Quick'), ...fields });
    await expect(clientOf(cloud).send(command)).rejects.toEqual(named(error));
  });
});

describe('A task token', () => {
  const success = () => new SendTaskSuccessCommand({ taskToken: cloud.token('approver'), output: '1' });
  beforeEach(async () => {
    await start('Approval', 'deal-1');
    await cloud.settle();
  });

  it('is timed out when it is used again', async () => {
    await clientOf(cloud).send(success());
    const failure = new SendTaskFailureCommand({ taskToken: cloud.token('approver') });
    const beat = new SendTaskHeartbeatCommand({ taskToken: cloud.token('approver') });
    await expect(clientOf(cloud).send(success())).rejects.toEqual(named('TaskTimedOut'));
    await expect(clientOf(cloud).send(failure)).rejects.toEqual(named('TaskTimedOut'));
    await expect(clientOf(cloud).send(beat)).rejects.toEqual(named('TaskTimedOut'));
  });
  it('is timed out after its deadline and after its execution was stopped', async () => {
    await cloud.pass(60);
    await expect(clientOf(cloud).send(success())).rejects.toEqual(named('TaskTimedOut'));
    await start('Approval', 'deal-2');
    await cloud.settle();
    await clientOf(cloud).send(new StopExecutionCommand({ executionArn: executionArn('Approval', 'deal-2') }));
    await expect(clientOf(cloud).send(success())).rejects.toEqual(named('TaskTimedOut'));
  });
  it('is invalid when it was never given out, and takes nothing but JSON', async () => {
    const unknown = new SendTaskSuccessCommand({ taskToken: 'made up', output: '1' });
    const broken = new SendTaskSuccessCommand({ taskToken: cloud.token('approver'), output: '{' });
    await expect(clientOf(cloud).send(unknown)).rejects.toEqual(named('InvalidToken'));
    await expect(clientOf(cloud).send(broken)).rejects.toEqual(named('InvalidOutput'));
  });
});

describe('Executions', () => {
  it('are stopped with an error and a cause, once', async () => {
    await start('Approval', 'deal-1');
    const arn = executionArn('Approval', 'deal-1');
    const stop = new StopExecutionCommand({ executionArn: arn, error: 'Voided', cause: 'price' });
    const { stopDate } = await clientOf(cloud).send(stop);
    await cloud.pass(5);
    expect((await clientOf(cloud).send(stop)).stopDate).toEqual(stopDate);
    expect(await describeExecution(clientOf(cloud), arn)).toMatchObject({
      status: 'ABORTED',
      error: 'Voided',
      cause: 'price',
    });
    await expect(describeExecution(clientOf(cloud), `${arn}0`)).rejects.toEqual(named('ExecutionDoesNotExist'));
  });
  it('are listed newest first, by status and in pages', async () => {
    for (const name of ['a', 'b', 'c']) {
      await start('Approval', name);
      await cloud.pass(1);
    }
    await clientOf(cloud).send(new StopExecutionCommand({ executionArn: executionArn('Approval', 'b') }));
    const list = async (more: object) => {
      const command = new ListExecutionsCommand({ stateMachineArn: machineArn('Approval'), ...more });
      const { executions = [], nextToken } = await clientOf(cloud).send(command);
      return { names: executions.map(({ name }) => name), nextToken };
    };
    const first = await list({ maxResults: 2 });
    expect(first.names).toEqual(['c', 'b']);
    expect(await list({ maxResults: 2, nextToken: first.nextToken })).toEqual({ names: ['a'], nextToken: undefined });
    expect((await list({ statusFilter: 'RUNNING' })).names).toEqual(['c', 'a']);
    expect(cloud.states.executions('RUNNING')).toMatchObject([
      { name: 'c', machine: 'Approval', state: ['Only'] },
      { name: 'a', machine: 'Approval', state: ['Only'] },
    ]);
  });
  it('have a history, also in reverse', async () => {
    await start('Work', 'deal-1');
    await cloud.settle();
    const read = async (reverseOrder: boolean) => {
      const command = new GetExecutionHistoryCommand({ executionArn: executionArn('Work', 'deal-1'), reverseOrder });
      return (await clientOf(cloud).send(command)).events ?? [];
    };
    const events = await read(false);
    expect(events.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
    expect(events.map(({ id, previousEventId }) => [id, previousEventId])).toEqual(
      events.map((_, index) => [index + 1, index]),
    );
    expect(events[0]?.timestamp).toEqual(new Date('2026-01-01T00:00:00Z'));
    expect(await read(true)).toEqual(events.toReversed());
  });
  it('end after 25 000 events', async () => {
    await start('Endless', 'deal-1');
    const arn = executionArn('Endless', 'deal-1');
    expect(await describeExecution(clientOf(cloud), arn)).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    const command = new GetExecutionHistoryCommand({ executionArn: arn, reverseOrder: true, maxResults: 1 });
    expect((await clientOf(cloud).send(command)).events).toMatchObject([{ id: 25_000, type: 'ExecutionFailed' }]);
  });
});

it('shows the state machines', async () => {
  const { stateMachines } = await clientOf(cloud).send(new ListStateMachinesCommand());
  expect(stateMachines?.map(({ name }) => name)).toEqual(Object.keys(machines));
  const described = await clientOf(cloud).send(
    new DescribeStateMachineCommand({ stateMachineArn: machineArn('Quick') }),
  );
  expect(described).toMatchObject({ definition: JSON.stringify(machines.Quick), roleArn: 'MachineRole' });
});

describe('Leave', () => {
  it('is asked of the caller for each call: machine, execution, and the machine of a token', async () => {
    await start('Approval', 'deal-1');
    await cloud.settle();
    await describeExecution(clientOf(cloud), executionArn('Approval', 'deal-1'));
    await clientOf(cloud).send(new SendTaskSuccessCommand({ taskToken: cloud.token('approver'), output: '1' }));
    expect(asked.map(({ caller, access }) => [caller, access.action, access.resource])).toEqual([
      ['EventsRole', 'states:StartExecution', machineArn('Approval')],
      ['MachineRole', 'lambda:InvokeFunction', 'arn:aws:lambda:us-east-1:000000000000:function:approver'],
      ['EventsRole', 'states:DescribeExecution', executionArn('Approval', 'deal-1')],
      ['EventsRole', 'states:SendTaskSuccess', machineArn('Approval')],
    ]);
  });
  it('is needed to start', async () => {
    denied = 'states:StartExecution';
    await expect(start('Quick', 'deal-1')).rejects.toEqual(named('AccessDeniedException'));
    expect(cloud.states.executions()).toEqual([]);
  });
  it('is needed by the machine for its own calls', async () => {
    denied = 'lambda:InvokeFunction';
    await start('Work', 'deal-1');
    await cloud.settle();
    expect(cloud.calls).toEqual([]);
    expect(await describeExecution(clientOf(cloud), executionArn('Work', 'deal-1'))).toMatchObject({
      error: 'Lambda.AWSLambdaException',
      cause: 'MachineRole may not lambda:InvokeFunction on arn:aws:lambda:us-east-1:000000000000:function:work',
    });
  });
});
