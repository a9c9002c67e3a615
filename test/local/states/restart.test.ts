import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { clientOf, describeExecution } from './client.ts';
import { type Answer, type Cloud, executionArn, machineArn, startCloud } from './cloud.ts';
import { ask, call, machine, only, passOn } from './definitions.ts';

const arn = executionArn('M', 'run');
const clouds: Cloud[] = [];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'states-'));
});
afterEach(async () => {
  for (const cloud of clouds.splice(0)) {
    await cloud.states.stop();
    cloud.db.close();
  }
  rmSync(folder, { recursive: true });
});

/** A process of its own over the same file; `before` is left as a killed process leaves it: never told to stop. */
async function boot(
  definition: object,
  answers: Record<string, readonly Answer[]> = {},
  before?: Cloud,
): Promise<Cloud> {
  const db = new DatabaseSync(join(folder, 'states.db'));
  const clock = before ? { clock: before.clock } : {};
  const cloud = await startCloud({ machines: { M: definition }, answers, db, ...clock });
  clouds.push(cloud);
  return cloud;
}
async function begin(definition: object, input: unknown = {}, answers: Record<string, readonly Answer[]> = {}) {
  const cloud = await boot(definition, answers);
  cloud.states.start(machineArn('M'), input, 'run');
  await cloud.settle();
  return cloud;
}
/** Ends the first process without letting it save anything, and goes on in a second one. */
async function restart(before: Cloud, definition: object, answers: Record<string, readonly Answer[]> = {}) {
  await before.states.stop();
  const cloud = await boot(definition, answers, before);
  cloud.states.resume();
  await cloud.settle();
  return cloud;
}
const outcome = async (cloud: Cloud) => {
  const { status, output, error } = await describeExecution(clientOf(cloud), arn);
  return {
    status,
    ...(output === undefined ? {} : { output: JSON.parse(output) as unknown }),
    ...(error ? { error } : {}),
  };
};
const succeed = async (cloud: Cloud, taskToken: string, output: unknown) => {
  await clientOf(cloud).send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
  await cloud.settle();
};

it('keeps the end of a Wait state over a restart', async () => {
  const definition = machine({ Wait: { Type: 'Wait', Seconds: 100, Next: 'Done' }, Done: { Type: 'Succeed' } });
  const first = await begin(definition);
  await first.pass(60);
  const second = await restart(first, definition);
  await second.pass(39);
  expect(await outcome(second)).toEqual({ status: 'RUNNING' });
  await second.pass(1);
  expect(await outcome(second)).toEqual({ status: 'SUCCEEDED', output: {} });
});

it('ends a Wait state at once when its end passed while nothing was running', async () => {
  const definition = only({ Type: 'Wait', Seconds: 100, End: true });
  const first = await begin(definition);
  await first.states.stop();
  first.clock.moveTo(first.clock.now() + 200_000);
  const second = await restart(first, definition);
  expect(await outcome(second)).toEqual({ status: 'SUCCEEDED', output: {} });
});

it('waits on for a token after a restart, takes it, and calls its function only once', async () => {
  const definition = only(ask('approver', { TimeoutSeconds: 100 }));
  const first = await begin(definition);
  const second = await restart(first, definition);
  expect([first.calls.length, second.calls.length]).toEqual([1, 0]);
  await succeed(second, first.token('approver'), 'yes');
  expect(await outcome(second)).toEqual({ status: 'SUCCEEDED', output: 'yes' });
});

it('keeps the deadline of a token over a restart', async () => {
  const definition = only(ask('approver', { TimeoutSeconds: 100 }));
  const first = await begin(definition);
  await first.pass(60);
  const second = await restart(first, definition);
  await second.pass(40);
  expect(await outcome(second)).toEqual({ status: 'FAILED', error: 'States.Timeout' });
});

it('hands a token on again when the call with it was cut off, and takes the same token', async () => {
  const definition = only(ask('approver'));
  const first = await begin(definition, {}, { approver: ['hangs'] });
  const second = await restart(first, definition);
  expect(second.token('approver')).toBe(first.token('approver'));
  await succeed(second, first.token('approver'), 'yes');
  expect(await outcome(second)).toEqual({ status: 'SUCCEEDED', output: 'yes' });
});

it('calls a function again whose answer was cut off', async () => {
  const definition = only(call('work'));
  const first = await begin(definition, { deal: 7 }, { work: ['hangs'] });
  const second = await restart(first, definition, { work: [{ gives: 'done' }] });
  expect(second.calls).toEqual(first.calls);
  expect(await outcome(second)).toEqual({ status: 'SUCCEEDED', output: { answer: 'done' } });
});

it('keeps a retry due and its count over a restart', async () => {
  const definition = only(call('work', { Retry: [{ ErrorEquals: ['Flaky'], IntervalSeconds: 10, MaxAttempts: 2 }] }));
  const flaky = { work: [{ throws: 'Flaky' }] };
  const first = await begin(definition, {}, flaky);
  await first.pass(10);
  const second = await restart(first, definition, flaky);
  await second.pass(19);
  expect([first.calls.length, second.calls.length]).toEqual([2, 0]);
  await second.pass(1);
  expect(second.calls.length).toBe(1);
  expect(await outcome(second)).toEqual({ status: 'FAILED', error: 'Flaky' });
});

it('does not run finished items and branches again after a restart', async () => {
  const definition = machine({
    Each: {
      Type: 'Map',
      ItemProcessor: machine({
        Work: call('work', { Next: 'Wait', End: undefined }),
        Wait: { Type: 'Wait', SecondsPath: '$.answer', End: true },
      }),
      MaxConcurrency: 2,
      Next: 'Both',
    },
    Both: { Type: 'Parallel', Branches: [machine({ A: call('a') }), machine({ B: ask('b') })], End: true },
  });
  const first = await begin(definition, [1, 2, 3], { work: [{ gives: 1 }, { gives: 50 }, { gives: 90 }] });
  await first.pass(1);
  const second = await restart(first, definition, { a: [{ gives: 'A' }] });
  await second.pass(100);
  const third = await restart(second, definition);
  await succeed(third, second.token('b'), 'B');
  expect([first, second, third].map(({ calls }) => calls.map(({ fn }) => fn))).toEqual([
    ['work', 'work', 'work'],
    ['a', 'b'],
    [],
  ]);
  expect(await outcome(third)).toEqual({ status: 'SUCCEEDED', output: [{ answer: 'A' }, 'B'] });
});

it('goes on by the definition a run was started with, and starts new runs by the new one', async () => {
  const old = machine({ Ask: ask('approver', { End: undefined, Next: 'Old' }), Old: passOn({ Result: 'old' }) });
  const first = await begin(old);
  const second = await restart(first, only(passOn({ Result: 'new' })));
  await succeed(second, first.token('approver'), 'yes');
  expect(await outcome(second)).toEqual({ status: 'SUCCEEDED', output: 'old' });
  const fresh = second.states.start(machineArn('M'), {});
  expect((await describeExecution(clientOf(second), fresh)).output).toBe('"new"');
});

it('aborts a run whose state machine is gone', async () => {
  const first = await begin(only(ask('approver')));
  await first.states.stop();
  const db = new DatabaseSync(join(folder, 'states.db'));
  const second = await startCloud({ machines: {}, db, clock: first.clock });
  clouds.push(second);
  expect(second.states.executions()).toMatchObject([{ name: 'run', status: 'ABORTED', error: 'StateMachineDeleted' }]);
});

it('counts what has to be done as pending before it resumes, and says when the next thing is due', async () => {
  const definition = only(call('work', { TimeoutSeconds: 60 }));
  const first = await begin(definition, {}, { work: ['hangs'] });
  await first.states.stop();
  const second = await boot(definition, { work: [{ gives: 1 }] }, first);
  expect([second.states.pending(), second.states.nextDue()]).toEqual([1, first.clock.now() + 60_000]);
  second.states.resume();
  await second.settle();
  expect([second.states.pending(), second.states.nextDue()]).toEqual([0, undefined]);
});
