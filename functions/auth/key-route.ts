import * as z from 'zod';
import { commit } from '#shared/command.ts';
import { Paged, PageQuery, pageOf } from '#shared/http/page.ts';
import { route } from '#shared/http/route.ts';
import { getMany, listWhole } from '#shared/table/read.ts';
import type { User } from '#shared/user.ts';
import { newSecret } from './key-door.ts';
import { KeyMade, KeyRevoked, KeyView, mayMake, NewKey, type Key } from './key.ts';
import { reaches } from './rights.ts';
import { keys, keyUses } from './store.ts';

/** As people see them, with when they were used last. */
async function viewsOf(found: readonly Key[]): Promise<z.output<typeof KeyView>[]> {
  const uses = new Map((await getMany(keyUses, found)).map(({ id, at }) => [id, at]));
  return found.map((key) => ({ ...key, lastUsedAt: uses.get(key.id) }));
}

/** A key that nobody holds yet, and its text. */
function made(asked: NewKey, user: User, id: string, now: string): { key: string; view: Key } {
  mayMake(asked, user, now);
  const { key, hash } = newSecret(id);
  const { name, expiresAt, scopes, fields = [] } = asked;
  const own = { scopes: [...new Set(scopes)], fields: [...new Set(fields)] };
  return { key, view: { id, version: 1, name, userId: user.id, ...own, expiresAt, createdAt: now, hash } };
}

export const keyRoutes = [
  route(
    'POST /api-keys',
    {
      summary: 'Makes a key for another system, with some of my rights, until a day. Its text is shown only here',
      rights: 'key.change',
      body: NewKey,
      repeatable: true,
      returns: KeyView.extend({ key: z.string() }),
      status: 201,
    },
    async ({ body, user, now, newId, perform }) => {
      const { key, view } = made(body, user, newId('key'), now);
      const write = keys.create(view);
      await perform(commit(async () => ({ writes: [write], events: [KeyMade.of(write, {})] })));
      return { ...view, key };
    },
  ),

  route(
    'GET /api-keys',
    {
      summary: 'The keys of other systems: who made each, what it may, until when, when it was used last',
      rights: 'key.read',
      query: PageQuery,
      returns: Paged(KeyView),
    },
    async ({ query, user }) => {
      const page = await listWhole(keys, 'gsi2', {}, pageOf(query));
      const seen = page.items.filter(({ userId }) => reaches(user, 'key.read', { ownerId: userId }));
      return { ...page, items: await viewsOf(seen) };
    },
  ),

  route(
    'GET /api-keys/{id}',
    {
      summary: 'A key: what it may, until when, when it was used last',
      rights: 'key.read',
      of: keys,
      returns: KeyView,
    },
    async ({ record }) => {
      const [view = record] = await viewsOf([record]);
      return view;
    },
  ),

  route(
    'POST /api-keys/{id}/revoke',
    {
      summary: 'Ends a key: within half a minute it opens nothing',
      rights: 'key.change',
      of: keys,
      returns: KeyView,
    },
    async ({ params, now }) =>
      commit(async (read) => {
        const key = await read.need(keys, { id: params.id });
        if (key.revokedAt !== undefined) return { answer: keys.asIs(key) };
        const write = keys.save(key, { revokedAt: now });
        return { writes: [write], events: [KeyRevoked.of(write, {})], answer: write };
      }),
  ),
];
