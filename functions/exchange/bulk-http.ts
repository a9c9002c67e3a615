import * as z from 'zod';
import { commit } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { accept } from '#shared/http/problem.ts';
import { route } from '#shared/http/route.ts';
import { reshape } from '#shared/fields.ts';
import { Job, startJob } from '#shared/jobs.ts';
import type { User } from '#shared/user.ts';
import { BULK } from './job-name.ts';
import { kindFor } from './kinds.ts';

type Which = { kind: string; ids?: string[] | undefined; filter?: string | undefined; search?: string | undefined };

/** Either some records, or a filter that the list of their kind takes: everything there is must be said, not left out. */
async function mustSayWhich({ kind, ids, filter, search }: Which, user: User, now: string): Promise<void> {
  const byFilter = filter !== undefined || search !== undefined;
  if ((ids !== undefined) === byFilter)
    throw refuse('invalid', {}, [
      { pointer: '/body/ids', code: 'required', detail: 'Give either ids or a filter (`true` is all).' },
    ]);
  if (!byFilter) return;
  const [{ checkQuery }, { listOfKind }] = await Promise.all([
    import('#functions/reports/list.ts'),
    import('./bulk-ids.ts'),
  ]);
  await checkQuery(listOfKind(kind) ?? kind, { filter }, user, now);
}

export const bulkRoutes = [
  route(
    'POST /bulk',
    {
      summary:
        'Makes one change to many records, as a job with a result for each: the change is what PUT of such a record takes, `{ "archived": true }` and `{ "ownerId": … }` among it',
      rights: 'bulk.run',
      body: z.object({
        kind: z.string().max(40),
        /** Those of the list of this kind that a filter lets through, as it is when the job begins; or these. */
        filter: z.string().max(4000).optional(),
        search: z.string().max(200).optional(),
        ids: z.array(z.string().max(100)).min(1).max(5000).optional(),
        change: z.record(z.string(), z.unknown()),
      }),
      returns: Job,
      status: 202,
    },
    async ({ body, user, locale, now, newId }) => {
      const kind = kindFor(body.kind, user);
      accept(reshape(z.object({ change: kind.Change }), 'strict'), { change: body.change }, 'body', locale);
      if (Object.keys(body.change).length === 0)
        throw refuse('invalid', {}, [
          { pointer: '/body/change', code: 'required', detail: 'Say what is to be changed.' },
        ]);
      await mustSayWhich(body, user, now);
      const by = { id: newId('job'), userId: user.id, keyId: user.key?.id, now };
      return commit(async () => {
        const { write, event } = startJob(BULK, { ...body, ...(body.ids && { ids: [...new Set(body.ids)] }) }, by);
        return { writes: [write], events: [event], answer: write, status: 202 };
      });
    },
  ),
];
