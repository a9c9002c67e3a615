import * as z from 'zod';
import { commit } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { accept } from '#shared/http/problem.ts';
import { route } from '#shared/http/route.ts';
import { reshape } from '#shared/fields.ts';
import { Job, startJob } from '#shared/jobs.ts';
import { BULK } from './job-name.ts';
import { kindFor } from './kinds.ts';

export const bulkRoutes = [
  route(
    'POST /bulk',
    {
      summary:
        'Makes one change to many records, as a job with a result for each: the change is what PUT of such a record takes, `{ "archived": true }` and `{ "ownerId": … }` among it',
      rights: 'bulk.run',
      body: z.object({
        kind: z.string().max(40),
        ids: z.array(z.string().max(100)).min(1).max(5000),
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
      const by = { id: newId('job'), userId: user.id, now };
      return commit(async () => {
        const { write, event } = startJob(BULK, { ...body, ids: [...new Set(body.ids)] }, by);
        return { writes: [write], events: [event], answer: write, status: 202 };
      });
    },
  ),
];
