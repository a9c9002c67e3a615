import * as z from 'zod';
import type { Command } from '#shared/command.ts';
import { eventType } from '#shared/events.ts';
import { entity } from '#shared/table/entity.ts';
import type { Write } from '#shared/table/write.ts';

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
