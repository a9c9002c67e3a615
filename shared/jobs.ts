import * as z from 'zod';
import type { Command, Outcome } from '#shared/command.ts';
import { eventType, type Actor } from '#shared/events.ts';
import { entity } from '#shared/table/entity.ts';
import type { Write } from '#shared/table/write.ts';

/** Long work: done chunk by chunk by one workflow, with progress anybody may look at. */
export const Job = z.object({
  id: z.string(),
  version: z.int(),
  kind: z.string(),
  /** `cancelling`: the present chunk ends first. */
  state: z.enum(['running', 'cancelling', 'cancelled', 'done', 'failed']),
  input: z.record(z.string(), z.unknown()),
  userId: z.string(),
  /** The key by which another system started it in his name: the job may what both may. */
  keyId: z.string().optional(),
  /** How many there are to do, once that is known; then `progress` is in percent. */
  total: z.int().optional(),
  progress: z.int().default(0),
  done: z.int(),
  failed: z.int(),
  /** Of those done, what became of them; the rows of the job say which (shared/job-rows.ts). */
  created: z.int().default(0),
  changed: z.int().default(0),
  skipped: z.int().default(0),
  /** What went wrong with which record; the first fifty. */
  faults: z.array(z.object({ id: z.string(), why: z.string() })),
  cursor: z.string().optional(),
  /** How many chunks were noted: a chunk that was noted by another run is not noted again. */
  chunks: z.int().default(0),
  /** What it made beside records, e.g. the key of a file. */
  output: z.record(z.string(), z.unknown()).optional(),
  /** The job that takes this one back. */
  undoneBy: z.string().optional(),
  /** Which function does its chunks. */
  on: z.enum(['tasks', 'imports']).default('tasks'),
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
export const JobCancelled = eventType('job.cancelled', {});
export const JobUndone = eventType('job.undone', { undoneBy: z.string() });
export const JobFinished = eventType('job.finished', { done: z.int(), failed: z.int() });

/** How many of what a chunk did came to what. */
export type Counts = { created: number; changed: number; skipped: number };

/**
 * What one chunk did. No cursor: it was the last. A chunk may be done twice, so it must find its own traces.
 * `failed` where there are more than the `faults` shown; `total` and `output` once they are known.
 */
export type Chunk = Partial<Counts> & {
  done: number;
  failed?: number;
  faults: Job['faults'];
  cursor?: string | undefined;
  total?: number;
  output?: Record<string, unknown>;
};

/** How a job acts: in whose name (its own unless said), and whether what listens to events may write letters or start routes. */
export type Acting = { by?: Actor; quiet?: boolean; forget?: boolean };
export type Doing = {
  jobId: string;
  userId: string;
  keyId?: string | undefined;
  input: Job['input'];
  cursor: string | undefined;
  now: string;
  /** Until when more may be begun, epoch ms. */
  until: number;
  perform(command: Command, acting?: Acting): Promise<Outcome>;
  newId(prefix: string): string;
};
/** What must be known to start a job; the kind itself adds what it does. */
export type JobName = {
  kind: string;
  /** `imports` has 2 GB and five minutes for a chunk; `tasks`, unless said, 1 GB and one minute. */
  on?: Job['on'];
};
export type JobKind = JobName & {
  chunk(doing: Doing): Promise<Chunk>;
  /** The last chunk of a job somebody stopped: counts what a chunk that broke off has done, and begins nothing. */
  stop?(doing: Doing): Promise<Chunk>;
};

/** The write that starts a job, with its event. */
export function startJob(
  named: string | JobName,
  input: Job['input'],
  by: { id: string; userId: string; keyId?: string | undefined; now: string },
): { write: Write; event: ReturnType<typeof JobStarted.of> } {
  const { kind, on = 'tasks' }: JobName = typeof named === 'string' ? { kind: named } : named;
  const write = jobs.create({
    id: by.id,
    version: 1,
    kind,
    state: 'running',
    input,
    userId: by.userId,
    ...(by.keyId !== undefined && { keyId: by.keyId }),
    progress: 0,
    done: 0,
    failed: 0,
    created: 0,
    changed: 0,
    skipped: 0,
    chunks: 0,
    faults: [],
    on,
    run: 1,
    startedAt: by.now,
  });
  return { write, event: JobStarted.of(write, { kind }) };
}
