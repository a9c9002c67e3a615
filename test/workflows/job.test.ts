import { afterEach, expect, it } from 'vitest';
import type { Answer } from '#test/local/states/cloud.ts';
import { runOf, type Run } from './run.ts';

const cause = { id: 'job_1.r1.0', depth: 0 };
const input = { jobId: 'job_1', requestId: 'job_1', cause, round: 0 };
const runs: Run[] = [];
afterEach(async () => {
  for (const { cloud } of runs.splice(0)) {
    await cloud.states.stop();
    cloud.db.close();
  }
});
const start = async (answers: readonly Answer[]) => {
  const run = await runOf('job', { input, answers });
  runs.push(run);
  return run;
};
const chunk = (round: number, more = true): Answer => ({ gives: { more, round } });
const settled = async (run: Run) => {
  for (let at = 0; at < 200 && (await run.outcome()).status === 'RUNNING'; at += 1) await run.cloud.pass(60);
  return run.outcome();
};

it('does chunk after chunk, each told its round, until there is none', async () => {
  const run = await start([chunk(1), chunk(2), chunk(3, false)]);
  expect((await settled(run)).status).toBe('SUCCEEDED');
  expect(run.asked().map(({ task, requestId, input: given }) => [task, requestId, given])).toEqual(
    [0, 1, 2].map((round) => ['doNextChunk', 'job_1', { jobId: 'job_1', round }]),
  );
});

it('is done after one chunk when that was all', async () => {
  const run = await start([chunk(1, false)]);
  expect((await settled(run)).status).toBe('SUCCEEDED');
  expect(run.steps()).toEqual(['doNextChunk 0']);
});

it('carries through a hundred chunks nothing but its id, request and round', async () => {
  const run = await start(Array.from({ length: 100 }, (_, at) => chunk(at + 1, at < 99)));
  expect((await settled(run)).status).toBe('SUCCEEDED');
  expect(run.asked()).toHaveLength(100);
  expect(run.asked()[99]).toEqual({
    task: 'doNextChunk',
    requestId: 'job_1',
    cause,
    input: { jobId: 'job_1', round: 99 },
  });
});

it('does the chunks of a job for imports there, with five minutes each, and notes a failure in tasks', async () => {
  const given = { ...input, on: 'imports' };
  const imports: Answer[] = [chunk(1), 'hangs', chunk(2, false)];
  const run = await runOf('job', { input: given, imports });
  runs.push(run);
  await run.cloud.pass(329);
  expect(run.steps()).toHaveLength(2);
  await run.cloud.pass(10);
  expect((await settled(run)).status).toBe('SUCCEEDED');
  expect(run.cloud.calls.map(({ fn }) => fn)).toEqual(['imports', 'imports', 'imports']);
  expect(run.asked().map(({ task, input: sent }) => [task, sent])).toEqual(
    [0, 1, 1].map((round) => ['doNextChunk', { jobId: 'job_1', round }]),
  );
  const broken = await runOf('job', { input: given, imports: [{ throws: 'Refusal' }], answers: [{ gives: {} }] });
  runs.push(broken);
  expect(await settled(broken)).toMatchObject({ status: 'FAILED', error: 'JobFailed' });
  expect(broken.cloud.calls.at(-1)).toMatchObject({ fn: 'tasks', payload: { task: 'failJob' } });
});

it('does the chunks of a job that names no function in tasks: it was started before there were others', async () => {
  const run = await start([chunk(1), chunk(2, false)]);
  expect((await settled(run)).status).toBe('SUCCEEDED');
  expect(run.cloud.calls.map(({ fn }) => fn)).toEqual(['tasks', 'tasks']);
  const once = ['What is next?', 'Do the next chunk', 'Count the round'];
  expect(await run.entered()).toEqual([...once, ...once, 'What is next?', 'Done']);
});

it('does a chunk that fails again, and only that', async () => {
  const run = await start([chunk(1), { throws: 'Error' }, { throws: 'Sandbox.Timedout' }, chunk(2), chunk(3, false)]);
  expect((await settled(run)).status).toBe('SUCCEEDED');
  expect(run.steps()).toEqual([0, 1, 1, 1, 2].map((round) => `doNextChunk ${round}`));
});

it('does a chunk again that does not answer within a minute and a half', async () => {
  const run = await start(['hangs', chunk(1, false)]);
  await run.cloud.pass(89);
  expect(run.steps()).toHaveLength(1);
  await run.cloud.pass(10);
  expect((await settled(run)).status).toBe('SUCCEEDED');
  expect(run.steps()).toEqual(['doNextChunk 0', 'doNextChunk 0']);
});

it('ends the job, visibly, when a chunk never works', async () => {
  const never = Array.from({ length: 9 }, (): Answer => ({ throws: 'Refusal' }));
  const run = await start([chunk(1), ...never, { gives: {} }]);
  expect(await settled(run)).toMatchObject({ status: 'FAILED', error: 'JobFailed' });
  expect(run.asked().at(-1)).toMatchObject({ task: 'failJob', input: { jobId: 'job_1', error: 'Refusal' } });
  expect(run.steps()).toHaveLength(1 + 9 + 1);
});
