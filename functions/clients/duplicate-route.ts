import * as z from 'zod';
import { reaches } from '#functions/auth/rights.ts';
import { commit } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { route } from '#shared/http/route.ts';
import { Duplicate, duplicatesOf } from './duplicate.ts';
import { DuplicateDismissed, Pair, pairKey } from './pair.ts';
import { pairs } from './pair-store.ts';
import { clients, people } from './store.ts';

const Duplicates = z.object({ items: z.array(Duplicate) });
const RecordId = z.string().regex(/^(person|client)_[0-7][0-9A-HJKMNP-TV-Z]{25}$/, {
  error: 'must be the id of a person or a client',
});

export const duplicateRoutes = [
  route(
    'GET /clients/{id}/duplicates',
    {
      summary: 'Clients that came with the same tax number. Similar names as well: GET /search/duplicates/{id}',
      rights: 'client.read',
      of: clients,
      returns: Duplicates,
    },
    async ({ record, user }) => ({ items: await duplicatesOf(record, [], user) }),
  ),

  route(
    'GET /people/{id}/duplicates',
    {
      summary: 'People who came with the same e-mail or phone. Similar names as well: GET /search/duplicates/{id}',
      rights: 'client.read',
      of: people,
      returns: Duplicates,
    },
    async ({ record, user }) => ({ items: await duplicatesOf(record, [], user) }),
  ),

  route(
    'POST /duplicates/dismiss',
    {
      summary: 'Says that two records are two, so that nobody proposes them again; `distinct: false` takes that back',
      rights: 'client.change',
      body: z.object({ a: RecordId, b: RecordId, distinct: z.boolean().optional() }),
      returns: Pair,
    },
    async ({ body: { a, b, distinct = true }, user, now }) => {
      if (a === b || a.split('_')[0] !== b.split('_')[0])
        throw refuse('invalid', {}, [
          { pointer: '/body/b', code: 'invalid_value', detail: 'Name two different records of one kind.' },
        ]);
      const store = (a.startsWith('person_') ? people : clients) as typeof people;
      return commit(async (read) => {
        for (const id of [a, b])
          if (!reaches(user, 'client.change', await read.need(store, { id })))
            throw refuse('not_found', { what: store.name, id });
        const before = await read.get(pairs, pairKey(a, b));
        const state = distinct ? ('distinct' as const) : ('proposed' as const);
        if (before?.state === state) return { answer: pairs.asIs(before) };
        const said = { state, userId: user.id, at: now };
        const write = before
          ? pairs.save(before, said)
          : pairs.create({ ...pairKey(a, b), version: 1, by: [], ...said });
        return { writes: [write], events: [DuplicateDismissed.of(write, { distinct })], answer: write };
      });
    },
  ),
];
