import * as z from 'zod';
import { startRun } from '#shared/aws/workflows.ts';
import { commit, run, type Command, type Context } from '#shared/command.ts';
import {
  JobAdvanced,
  JobContinued,
  JobFinished,
  jobs,
  JobStarted,
  type Acting,
  type Chunk,
  type Doing,
  type Job,
  type JobKind,
} from '#shared/jobs.ts';
import { isRefusal, type Refusal } from '#shared/errors.ts';
import type { Event } from '#shared/events.ts';
import { listen, type Listener } from '#shared/listen.ts';
import { log } from '#shared/log.ts';
import { get, need } from '#shared/table/read.ts';
import { task, type Task } from '#shared/tasks.ts';

const MAX_FAULTS = 50;
/** Kept of a chunk's time for ending what was begun and noting it. */
const RESERVE_MS = 15_000;
/** A run of a workflow has 25 000 events at most; the next run takes over long before. */
const CHUNKS_A_RUN = 500;

const started = async ({ id: eventId, recordId, depth, requestId }: Event): Promise<void> => {
  const job = await get(jobs, { id: recordId });
  const because = { requestId, cause: { id: eventId, depth } };
  if (!job || isOver(job)) return;
  await startRun('job', `${job.id}-${job.run}`, because, { jobId: job.id, on: job.on, round: 0 });
};

export const jobListeners: Listener[] = [
  listen(JobStarted, 'jobs.start', async ({ event }) => started(event)),
  listen(JobContinued, 'jobs.continue', async ({ event }) => started(event)),
];

/**
 * The task "do the next chunk" of the job workflow, over all kinds of one function.
 * @throws Error when a kind belongs to another function: its jobs would be asked for there
 */
export function jobTask(kinds: readonly JobKind[], here: Job['on'] = 'tasks'): Task {
  for (const { kind, on = 'tasks' } of kinds)
    if (on !== here) throw new Error(`Jobs of the kind ${kind} are done on ${on}, not on ${here}.`);
  return task(
    'doNextChunk',
    {
      input: z.object({ jobId: z.string(), round: z.int().default(0) }),
      output: z.object({ more: z.boolean(), round: z.int() }),
    },
    async ({ input: { jobId, round }, cause, now, newId, deadline }) => {
      const job = await need(jobs, { id: jobId });
      if (isOver(job)) return { more: false, round };
      const kind = kinds.find((one) => one.kind === job.kind);
      if (!kind) throw new Error(`There is no job of the kind ${job.kind}.`);
      const context: Context = {
        now,
        by: { kind: 'robot', id: `job:${job.kind}` },
        requestId: job.id,
        cause,
        deadline,
      };
      const perform = (command: Command, acting: Acting = {}) => run(command, { ...context, ...acting });
      const { userId, keyId, input, cursor } = job;
      const doing = { jobId, userId, keyId, input, cursor, now, until: deadline - RESERVE_MS, perform, newId };
      const chunk = await chunkOf(job, kind, doing);
      if (isRefusal(chunk)) {
        await perform(ended(job.id, chunk.message, now));
        return { more: false, round };
      }
      log().info('chunk done', { job: job.id, done: chunk.done, faults: chunk.faults.length });
      const more = chunk.cursor !== undefined && job.state === 'running';
      const handOver = more && round + 1 >= CHUNKS_A_RUN;
      await perform(advanced(job, chunk, now, handOver));
      return { more: more && !handOver, round: round + 1 };
    },
  );
}

/** What the chunk did; a refusal when the job itself cannot go on, e.g. because its file cannot be read. */
async function chunkOf(job: Job, kind: JobKind, doing: Doing): Promise<Chunk | Refusal> {
  try {
    if (job.state === 'running') return await kind.chunk(doing);
    return (await kind.stop?.(doing)) ?? { done: 0, faults: [] };
  } catch (error) {
    if (isRefusal(error) && error.code !== 'conflict' && error.status < 500) return error;
    throw error;
  }
}

const isOver = ({ state }: Job): boolean => state !== 'running' && state !== 'cancelling';

/** A chunk that fails for good ends the job where it is: what was done stays done, and the job says so. */
export const failJob: Task = task(
  'failJob',
  { input: z.object({ jobId: z.string(), error: z.string() }), output: z.object({}) },
  async ({ input, now }) => ({
    command: ended(input.jobId, `It stopped: ${input.error}`, now),
    output: {},
  }),
);

const ended = (id: string, why: string, now: string): Command =>
  commit(async (read) => {
    const job = await read.need(jobs, { id });
    if (isOver(job)) return undefined;
    const faults = [...job.faults, { id, why }].slice(-MAX_FAULTS);
    const write = jobs.save(job, { state: 'failed', faults, finishedAt: now });
    return { writes: [write], events: [JobFinished.of(write, { done: job.done, failed: job.failed })] };
  });

/** Notes a chunk, unless it was noted already by a run that lost its answer. */
const advanced = (before: Job, chunk: Chunk, now: string, handOver: boolean) =>
  commit(async (read) => {
    const job = await read.need(jobs, { id: before.id });
    if (job.chunks !== before.chunks || isOver(job)) return undefined;
    const stopped = before.state === 'cancelling';
    const ended = chunk.cursor === undefined || stopped;
    const { done, failed, ...counted } = added(job, chunk, ended && !stopped);
    const write = jobs.save(job, {
      ...counted,
      done,
      failed,
      // Of a job that was stopped the place stays, to show how far it came.
      cursor: stopped ? job.cursor : chunk.cursor,
      chunks: job.chunks + 1,
      run: handOver ? job.run + 1 : job.run,
      ...(ended && { state: stopped ? 'cancelled' : 'done', finishedAt: now }),
    });
    const progress = ended ? JobFinished.of(write, { done, failed }) : JobAdvanced.of(write, { done, failed });
    return { writes: [write], events: [progress, ...(handOver ? [JobContinued.of(write, { run: job.run + 1 })] : [])] };
  });

function added(job: Job, chunk: Chunk, whole: boolean) {
  const done = job.done + chunk.done;
  const failed = job.failed + (chunk.failed ?? chunk.faults.length);
  const total = chunk.total ?? job.total;
  return {
    done,
    failed,
    total,
    progress: whole ? 100 : total ? Math.min(99, Math.floor(((done + failed) * 100) / total)) : job.progress,
    created: job.created + (chunk.created ?? 0),
    changed: job.changed + (chunk.changed ?? 0),
    skipped: job.skipped + (chunk.skipped ?? 0),
    faults: [...job.faults, ...chunk.faults].slice(0, MAX_FAULTS),
    ...(chunk.output && { output: { ...job.output, ...chunk.output } }),
  };
}
