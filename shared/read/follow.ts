import { asEvent, type Event, type RecordRef } from '#shared/events.ts';
import { feed, feedHead, LANES, marker, seqText } from '#shared/feed/feed.ts';
import { withoutKeys } from '#shared/table/entity.ts';
import { get, getItems, getMany, list, type Item } from '#shared/table/read.ts';
import type { Copy } from './copy.ts';
import type { ReadTable } from './read-table.ts';

type Head = { lane: string; seq: number; months: Readonly<Record<string, number>> };
type Reading = {
  copy: Copy;
  /** Whether there is time for one more page. */
  hasTime: () => boolean;
};
const PAGE = 400;
const LANE_NAMES = Array.from({ length: LANES }, (_, lane) => String(lane));

/** How far a copy has come: it holds everything that the feed held when this began, or `left` events are to be read still. */
export type Followed = { whole: boolean; left: number };

/**
 * Brings a copy to where the feed is. Reads one item a lane when there is nothing new; else a page of the feed and the
 * records it names, as they are now. What it wrote it wrote whole: it may be stopped at any page.
 */
export async function follow({ copy, hasTime }: Reading): Promise<Followed> {
  const heads: Head[] = await getMany(
    feedHead,
    LANE_NAMES.map((lane) => ({ lane })),
  );
  const places = copy.places();
  const open = heads.map((head) => ({ head, at: places.get(head.lane) ?? 0 })).filter(({ head, at }) => head.seq > at);
  while (open.some(({ head, at }) => head.seq > at) && hasTime()) {
    const read = await Promise.all(
      open
        .filter(({ head, at }) => head.seq > at)
        .map(async (lane) => ({ lane, rows: await rowsAfter(lane.head, lane.at) })),
    );
    const rows = read.flatMap(({ rows: found }) => found);
    await take(
      copy,
      rows.map(({ event }) => event),
      new Map(read.map(({ lane, rows: found }) => [lane.head.lane, found.at(-1)?.seq ?? lane.at])),
    );
    for (const { lane, rows: found } of read) {
      const last = found.at(-1)?.seq;
      if (last === undefined) throw new Error(`The feed has a hole in lane ${lane.head.lane} after ${lane.at}.`);
      lane.at = last;
    }
  }
  const left = open.reduce((sum, { head, at }) => sum + Math.max(0, head.seq - at), 0);
  return { whole: left === 0, left };
}

async function rowsAfter({ lane, months }: Head, at: number): Promise<{ seq: number; event: Event }[]> {
  // The month in which the next place lies is the last one that began at it or before.
  const month = Object.entries(months)
    .filter(([, first]) => first <= at + 1)
    .map(([name]) => name)
    .sort()
    .at(-1);
  if (month === undefined) return [];
  const { items } = await list(feed, 'item', { lane, month }, { from: seqText(at + 1), limit: PAGE, consistent: true });
  return items.map((row) => ({ seq: Number(row.seq), event: asEvent(row) }));
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
