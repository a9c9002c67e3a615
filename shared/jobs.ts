import * as z from 'zod';
import { commit, run, type Command, type Context } from '#shared/command.ts';
import { eventType } from '#shared/events.ts';
import { listen, type Listener } from '#shared/listen.ts';
import { log } from '#shared/log.ts';
import { entity } from '#shared/table/entity.ts';
import { get, need } from '#shared/table/read.ts';
import type { Write } from '#shared/table/write.ts';
import { task, type Task } from '#shared/tasks.ts';
import { startRun } from '#shared/aws/workflows.ts';
import { systemNow } from '#shared/time.ts';

/** Long work: done chunk by chunk by one workflow, with progress anybody may look at. */
export const Job = z.object({
  id: z.string(),
  version: z.int(),
  kind: z.string(),
  state: z.enum(['running', 'done', 'failed']),
  input: z.record(z.string(), z.unknown()),
  userId: z.string(),
  done: z.int(),
  failed: z.int(),
  /** What went wrong with which record; the first fifty. */
  faults: z.array(z.object({ id: z.string(), why: z.string() })),
  cursor: z.string().optional(),
  /** Which run of the workflow does it: a long job outlives one. */
  run: z.int(),
  startedAt: z.string(),
  finishedAt: z.string().optional(),
});
export type Job = z.output<typeof Job>;
export const jobs = entity('job', Job, { part: 'R' });

export const JobStarted = eventType('job.started', { kind: z.string() });
export const JobContinued = eventType('job.continued', { run: z.int() });
export const JobAdvanced = eventType('job.advanced', { done: z.int(), failed: z.int() });
export const JobFinished = eventType('job.finished', { done: z.int(), failed: z.int() });

/** What one chunk did. No cursor: it was the last. A chunk may be done twice, so it must find its own traces. */
export type Chunk = { done: number; faults: Job['faults']; cursor?: string | undefined };
type Doing = {
  input: Job['input'];
  cursor: string | undefined;
  now: string;
  perform(command: Command): Promise<unknown>;
  newId(prefix: string): string;
};
export type JobKind = { kind: string; chunk(doing: Doing): Promise<Chunk> };

const MAX_FAULTS = 50;
/** A run of a workflow has 25 000 events at most; the next run takes over long before. */
const CHUNKS_A_RUN = 500;

/** The write that starts a job, with its event. */
export function startJob(
  kind: string,
  input: Job['input'],
  by: { id: string; userId: string; now: string },
): { write: Write; event: ReturnType<typeof JobStarted.of> } {
  const write = jobs.create({
    id: by.id,
    version: 1,
    kind,
    state: 'running',
    input,
    userId: by.userId,
    done: 0,
    failed: 0,
    faults: [],
    run: 1,
    startedAt: by.now,
  });
  return { write, event: JobStarted.of(write, { kind }) };
}

const started = async (id: string): Promise<void> => {
  const job = await get(jobs, { id });
  if (job?.state === 'running')
    await startRun('job', `${job.id}-${job.run}`, { jobId: job.id, requestId: job.id, round: 0 });
};

export const jobListeners: Listener[] = [
  listen(JobStarted, 'jobs.start', async ({ event }) => started(event.recordId)),
  listen(JobContinued, 'jobs.continue', async ({ event }) => started(event.recordId)),
];

/** The task "do the next chunk" of the job workflow, over all kinds there are. */
export function jobTask(kinds: readonly JobKind[]): Task {
  return task(
    'doNextChunk',
    {
      input: z.object({ jobId: z.string(), round: z.int().default(0) }),
      output: z.object({ more: z.boolean(), round: z.int() }),
    },
    async ({ input: { jobId, round }, now, newId }) => {
      const job = await need(jobs, { id: jobId });
      if (job.state !== 'running') return { more: false, round };
      const kind = kinds.find((one) => one.kind === job.kind);
      if (!kind) throw new Error(`There is no job of the kind ${job.kind}.`);
      const context: Context = {
        now,
        by: { kind: 'robot', id: `job:${job.kind}` },
        requestId: job.id,
        deadline: systemNow() + 40_000,
      };
      const perform = (command: Command) => run(command, context);
      const chunk = await kind.chunk({ input: job.input, cursor: job.cursor, now, perform, newId });
      log().info('chunk done', { job: job.id, done: chunk.done, faults: chunk.faults.length });
      const handOver = chunk.cursor !== undefined && round + 1 >= CHUNKS_A_RUN;
      await perform(advanced(job, chunk, now, handOver));
      return { more: chunk.cursor !== undefined && !handOver, round: round + 1 };
    },
  );
}

/** Notes a chunk, unless it was noted already by a run that lost its answer. */
const advanced = (before: Job, chunk: Chunk, now: string, handOver: boolean) =>
  commit(async (read) => {
    const job = await read.need(jobs, { id: before.id });
    if (job.version !== before.version) return undefined;
    const done = job.done + chunk.done;
    const failed = job.failed + chunk.faults.length;
    const faults = [...job.faults, ...chunk.faults].slice(0, MAX_FAULTS);
    const finished = chunk.cursor === undefined ? { state: 'done' as const, finishedAt: now } : {};
    const write = jobs.save(job, {
      done,
      failed,
      faults,
      cursor: chunk.cursor,
      run: handOver ? job.run + 1 : job.run,
      ...finished,
    });
    const progress =
      chunk.cursor === undefined ? JobFinished.of(write, { done, failed }) : JobAdvanced.of(write, { done, failed });
    return { writes: [write], events: [progress, ...(handOver ? [JobContinued.of(write, { run: job.run + 1 })] : [])] };
  });
