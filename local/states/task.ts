import { randomUUID } from 'node:crypto';
import { ACCOUNT, REGION } from '../contract.ts';
import { type Exit, finish, inputOf, secondsAt } from './data.ts';
import { type TaskState, waitsForToken } from './definition.ts';
import { StatesError } from './error.ts';
import type { Frame, TaskWait } from './frame.ts';
import { isObject, type Json, type JsonObject, limited } from './json.ts';
import { fill } from './payload.ts';
import { contextOf, record, type Turn } from './turn.ts';

/** A Task state: schedules the call once, then waits for its outcome, its deadline or a missing heartbeat. */
export function runTask(turn: Turn, state: TaskState, frame: Frame): Exit | undefined {
  const wait = frame.wait?.kind === 'task' ? frame.wait : schedule(turn, state, frame);
  const { outcome } = wait;
  if (outcome && 'error' in outcome) {
    record(turn, frame, 'TaskFailed', { taskFailedEventDetails: { ...resourceOf(state), ...outcome } });
    throw new StatesError(outcome.error, outcome.cause);
  }
  if (outcome) {
    const result = limited(outcome.output, `The result of task '${frame.state}'`);
    const details = { ...resourceOf(state), output: JSON.stringify(result) };
    record(turn, frame, 'TaskSucceeded', { taskSucceededEventDetails: details });
    return finish(turn, state, frame, result);
  }
  const late =
    (wait.deadline ?? Infinity) <= turn.now
      ? 'States.Timeout'
      : (wait.heartbeatAt ?? Infinity) <= turn.now && 'States.HeartbeatTimeout';
  if (!late) return undefined;
  record(turn, frame, 'TaskTimedOut', { taskTimedOutEventDetails: { ...resourceOf(state), error: late } });
  throw new StatesError(late);
}

/** How history names the work of a task. */
const resourceOf = (state: TaskState): JsonObject => ({
  resourceType: 'lambda',
  resource: waitsForToken(state.Resource) ? 'invoke.waitForTaskToken' : 'invoke',
});

function schedule(turn: Turn, state: TaskState, frame: Frame): TaskWait {
  const input = inputOf(turn, state, frame);
  const token = waitsForToken(state.Resource) ? randomUUID() : undefined;
  const parameters = fill(state.Parameters, input, contextOf(turn, frame, token));
  const { FunctionName: name, Payload: payload = {} } = isObject(parameters) ? parameters : {};
  if (typeof name !== 'string') throw new StatesError('States.Runtime', 'FunctionName must be a string.');
  const seconds =
    state.TimeoutSecondsPath === undefined
      ? state.TimeoutSeconds
      : secondsAt(turn, frame, state.TimeoutSecondsPath, input, 1);
  const heartbeat = state.HeartbeatSeconds === undefined ? undefined : state.HeartbeatSeconds * 1000;
  const wait: TaskWait = {
    kind: 'task',
    call: randomUUID(),
    fn: functionArn(name),
    payload: limited(payload, `The payload of task '${frame.state}'`),
    ...(token === undefined ? {} : { token }),
    ...(seconds === undefined ? {} : { deadline: turn.now + seconds * 1000 }),
    ...(heartbeat === undefined ? {} : { heartbeat, heartbeatAt: turn.now + heartbeat }),
  };
  frame.wait = wait;
  if (token !== undefined) turn.tokens.push(token);
  recordScheduled(turn, state, frame, parameters, seconds);
  return wait;
}

function recordScheduled(turn: Turn, state: TaskState, frame: Frame, parameters: Json, seconds?: number): void {
  const resource = resourceOf(state);
  record(turn, frame, 'TaskScheduled', {
    taskScheduledEventDetails: {
      ...resource,
      region: REGION,
      parameters: JSON.stringify(parameters),
      ...(seconds === undefined ? {} : { timeoutInSeconds: seconds }),
      ...(state.HeartbeatSeconds === undefined ? {} : { heartbeatInSeconds: state.HeartbeatSeconds }),
    },
  });
  record(turn, frame, 'TaskStarted', { taskStartedEventDetails: resource });
}

const functionArn = (name: string): string =>
  name.startsWith('arn:') ? name : `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
