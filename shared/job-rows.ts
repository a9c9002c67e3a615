import * as z from 'zod';
import { commit, type Decision } from '#shared/command.ts';
import { isRefusal, textOf, type Locale, type Refusal } from '#shared/errors.ts';
import type { Acting, Chunk, Counts, Doing } from '#shared/jobs.ts';
import { entity } from '#shared/table/entity.ts';
import { getMany, type Read } from '#shared/table/read.ts';
import { putOnce } from '#shared/table/put-once.ts';
import { transact } from '#shared/table/transact.ts';
import { putItem } from '#shared/table/write.ts';
import { systemNow } from '#shared/time.ts';

export const RowResult = z.enum(['created', 'changed', 'skipped', 'failed']);

/**
 * What a job did in one of its steps: written in the transaction of the step itself, so a step is done once however often it
 * is tried, and the job can be taken back step by step.
 */
export const JobRow = z.object({
  jobId: z.string(),
  /** Seven digits. */
  n: z.string(),
  result: RowResult,
  recordId: z.string().optional(),
  /** The kind of that record. */
  of: z.string().optional(),
  /** Why it failed, or was left as it is. */
  why: z.string().optional(),
  /** The version of the record after it: a later one was changed by somebody else. */
  recordVersion: z.int().optional(),
  /** The changed fields as they were, in wire form; null where there was nothing. */
  before: z.record(z.string(), z.unknown()).optional().meta({ personal: true }),
  at: z.string(),
});
export type JobRow = z.output<typeof JobRow>;
export const jobRows = entity('jobRow', JobRow, { recordId: ({ jobId, n }) => `${jobId}.${n}` });

export const rowNumber = (n: number): string => String(n).padStart(7, '0');

/** What a step came to. `decision` is what is written; the row goes with it. */
export type RowDone = Pick<JobRow, 'result' | 'recordId' | 'of' | 'why' | 'before' | 'recordVersion'> & {
  decision?: Decision;
};

/**
 * One step of a job. `n` counts from 1 and never means another step. Steps of one `lane` (e.g. rows about one record) are done
 * in their order, others beside each other. `decide` may refuse: then the row says why and what it is `about`, and the job goes on.
 */
export type Step = {
  n: number;
  lane?: string | undefined;
  decide(read: Read): Promise<RowDone>;
  about?: Pick<JobRow, 'recordId' | 'of'>;
};

type Options = Acting & { locale?: Locale };
type Done = Required<Pick<Chunk, 'done' | 'failed' | 'faults'>> & Counts;
/** Steps done at the same time. */
const ABREAST = 8;

/**
 * Does each step exactly once, as far as the time of the chunk goes, and counts what they came to. `next` is the number of
 * the first step there was no time for; steps after it that are done already are counted when the next chunk meets them.
 */
export async function doSteps(
  doing: Doing,
  steps: readonly Step[],
  options: Options = {},
): Promise<Done & { next: number | undefined }> {
  const rows = await rowsOf(
    doing.jobId,
    steps.map(({ n }) => n),
  );
  const open = steps.filter(({ n }) => !rows.has(n));
  const lanes = [...Map.groupBy(open, ({ n, lane }) => lane ?? `#${n}`).values()];
  const unwritten: JobRow[] = [];
  const work = async (): Promise<void> => {
    for (let lane = lanes.shift(); lane; lane = lanes.shift()) {
      for (const step of lane) {
        if (systemNow() >= doing.until) return;
        const { row, written } = await doStep(doing, step, options);
        rows.set(step.n, row);
        if (!written) unwritten.push(row);
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: ABREAST }, work));
  await putRows(unwritten);
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
  return counted(steps, rows);
}

/** Counts the steps a chunk that broke off has done, and begins none: the last chunk of a job that was stopped. */
export async function countSteps(doing: Doing, numbers: readonly number[]): Promise<Done> {
  const rows = await rowsOf(doing.jobId, numbers);
  return totals([...rows.values()]);
}

async function rowsOf(jobId: string, numbers: readonly number[]): Promise<Map<number, JobRow>> {
  const keys = numbers.map((n) => ({ jobId, n: rowNumber(n) }));
  return new Map((await getMany(jobRows, keys)).map((row) => [Number(row.n), row]));
}

/** A refusal of the step itself; a race that never ended or a busy table is none: the chunk is tried again. */
const isAnswer = (error: unknown): error is Refusal =>
  isRefusal(error) && error.code !== 'conflict' && error.status < 500;

async function doStep(doing: Doing, step: Step, { locale = 'en', ...acting }: Options) {
  const place = { jobId: doing.jobId, n: rowNumber(step.n) };
  let made: JobRow = { ...place, result: 'skipped', at: doing.now };
  let written = false;
  let again = false;
  const command = commit(async (read) => {
    // Only a lost race or a lost answer may find the row there: the first try saves the read.
    const there = again ? await read.get(jobRows, place) : undefined;
    again = true;
    written = there !== undefined;
    if (there) made = there;
    if (there) return undefined;
    const { decision, ...done } = await step.decide(read);
    made = { ...place, ...done, at: doing.now };
    written = decision !== undefined;
    return decision && { ...decision, writes: [...(decision.writes ?? []), jobRows.create(made)] };
  });
  try {
    await doing.perform(command, acting);
  } catch (error) {
    if (!isAnswer(error)) throw error;
    return {
      row: { ...place, ...step.about, result: 'failed', why: whyOf(error, locale), at: doing.now } satisfies JobRow,
      written: false,
    };
  }
  return { row: made, written };
}

/** What a refusal says, with every fault and where it is, in one line. */
const whyOf = ({ code, values, errors }: Refusal, locale: Locale): string =>
  [
    textOf(code, values, locale),
    ...errors.map(({ pointer, detail }) => `${pointer.replace(/^\/body\//, '')}: ${detail}`),
  ].join(' ');

/** Rows of steps that wrote nothing, so many in one transaction; one that another run put meanwhile stands. */
async function putRows(rows: readonly JobRow[]): Promise<void> {
  for (let at = 0; at < rows.length; at += 100) {
    const writes = rows.slice(at, at + 100).map((row) => jobRows.create(row));
    if ((await transact(writes.map(({ put }) => putItem(put)))) === 'done') continue;
    for (const write of writes) await putOnce(write);
  }
}

function counted(steps: readonly Step[], rows: ReadonlyMap<number, JobRow>): Done & { next: number | undefined } {
  const first = steps.findIndex(({ n }) => !rows.has(n));
  const met = first === -1 ? steps : steps.slice(0, first);
  return { ...totals(met.flatMap(({ n }) => rows.get(n) ?? [])), next: steps[first]?.n };
}

const MAX_FAULTS = 50;

function totals(rows: readonly JobRow[]): Done {
  const of = (result: JobRow['result']) => rows.filter((row) => row.result === result);
  const failed = of('failed');
  return {
    done: rows.length - failed.length,
    failed: failed.length,
    created: of('created').length,
    changed: of('changed').length,
    skipped: of('skipped').length,
    faults: failed
      .slice(0, MAX_FAULTS)
      .map(({ n, recordId, why = '' }) => ({ id: recordId ?? String(Number(n)), why })),
  };
}
