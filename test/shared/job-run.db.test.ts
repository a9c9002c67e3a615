import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { commit, run } from '#shared/command.ts';
import { asEvent, events } from '#shared/events.ts';
import { jobListeners, jobTask } from '#shared/job-run.ts';
import { jobs, startJob, type Chunk, type JobKind } from '#shared/jobs.ts';
import { hears } from '#shared/listen.ts';
import { list, need } from '#shared/table/read.ts';
import { performs } from '#shared/tasks.ts';
import { context, freshId, NOW } from '#test/support/note.ts';
import { freshTable } from '#test/support/table.ts';

process.env['POWERTOOLS_LOG_LEVEL'] = 'SILENT';
const workflows = mockClient(SFNClient);
beforeAll(async () => {
  await freshTable();
  process.env['WORKFLOW_JOB'] = 'arn:job';
});
beforeEach(() => {
  workflows.reset();
  workflows.on(StartExecutionCommand).resolves({});
});

const lambda = { getRemainingTimeInMillis: () => 30_000 };
async function aJob(input: Record<string, unknown> = {}): Promise<string> {
  const id = `job_${freshId()}`;
  const { write, event } = startJob('counting', input, { id, userId: 'user_1', now: NOW });
  await run(
    commit(async () => ({ writes: [write], events: [event] })),
    context(),
  );
  return id;
}
/** A kind of job whose chunks are given; says which cursors it was asked to go on from. */
function counting(...chunks: (Chunk | Error)[]) {
  const cursors: (string | undefined)[] = [];
  const kind: JobKind = {
    kind: 'counting',
    async chunk({ cursor }) {
      cursors.push(cursor);
      const next = chunks[cursors.length - 1];
      if (next === undefined || next instanceof Error) throw next ?? new Error('no more chunks');
      return next;
    },
  };
  const handler = performs([jobTask([kind])]);
  const next = async (jobId: string, round: number) =>
    handler({ task: 'doNextChunk', requestId: jobId, input: { jobId, round } }, lambda);
  return { next, cursors };
}
const eventsOf = async (recordId: string) =>
  (await list(events, 'item', { recordId }, { consistent: true })).items.map(asEvent);

describe('a job', () => {
  it('adds up its chunks, goes on from where the last one ended, and is done with the last', async () => {
    const id = await aJob();
    const { next, cursors } = counting(
      { done: 2, faults: [], cursor: 'a' },
      { done: 1, faults: [{ id: 'x', why: 'no' }] },
    );
    expect(await next(id, 0)).toEqual({ more: true, round: 1 });
    expect(await need(jobs, { id })).toMatchObject({ state: 'running', done: 2, failed: 0, cursor: 'a' });
    expect(await next(id, 1)).toEqual({ more: false, round: 2 });
    expect(await need(jobs, { id })).toMatchObject({
      state: 'done',
      done: 3,
      failed: 1,
      faults: [{ id: 'x', why: 'no' }],
      run: 1,
      finishedAt: expect.any(String),
    });
    expect(cursors).toEqual([undefined, 'a']);
    expect((await eventsOf(id)).map(({ type }) => type)).toEqual(['job.started', 'job.advanced', 'job.finished']);
  });

  it('notes nothing of a chunk that failed, and does the same chunk again', async () => {
    const id = await aJob();
    const { next, cursors } = counting(new Error('the table is away'), { done: 1, faults: [] });
    await expect(next(id, 0)).rejects.toThrow('the table is away');
    expect(await need(jobs, { id })).toMatchObject({ state: 'running', done: 0, version: 1 });
    expect(await next(id, 0)).toEqual({ more: false, round: 1 });
    expect(cursors).toEqual([undefined, undefined]);
  });

  it('counts a chunk once that two runs did at the same time', async () => {
    const id = await aJob();
    const { next } = counting({ done: 5, faults: [], cursor: 'a' }, { done: 5, faults: [], cursor: 'a' });
    await Promise.all([next(id, 0), next(id, 0)]);
    expect(await need(jobs, { id })).toMatchObject({ done: 5, version: 2 });
  });

  it('keeps the first fifty faults and counts them all', async () => {
    const id = await aJob();
    const faults = (from: number) => Array.from({ length: 40 }, (_, at) => ({ id: `${from + at}`, why: 'no' }));
    const { next } = counting({ done: 0, faults: faults(0), cursor: 'a' }, { done: 0, faults: faults(40) });
    await next(id, 0);
    await next(id, 1);
    const job = await need(jobs, { id });
    expect([job.failed, job.faults.length, job.faults.at(-1)?.id]).toEqual([80, 50, '49']);
  });

  it('does nothing once it is done, however often a run asks', async () => {
    const id = await aJob();
    const { next, cursors } = counting({ done: 1, faults: [] });
    await next(id, 0);
    expect(await next(id, 7)).toEqual({ more: false, round: 7 });
    expect(cursors).toHaveLength(1);
  });

  it('is done where its kind says, and no function takes kinds of another', async () => {
    const heavy: JobKind = { kind: 'heavy', on: 'imports', chunk: async () => ({ done: 0, faults: [] }) };
    expect(() => jobTask([heavy])).toThrow('Jobs of the kind heavy are done on imports, not on tasks.');
    expect(jobTask([heavy], 'imports').name).toBe('doNextChunk');
    const { write } = startJob(heavy, {}, { id: 'job_heavy', userId: 'user_1', now: '2026-01-01T00:00:00Z' });
    expect(write.after).toMatchObject({ kind: 'heavy', on: 'imports' });
  });

  it('says which kind there is none of', async () => {
    const id = await aJob();
    const handler = performs([jobTask([])]);
    const asked = { task: 'doNextChunk', input: { jobId: id } };
    await expect(handler(asked, lambda)).rejects.toThrow('There is no job of the kind counting.');
    await expect(handler({ ...asked, task: 'doLastChunk' }, lambda)).rejects.toThrow('There is no task doLastChunk');
  });
});

describe('a long job', () => {
  it('is handed over to another run after five hundred chunks, in one step with its progress', async () => {
    const id = await aJob();
    const { next } = counting({ done: 1, faults: [], cursor: 'a' }, { done: 1, faults: [], cursor: 'b' });
    expect(await next(id, 498)).toEqual({ more: true, round: 499 });
    expect(await next(id, 499)).toEqual({ more: false, round: 500 });
    expect(await need(jobs, { id })).toMatchObject({ state: 'running', run: 2, cursor: 'b', done: 2 });
    const told = (await eventsOf(id)).slice(2);
    expect(told.map(({ type, data }) => [type, data])).toEqual([
      ['job.advanced', { done: 2, failed: 0 }],
      ['job.continued', { run: 2 }],
    ]);
    await hears(jobListeners)({ detail: told[1] }, lambda);
    expect(workflows.commandCalls(StartExecutionCommand).map(({ args }) => args[0].input)).toEqual([
      {
        stateMachineArn: 'arn:job',
        name: `${id}-2`,
        input: JSON.stringify({
          jobId: id,
          on: 'tasks',
          round: 0,
          requestId: told[1]?.requestId,
          cause: { id: told[1]?.id, depth: 0 },
        }),
      },
    ]);
  });

  it('is not handed over when its five hundredth chunk is the last', async () => {
    const id = await aJob();
    const { next } = counting({ done: 1, faults: [] });
    await next(id, 499);
    expect(await need(jobs, { id })).toMatchObject({ state: 'done', run: 1 });
  });
});

describe('the start of a job', () => {
  it('is one run however often it is told, and none when the job is done', async () => {
    workflows
      .on(StartExecutionCommand)
      .resolvesOnce({})
      .rejects(new ExecutionAlreadyExists({ message: 'there', $metadata: {} }));
    const id = await aJob();
    const [started] = await eventsOf(id);
    await hears(jobListeners)({ detail: started }, lambda);
    await hears(jobListeners)({ detail: started }, lambda);
    expect(workflows.commandCalls(StartExecutionCommand).map(({ args }) => args[0].input.name)).toEqual([
      `${id}-1`,
      `${id}-1`,
    ]);
    await counting({ done: 1, faults: [] }).next(id, 0);
    await hears(jobListeners)({ detail: started }, lambda);
    expect(workflows.commandCalls(StartExecutionCommand)).toHaveLength(2);
  });

  it('fails, so that the event is delivered again, when it could not be started', async () => {
    workflows.on(StartExecutionCommand).rejects(new Error('no states'));
    const [started] = await eventsOf(await aJob());
    await expect(hears(jobListeners)({ detail: started }, lambda)).rejects.toThrow('1 listeners of job.started failed');
  });
});
