import * as z from 'zod';
import { refuse } from '#shared/errors.ts';
import { eventsAfter, feedHeads, placesOf, type Places } from '#shared/feed/tail.ts';
import { route } from '#shared/http/route.ts';
import { openCursor, sealCursor } from '#shared/table/cursor.ts';
import { ChangeItem, ChangesQuery, shownTo, wantedBy } from './change-feed.ts';

const PLACE = 'changes';
const Cursor = z.record(z.string(), z.int());

/** @throws 400 cursor_invalid for one that is none of ours */
const placesAt = (cursor: string): Places => Cursor.parse(openCursor(cursor, PLACE));

/** A table restored to an earlier state is behind those who had read on: they begin again. */
const isAhead = (places: Places, heads: Places): boolean =>
  Object.entries(places).some(([lane, seq]) => seq > (heads[lane] ?? 0));

export const changeRoutes = [
  route(
    'GET /changes',
    {
      summary:
        'Everything that happened, from a place on: each event once, those of a record in order. Ask again with `after` = `cursor`; a page may be empty while `more` is true',
      rights: 'change.read',
      query: ChangesQuery,
      returns: z.object({ items: z.array(ChangeItem), cursor: z.string(), more: z.boolean() }),
    },
    async ({ query, user }) => {
      const { after, limit } = query;
      if (after === 'now') return { items: [], cursor: sealCursor(placesOf(await feedHeads()), PLACE), more: false };
      const from = after === undefined ? {} : placesAt(after);
      const wanted = wantedBy(user, query);
      const read = await eventsAfter(from, { limit: limit === undefined ? 50 : Number(limit), wanted });
      if (isAhead(from, read.heads)) throw refuse('cursor_invalid');
      return {
        items: read.events.map((event) => shownTo(user, event)),
        cursor: sealCursor(read.places, PLACE),
        more: read.more,
      };
    },
  ),
];
