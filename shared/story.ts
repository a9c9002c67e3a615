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
/** One story is a query each; a firm that everybody writes to may have met more. */
const MAX_STORIES = 100;

/** The story and all that it met, directly or by way of others. */
async function metBy(storyId: string): Promise<string[]> {
  const met = new Set([storyId]);
  // A set goes on to what is added while it is walked.
  for (const id of met) {
    if (met.size > MAX_STORIES) break;
    const { items } = await list(joins, 'item', { storyId: id }, { limit: MAX_STORIES, consistent: true });
    for (const { otherId } of items) met.add(otherId);
  }
  return [...met];
}

/** All events of a story and of the stories it met, in order, up to `limit`; `more` says that there are others. */
export async function storyEvents(storyId: string, limit: number): Promise<{ events: Event[]; more: boolean }> {
  const met = await metBy(storyId);
  const all: { place: string; event: Event }[] = [];
  for (const id of met.slice(0, MAX_STORIES)) {
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
  return {
    events: all.slice(0, limit).map(({ event }) => event),
    more: all.length > limit || met.length > MAX_STORIES,
  };
}
