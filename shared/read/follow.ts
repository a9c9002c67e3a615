import type { Event, RecordRef } from '#shared/events.ts';
import { marker } from '#shared/feed/feed.ts';
import { eventsAfter } from '#shared/feed/tail.ts';
import { withoutKeys } from '#shared/table/entity.ts';
import { get, getItems, type Item } from '#shared/table/read.ts';
import type { Copy } from './copy.ts';
import type { ReadTable } from './read-table.ts';

type Reading = {
  copy: Copy;
  /** Whether there is time for one more page. */
  hasTime: () => boolean;
};
const PAGE = 1000;

/** How far a copy has come. `whole`: it holds all that the feed held when this began; `rewound`: it is the copy of another feed. */
export type Followed = { whole: boolean; left: number; rewound: boolean };

/**
 * Brings a copy to where the feed is. Reads one item a lane when there is nothing new; else a page of the feed and the
 * records it names, as they are now. What it wrote it wrote whole: it may be stopped at any page.
 */
export async function follow({ copy, hasTime }: Reading): Promise<Followed> {
  for (;;) {
    const before = Object.fromEntries(copy.places());
    const { events, places, heads, more } = await eventsAfter(before, { limit: PAGE, wanted: () => true });
    // A table that was restored to an earlier day has a shorter feed than its copy has read.
    if (Object.entries(before).some(([lane, seq]) => seq > (heads[lane] ?? 0)))
      return { whole: false, left: 0, rewound: true };
    if (events.length > 0) await take(copy, events, new Map(Object.entries(places)));
    if (!more) return { whole: true, left: 0, rewound: false };
    const left = Object.entries(heads).reduce((sum, [lane, seq]) => sum + seq - (places[lane] ?? 0), 0);
    if (events.length === 0 || !hasTime()) return { whole: false, left, rewound: false };
  }
}

type Changed = { table: ReadTable; id: string; at: string };

/** Takes events over: what happened, and every record they name as it now is. */
async function take(copy: Copy, events: readonly Event[], reached: ReadonlyMap<string, number>): Promise<void> {
  const changed = new Map<string, Changed>();
  for (const event of events)
    for (const ref of [event.record, ...event.touched])
      for (const table of tablesOf(copy, ref)) {
        const name = `${table.name}/${ref.id}`;
        const before = changed.get(name);
        if (!before || event.at < before.at) changed.set(name, { table, id: ref.id, at: event.at });
      }
  const all = [...changed.values()];
  const keys = all.map(({ table, id }) => table.parts.map((part) => part.key((table.keyOf?.(id) ?? { id }) as never)));
  const found = new Map((await getItems(keys.flat())).map((item) => [nameOf(item), item]));
  copy.together(() => {
    all.forEach(({ table, id, at }, place) => {
      const items = (keys[place] ?? []).map((key) => found.get(nameOf(key)));
      const [first] = items;
      if (first) copy.put(table.name, id, recordOf(items), at);
      else copy.remove(table.name, id);
    });
    for (const event of events) copy.note(event);
    for (const [lane, seq] of reached) copy.reached(lane, seq);
  });
}

function* tablesOf(copy: Copy, { entity }: RecordRef): Generator<ReadTable> {
  for (const shape of copy.shapes.values()) if (shape.parts.some(({ name }) => name === entity)) yield shape;
}

const nameOf = (item: Item): string => `${String(item['pk'])}|${String(item['sk'])}`;

/** The record with what only the machine's part knows of it. */
const recordOf = (items: readonly (Item | undefined)[]): Item =>
  Object.assign({}, ...items.map((item) => withoutKeys(item ?? {})).reverse()) as Item;

/**
 * Waits until the feed holds an event, so that somebody reads what he has just written. False when it is not there in time;
 * the answer then says as of when it is.
 */
export async function reaches(eventId: string, hasTime: () => boolean): Promise<boolean> {
  for (let pause = 20; ; pause = Math.min(200, pause * 2)) {
    if (await get(marker, { eventId })) return true;
    if (!hasTime()) return false;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
