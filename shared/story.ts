import * as z from 'zod';
import { asEvent, events, type Event } from '#shared/events.ts';
import { entity } from '#shared/table/entity.ts';
import { list } from '#shared/table/read.ts';
import type { Write } from '#shared/table/write.ts';

/** Two stories that met: a lead of one person became a deal of a client with a story of its own. */
const joins = entity('join', z.object({ storyId: z.string(), otherId: z.string() }), {
  recordId: ({ storyId }) => storyId,
});

/** What a command writes when it brings two stories together; nothing when they are one. */
export const joinStories = (one: string, other: string): Write[] =>
  one === other ? [] : [joins.put({ storyId: one, otherId: other }), joins.put({ storyId: other, otherId: one })];

const PAGE = 100;

/** All events of a story and of the stories it met, in order, up to `limit`, after the given place (`{at}#…`). */
export async function storyEvents(storyId: string, limit: number): Promise<{ events: Event[]; more: boolean }> {
  const { items } = await list(joins, 'item', { storyId }, { limit: 100, consistent: true });
  const all: { place: string; event: Event }[] = [];
  for (const id of [storyId, ...items.map(({ otherId }) => otherId)]) {
    let cursor: string | undefined;
    do {
      const page = await list(events, 'gsi2', { storyId: id }, { limit: PAGE, cursor });
      all.push(
        ...page.items.map((item) => ({ place: `${item.at}#${item.position}#${item.id}`, event: asEvent(item) })),
      );
      cursor = page.cursor;
    } while (cursor !== undefined && all.length < limit + PAGE);
  }
  all.sort((a, b) => (a.place < b.place ? -1 : 1));
  return { events: all.slice(0, limit).map(({ event }) => event), more: all.length > limit };
}
