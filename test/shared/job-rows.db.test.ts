import { beforeAll, describe, expect, it } from 'vitest';
import { run } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { doSteps, countSteps, jobRows, rowNumber, type RowDone, type Step } from '#shared/job-rows.ts';
import type { Doing } from '#shared/jobs.ts';
import { newId } from '#shared/id.ts';
import { list, need } from '#shared/table/read.ts';
import { systemNow } from '#shared/time.ts';
import { aNote, context, freshId, NoteChanged, NoteMade, notes, NOW } from '#test/support/note.ts';
import { freshTable } from '#test/support/table.ts';

beforeAll(async () => {
  await freshTable();
});

const aJob = (change: Partial<Doing> = {}): Doing => ({
  jobId: `job_${freshId()}`,
  userId: 'user_1',
  input: {},
  cursor: undefined,
  now: NOW,
  until: systemNow() + 20_000,
  perform: (command, acting = {}) => run(command, { ...context(), ...acting }),
  newId: (prefix) => newId(prefix, systemNow()),
  ...change,
});
const made = (): RowDone => {
  const write = notes.create(aNote());
  return {
    result: 'created',
    recordId: write.recordId,
    decision: { writes: [write], events: [NoteMade.of(write, {})] },
  };
};
const making = (count: number): Step[] =>
  Array.from({ length: count }, (_, at) => ({ n: at + 1, decide: async () => made() }));
const rowsOf = async (jobId: string) =>
  (await list(jobRows, 'item', { jobId }, { limit: 1000, consistent: true })).items;
/** Adds a sign to a note, so that one step done twice is seen. */
const adding = (id: string, n: number, lane?: string): Step => ({
  n,
  lane,
  async decide(read) {
    const note = await read.need(notes, { id });
    const write = notes.save(note, { text: `${note.text}${n}` });
    return { result: 'changed', recordId: id, decision: { writes: [write], events: [NoteChanged.of(write, {})] } };
  },
});
async function aStoredNote(): Promise<string> {
  const write = notes.create(aNote({ text: '' }));
  const doing = aJob();
  await doSteps(doing, [
    {
      n: 1,
      decide: async () => ({ result: 'created', decision: { writes: [write], events: [NoteMade.of(write, {})] } }),
    },
  ]);
  return write.recordId;
}

describe('the steps of a job', () => {
  it('are done and counted, each with its row; those that are refused say why and what they are about', async () => {
    const doing = aJob();
    const steps: Step[] = [
      ...making(2),
      { n: 3, decide: async () => ({ result: 'skipped', recordId: 'x' }) },
      {
        n: 4,
        about: { recordId: 'lead_9', of: 'lead' },
        decide: () => Promise.reject(refuse('not_found', { what: 'lead', id: '9' })),
      },
    ];
    expect(await doSteps(doing, steps, { locale: 'ru' })).toEqual({
      done: 3,
      failed: 1,
      created: 2,
      changed: 0,
      skipped: 1,
      faults: [{ id: 'lead_9', why: 'Не найдено: lead 9.' }],
      next: undefined,
    });
    expect((await rowsOf(doing.jobId)).map(({ n, result, why }) => [n, result, why])).toEqual([
      ['0000001', 'created', undefined],
      ['0000002', 'created', undefined],
      ['0000003', 'skipped', undefined],
      ['0000004', 'failed', 'Не найдено: lead 9.'],
    ]);
  });

  it('are done once when the chunk is done again, and are counted the same', async () => {
    const doing = aJob();
    const id = await aStoredNote();
    const steps = [adding(id, 1, id), adding(id, 2, id)];
    const first = await doSteps(doing, steps);
    expect(await doSteps(doing, steps)).toEqual(first);
    expect(await need(notes, { id })).toMatchObject({ text: '12', version: 3 });
  });

  it('are done once when two runs do the same chunk at the same time', async () => {
    const doing = aJob();
    const ids = await Promise.all(Array.from({ length: 6 }, aStoredNote));
    const steps = ids.map((id, at) => adding(id, at + 1));
    const both = await Promise.all([doSteps(doing, steps), doSteps(doing, steps)]);
    expect(both.map(({ changed, failed }) => [changed, failed])).toEqual([
      [6, 0],
      [6, 0],
    ]);
    for (const [at, id] of ids.entries())
      expect(await need(notes, { id })).toMatchObject({ text: String(at + 1), version: 2 });
  });

  it('go on where a chunk broke off: what was done stays done', async () => {
    const doing = aJob();
    const id = await aStoredNote();
    const broken: Step = { n: 3, lane: id, decide: () => Promise.reject(new Error('killed')) };
    await expect(doSteps(doing, [adding(id, 1, id), adding(id, 2, id), broken])).rejects.toThrow('killed');
    expect(await countSteps(doing, [1, 2, 3])).toMatchObject({ done: 2, changed: 2, failed: 0 });
    expect(await doSteps(doing, [adding(id, 1, id), adding(id, 2, id), adding(id, 3, id)])).toMatchObject({
      changed: 3,
    });
    expect(await need(notes, { id })).toMatchObject({ text: '123' });
  });

  it('of one lane are done in their order', async () => {
    const id = await aStoredNote();
    await doSteps(
      aJob(),
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => adding(id, n, id)),
    );
    expect(await need(notes, { id })).toMatchObject({ text: '123456789', version: 10 });
  });

  it('stop when the time of the chunk is over, and the next one begins with the first that is left', async () => {
    const doing = aJob({ until: systemNow() - 1 });
    expect(await doSteps(doing, making(3))).toMatchObject({ done: 0, next: 1 });
    expect(await rowsOf(doing.jobId)).toEqual([]);
  });

  it('that wrote nothing are kept too, hundreds at a time', async () => {
    const doing = aJob();
    const steps = Array.from({ length: 230 }, (_, at): Step => ({
      n: at + 1,
      decide: async () => ({ result: 'skipped' }),
    }));
    expect(await doSteps(doing, steps)).toMatchObject({ skipped: 230 });
    expect(await need(jobRows, { jobId: doing.jobId, n: rowNumber(230) })).toMatchObject({ result: 'skipped' });
    expect(await rowsOf(doing.jobId)).toHaveLength(230);
  });

  it('leave the chunk to be tried again when the table is too busy: that is no answer to the step', async () => {
    const doing = aJob();
    await expect(doSteps(doing, [{ n: 1, decide: () => Promise.reject(refuse('busy')) }])).rejects.toThrow(
      'The system is busy',
    );
    expect(await rowsOf(doing.jobId)).toEqual([]);
  });
});
