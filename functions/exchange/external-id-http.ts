import * as z from 'zod';
import { reaches } from '#functions/auth/rights.ts';
import { readEnv } from '#shared/env.ts';
import { commit } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { assigned, externalIds, externalIdsOf, released, type ExternalId } from '#shared/external-id.ts';
import { route } from '#shared/http/route.ts';
import { ownersOf, recordKey } from '#shared/owner.ts';
import { stillAt } from '#shared/stale.ts';
import { getItem, need } from '#shared/table/read.ts';
import type { User } from '#shared/user.ts';
import { ExternalIdView, kindOf, linkTo, nameIn } from './external-id.ts';

const baseUrl = (): string => readEnv(z.object({ BASE_URL: z.string() })).BASE_URL;
const linked = (id: ExternalId): z.output<typeof ExternalIdView> => {
  const link = id.recordId === undefined ? undefined : linkTo(baseUrl(), kindOf(id.recordId).kind, id.recordId);
  return { ...id, ...(link !== undefined && { link }) };
};
/** @throws 404 when there is no such record, or none within the caller's reach */
async function readable(user: User, id: string): Promise<void> {
  const { right } = kindOf(id);
  const key = recordKey(id);
  const owned = key && (await getItem(key)) && ((await ownersOf([id])).get(id) ?? {});
  if (!owned || !reaches(user, right, owned)) throw refuse('not_found', { what: 'record', id });
}

/** @throws 404 when the name stands for nothing, or for what the caller may not see */
async function standing(user: User, name: { system: string; value: string }): Promise<ExternalId> {
  const found = await need(externalIds, name);
  if (found.recordId === undefined)
    throw refuse('not_found', { what: 'externalId', id: `${name.system}/${name.value}` });
  await readable(user, found.recordId);
  return found;
}

export const externalIdRoutes = [
  route(
    'PUT /external-ids/{system}/{value}',
    {
      summary:
        'Says what another system calls a record. The same again changes nothing; a name of another record is refused',
      rights: 'external-id.change',
      creates: true,
      body: z.object({ recordId: z.string().min(1).max(200) }),
      returns: ExternalIdView,
    },
    async ({ params, body: { recordId }, user, now, locale }) => {
      const name = nameIn(params, locale);
      await readable(user, recordId);
      return commit(async (read) => {
        const before = await read.get(externalIds, name);
        if (before?.recordId === recordId) return { answer: externalIds.asIs(before) };
        if (before?.recordId !== undefined)
          throw refuse('taken', { what: name.system, value: name.value, owner: before.recordId });
        const { write, events } = assigned(before, { ...name, recordId, now });
        return { writes: [write], events, answer: write, status: before ? 200 : 201 };
      });
    },
  ),

  route(
    'GET /external-ids/{system}/{value}',
    { summary: 'The record that another system calls so', rights: 'external-id.read', returns: ExternalIdView },
    async ({ params, user, locale }) => linked(await standing(user, nameIn(params, locale))),
  ),

  route(
    'GET /external-ids',
    {
      summary: 'What other systems call a record',
      rights: 'external-id.read',
      query: z.object({ record: z.string().min(1).max(200) }),
      returns: z.object({ items: z.array(ExternalIdView) }),
    },
    async ({ query, user }) => {
      await readable(user, query.record);
      return { items: (await externalIdsOf(query.record)).map(linked) };
    },
  ),

  route(
    'POST /external-ids/{system}/{value}/release',
    {
      summary: 'Frees a name, so that another record may have it',
      rights: 'external-id.change',
      ifMatch: true,
      returns: ExternalIdView,
    },
    async ({ params, user, now, ifMatch, locale }) => {
      const name = nameIn(params, locale);
      await standing(user, name);
      return commit(async (read) => {
        const before = await read.need(externalIds, name);
        await stillAt(before.id, before.version, ifMatch);
        if (before.recordId === undefined)
          throw refuse('wrong_state', { what: 'The name', state: 'free', why: 'it stands for no record' });
        const { write, events } = released(before, now);
        return { writes: [write], events, answer: write };
      });
    },
  ),
];
