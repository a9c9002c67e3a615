import * as z from 'zod';
import { Duplicate, duplicatesOf, likeableOf } from '#functions/clients/duplicate.ts';
import { piecesOf } from '#functions/clients/similarity.ts';
import { clients, people } from '#functions/clients/store.ts';
import { refuse } from '#shared/errors.ts';
import { route } from '#shared/http/route.ts';
import { anyRecord } from '#shared/owner.ts';

/** Found by each of the pieces at most; a piece that so many have tells nothing. */
const A_PIECE = 40;

export const duplicateSearchRoutes = [
  route(
    'GET /search/duplicates/{id}',
    {
      summary:
        'What may be the same as a person or client: by e-mail, phone, tax number, similar names (typos, order of words, Russian and Latin letters), each with its reasons',
      rights: 'client.read',
      of: anyRecord,
      returns: z.object({ items: z.array(Duplicate), asOf: z.string(), behind: z.boolean() }),
    },
    async ({ params, record: item, user, now, header }) => {
      const list = item['type'] === 'person' ? 'people' : item['type'] === 'client' ? 'clients' : undefined;
      if (list === undefined) throw refuse('not_found', { what: 'person or client', id: params.id });
      const record = list === 'people' ? people.decode(item) : clients.decode(item);
      const [{ openCopy, viewerOf }, { searchAll }] = await Promise.all([
        import('./list.ts'),
        import('#shared/read/search.ts'),
      ]);
      const { copy, asOf, behind } = await openCopy(header('x-after-event'));
      const viewer = viewerOf(user, list, now);
      const found = piecesOf(likeableOf(record)).flatMap((piece) =>
        searchAll(copy, piece, A_PIECE, (name) => (name === list ? viewer : undefined)),
      );
      return {
        items: await duplicatesOf(
          record,
          found.map(({ id }) => id),
          user,
        ),
        asOf,
        behind,
      };
    },
  ),
];
