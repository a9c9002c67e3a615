import * as z from 'zod';
import { ownerAsked } from '#functions/auth/rights.ts';
import { UNDO } from './job-name.ts';
import { presignedDownload } from '#shared/aws/files.ts';
import { commit } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { route } from '#shared/http/route.ts';
import { Paged, PageQuery, pageOf } from '#shared/http/page.ts';
import { Id } from '#shared/id.ts';
import { JobRow, jobRows, RowResult } from '#shared/job-rows.ts';
import { Job, JobCancelled, jobs, JobUndone, startJob } from '#shared/jobs.ts';
import { list, listWhole } from '#shared/table/read.ts';

/** A step as people see it: old values stay inside. */
const Row = JobRow.omit({ before: true });

const isOver = ({ state }: Job): boolean => state !== 'running' && state !== 'cancelling';

/** Whether there is anything to take back, and nobody did. @throws 409 with the reason */
function mustBeUndoable(job: Job): void {
  const not = (why: string) => refuse('wrong_state', { what: 'The job', state: job.state, why });
  if (!isOver(job)) throw not('wait until it has ended, or cancel it first');
  if (job.undoneBy !== undefined) throw not(`it is taken back by ${job.undoneBy} already`);
  if (job.input['dryRun'] === true || job.created + job.changed === 0) throw not('it changed nothing');
}

/** As the file that was sent was called, or the list that was exported. */
function nameOf({ input }: Job, key: string): string {
  const name = key.slice(key.lastIndexOf('/') + 1);
  const given = input['name'] ?? input['list'];
  return typeof given === 'string' ? `${given.replace(/\.\w+$/, '')}-${name}` : name;
}

export const jobRoutes = [
  route(
    'GET /jobs/{id}',
    {
      summary: 'How far long work has come, and what went wrong in it',
      rights: 'job.read',
      of: jobs,
      returns: Job,
    },
    async ({ record }) => record,
  ),

  route(
    'GET /jobs',
    {
      summary: 'Long work, the newest first: kind, who, progress. Mine unless said',
      rights: 'job.read',
      query: z.object({ user: Id('user').optional(), ...PageQuery.shape }),
      returns: Paged(Job),
    },
    async ({ query, user }) => {
      const userId = ownerAsked(user, 'job.read', query.user);
      return listWhole(jobs, 'gsi2', { userId }, { ...pageOf(query), descending: true });
    },
  ),

  route(
    'GET /jobs/{id}/rows',
    {
      summary: 'What became of each row of an import, each record of a bulk action: all, or those of one result',
      rights: 'job.read',
      of: jobs,
      query: z.object({ result: RowResult.optional(), ...PageQuery.shape }),
      returns: Paged(Row),
    },
    async ({ query, record: { id: jobId } }) =>
      query.result === undefined
        ? list(jobRows, 'item', { jobId }, pageOf(query))
        : listWhole(jobRows, 'gsi3', { jobId, result: query.result }, pageOf(query)),
  ),

  route(
    'GET /jobs/{id}/files/{what}',
    {
      summary:
        'Where a file that a job made is fetched within a quarter of an hour: `failed`, the refused rows of an import with the reason; `result`, what an export wrote',
      rights: 'job.read',
      of: jobs,
      returns: z.object({ url: z.string(), name: z.string() }),
    },
    async ({ params, record }) => {
      const key = record.output?.[params.what];
      if (!['failed', 'result'].includes(params.what) || typeof key !== 'string')
        throw refuse('not_found', { what: 'file', id: params.what });
      const name = nameOf(record, key);
      return { url: await presignedDownload(key, name), name };
    },
  ),

  route(
    'POST /jobs/{id}/cancel',
    {
      summary: 'Stops long work after the rows it is at; what it did stays, and can be undone',
      rights: 'job.change',
      of: jobs,
      returns: Job,
      status: 202,
    },
    async ({ params }) =>
      commit(async (read) => {
        const job = await read.need(jobs, { id: params.id });
        if (job.state === 'cancelling') return { answer: jobs.asIs(job), status: 202 };
        if (isOver(job)) throw refuse('wrong_state', { what: 'The job', state: job.state, why: 'it has ended' });
        const write = jobs.save(job, { state: 'cancelling' });
        return { writes: [write], events: [JobCancelled.of(write, {})], answer: write, status: 202 };
      }),
  ),

  route(
    'POST /jobs/{id}/undo',
    {
      summary:
        'Takes back what a job did, as a job: what it made is put away, what it changed gets its old values; a record changed since stays, and its row says so',
      rights: 'job.change',
      of: jobs,
      returns: Job,
      status: 202,
    },
    async ({ params, user, now, newId }) => {
      const by = { id: newId('job'), userId: user.id, keyId: user.key?.id, now };
      return commit(async (read) => {
        const job = await read.need(jobs, { id: params.id });
        mustBeUndoable(job);
        const { write, event } = startJob(UNDO, { jobId: job.id }, by);
        const undone = jobs.save(job, { undoneBy: by.id });
        return {
          writes: [write, undone],
          events: [event, JobUndone.of(undone, { undoneBy: by.id })],
          answer: write,
          status: 202,
        };
      });
    },
  ),
];
