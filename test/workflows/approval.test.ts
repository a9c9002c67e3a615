import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, it } from 'vitest';
import { runOf, type Run } from './run.ts';

const HOUR = 3600;
const cause = { id: 'approval_1.r1.0', depth: 2 };
const input = { approvalId: 'approval_1', rounds: 2, deadlineSeconds: 24 * HOUR, requestId: 'request-1', cause };
const runs: Run[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const { cloud } of runs.splice(0)) {
    await cloud.states.stop();
    cloud.db.close();
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});
const start = async (options: Parameters<typeof runOf>[1] = {}) => {
  const run = await runOf('approval', { input, answers: [{ gives: {} }], ...options });
  runs.push(run);
  return run;
};
const ASKED = { approvalId: 'approval_1' };

it.each(['approved', 'refused', 'voided'])('tells the asker when it is %s', async (state) => {
  const run = await start();
  await run.cloud.pass(5 * HOUR);
  expect(run.steps()).toEqual(['askApprover 1']);
  await run.answer({ state });
  expect(run.steps()).toEqual(['askApprover 1', 'tellAsker']);
  expect(await run.outcome()).toMatchObject({ status: 'SUCCEEDED', output: { answer: { state } } });
});

it('gives the task the token, the round and the request it all began with', async () => {
  const run = await start();
  expect(run.asked()).toEqual([
    { task: 'askApprover', token: expect.any(String), requestId: 'request-1', cause, input: { ...ASKED, round: 1 } },
  ]);
  await run.answer({ state: 'approved' });
  expect(run.asked()[1]).toEqual({ task: 'tellAsker', requestId: 'request-1', cause, input: ASKED });
});

it('goes up when the first is silent until the deadline, and not before', async () => {
  const run = await start();
  await run.cloud.pass(24 * HOUR - 1);
  expect(run.steps()).toEqual(['askApprover 1']);
  await run.cloud.pass(1);
  expect(run.steps()).toEqual(['askApprover 1', 'askApprover 2']);
  await run.answer({ state: 'approved' });
  expect(run.steps()).toEqual(['askApprover 1', 'askApprover 2', 'tellAsker']);
  expect(await run.outcome()).toMatchObject({ status: 'SUCCEEDED' });
});

it('gives each round a token of its own: the first no longer resumes anything', async () => {
  const run = await start();
  await run.cloud.pass(24 * HOUR);
  const [first, second] = run.asked().map(({ token }) => token);
  expect(first).not.toBe(second);
});

it('expires when both are silent, and the asker is told', async () => {
  const run = await start();
  await run.cloud.pass(48 * HOUR);
  expect(run.steps()).toEqual(['askApprover 1', 'askApprover 2', 'expireApproval', 'tellAsker']);
  expect(await run.outcome()).toMatchObject({ status: 'SUCCEEDED' });
});

it('expires after the first round where there is nobody above', async () => {
  const run = await start({ input: { ...input, rounds: 1 } });
  await run.cloud.pass(24 * HOUR);
  expect(run.steps()).toEqual(['askApprover 1', 'expireApproval', 'tellAsker']);
  expect(await run.entered()).toEqual([
    'Ask the approver',
    'Is there somebody above?',
    'Note the silence',
    'Tell the asker',
  ]);
});

it('asks again when asking fails, under a new token and a whole new deadline', async () => {
  const run = await start({ answers: [{ throws: 'Error' }, { throws: 'TimeoutError' }, { gives: {} }] });
  await run.cloud.pass(HOUR);
  expect(run.steps()).toEqual(['askApprover 1', 'askApprover 1', 'askApprover 1']);
  expect(new Set(run.asked().map(({ token }) => token)).size).toBe(3);
  await run.answer({ state: 'approved' });
  expect(await run.outcome()).toMatchObject({ status: 'SUCCEEDED', output: { answer: { state: 'approved' } } });
});

it('takes an answer that comes while the asking task still works, before that fails or ends', async () => {
  const run = await start({ answers: ['hangs', { gives: {} }] });
  await run.answer({ state: 'approved' });
  expect(run.steps()).toEqual(['askApprover 1', 'tellAsker']);
  expect(await run.outcome()).toMatchObject({ status: 'SUCCEEDED' });
});

it('runs into a conflict, tries again, and tells the asker once', async () => {
  const conflict = { throws: 'Refusal', message: 'Somebody changes the same record right now' };
  const run = await start({ answers: [{ gives: {} }, { gives: {} }, conflict, { gives: {} }] });
  await run.cloud.pass(48 * HOUR);
  await run.cloud.pass(120);
  expect(run.steps()).toEqual(['askApprover 1', 'askApprover 2', 'expireApproval', 'expireApproval', 'tellAsker']);
  expect(await run.outcome()).toMatchObject({ status: 'SUCCEEDED' });
});

it('asks whom it goes up to when the first cannot be asked at all, instead of leaving the request open for ever', async () => {
  const never = Array.from({ length: 9 }, () => ({ throws: 'TemplateBroken' }));
  const run = await start({ answers: [...never, { gives: {} }] });
  await run.cloud.pass(HOUR);
  expect(run.steps()).toEqual([...never.map(() => 'askApprover 1'), 'askApprover 2']);
  await run.answer({ state: 'approved' });
  expect(await run.outcome()).toMatchObject({ status: 'SUCCEEDED' });
});

it('expires when nobody can be asked, and the asker is told', async () => {
  const never = Array.from({ length: 18 }, () => ({ throws: 'TemplateBroken' }));
  const run = await start({ answers: [...never, { gives: {} }] });
  await run.cloud.pass(2 * HOUR);
  expect(run.steps().slice(18)).toEqual(['expireApproval', 'tellAsker']);
  expect(await run.outcome()).toMatchObject({ status: 'SUCCEEDED' });
});

it('outlives hours in which no task works, and fails visibly only after them', async () => {
  const run = await start({ answers: [{ throws: 'UnknownTask' }] });
  await run.cloud.pass(2 * HOUR);
  expect(await run.outcome()).toMatchObject({ status: 'RUNNING' });
  await run.cloud.pass(8 * HOUR);
  expect(run.steps()).toHaveLength(9 + 9 + 41);
  expect(await run.outcome()).toMatchObject({ status: 'FAILED', error: 'UnknownTask' });
});

it('waits on where it was when everything is restarted in the middle, and keeps its deadline', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'approval-'));
  folders.push(folder);
  const open = () => new DatabaseSync(join(folder, 'states.db'));
  const first = await start({ db: open() });
  await first.cloud.pass(20 * HOUR);
  await first.cloud.states.stop();
  const second = await runOf('approval', { answers: [{ gives: {} }], db: open(), clock: first.cloud.clock });
  runs.push(second);
  expect(second.steps()).toEqual([]);
  await second.cloud.pass(4 * HOUR);
  expect(second.steps()).toEqual(['askApprover 2']);
  await second.answer({ state: 'refused' });
  expect(second.steps()).toEqual(['askApprover 2', 'tellAsker']);
  expect(await second.outcome()).toMatchObject({ status: 'SUCCEEDED', output: { answer: { state: 'refused' } } });
});
