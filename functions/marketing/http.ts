import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { needInForce } from '#functions/settings/store.ts';
import { sealText } from '#shared/aws/secret.ts';
import { commit } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { Paged, PageQuery, pageOf } from '#shared/http/page.ts';
import { route } from '#shared/http/route.ts';
import { Job, startJob } from '#shared/jobs.ts';
import { listWhole, need } from '#shared/table/read.ts';
import { sourceKind } from './form.ts';
import { Attention, Raw } from './intake.ts';
import { replayed } from './replay.ts';
import { raws, secrets } from './store.ts';

const Raws = Paged(Raw);

export const marketingRoutes = [
  route(
    'GET /intake',
    {
      summary: 'Requests as they came: of one form or hook, or those that need a person; the newest first',
      rights: 'intake.read',
      query: z.object({ source: z.string().max(61).optional(), attention: Attention.optional(), ...PageQuery.shape }),
      returns: Raws,
    },
    async ({ query }) => {
      const options = { ...pageOf(query), descending: true };
      if (query.attention !== undefined) return listWhole(raws, 'gsi3', { attention: query.attention }, options);
      if (query.source !== undefined) return listWhole(raws, 'gsi2', { sourceId: query.source }, options);
      throw refuse('invalid', {}, [{ pointer: '/query', code: 'required', detail: 'give source or attention' }]);
    },
  ),

  route(
    'GET /intake/{id}',
    { summary: 'One request as it came', rights: 'intake.read', returns: Raw },
    async ({ params }) => need(raws, { id: params.id }),
  ),

  route(
    'POST /intake/{id}/replay',
    {
      summary: 'Tries again to make a lead of a request, e.g. after its mapping was mended',
      rights: 'intake.replay',
      returns: Raw,
      status: 202,
    },
    async ({ params }) => commit(replayed(params.id)),
  ),

  route(
    'POST /intake/replay',
    {
      summary: 'Replays all requests of one kind of trouble, of one source or all, as a job',
      rights: 'intake.replay',
      body: z.object({ attention: Attention, source: z.string().max(61).optional() }),
      returns: Job,
      status: 202,
    },
    async ({ body, user, now, newId }) => {
      const by = { id: newId('job'), userId: user.id, now };
      return commit(async () => {
        const { write, event } = startJob('replay-intake', body, by);
        return { writes: [write], events: [event], answer: write };
      });
    },
  ),

  route(
    'POST /sources/{id}/secrets',
    {
      summary: 'Makes a new signing secret for a hook, shown only here; the two before it stay valid',
      rights: 'setting.change',
      repeatable: true,
      returns: z.object({ secret: z.string() }),
      status: 201,
    },
    async ({ params, perform }) => {
      await needInForce(sourceKind, params.id);
      const secret = `whsec_${randomBytes(32).toString('base64')}`;
      const sealed = sealText(secret, 'source-secret');
      await perform(
        commit(async (read) => {
          const before = await read.get(secrets, { sourceId: params.id });
          const write = before
            ? secrets.save(before, { sealed: [sealed, ...before.sealed].slice(0, 3) })
            : secrets.create({ sourceId: params.id, version: 1, sealed: [sealed] });
          return { writes: [write] };
        }),
      );
      return { secret };
    },
  ),
];
