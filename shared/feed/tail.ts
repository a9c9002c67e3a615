import { asEvent, type Event } from '#shared/events.ts';
import { getMany, list } from '#shared/table/read.ts';
import { feed, feedHead, LANES, seqText } from './feed.ts';

/** How far somebody has read: the last place of each lane he has seen; 0 where he has seen none. */
export type Places = Readonly<Record<string, number>>;
export type Head = { lane: string; seq: number; months: Readonly<Record<string, number>> };
type Placed = { lane: string; seq: number; event: Event };

const LANE_NAMES = Array.from({ length: LANES }, (_, lane) => String(lane));
/** An answer of a function holds 6 MB; an event may be a large one. */
const MAX_BYTES = 4_000_000;

/** The last place of each lane, in one read of four items. A lane without events has no head. */
export const feedHeads = (): Promise<Head[]> =>
  getMany(
    feedHead,
    LANE_NAMES.map((lane) => ({ lane })),
  );

export const placesOf = (heads: readonly Head[]): Places =>
  Object.fromEntries(heads.map(({ lane, seq }) => [lane, seq]));

/**
 * What lies in the feed after some places: up to `limit` wanted events, those of a lane (so those of a record) in order, and
 * the places reached. Nothing is ever passed by: an event gets its place when it is fed, however late, and places are read
 * only as far as they follow each other without a gap. Reads: the heads, and one query a lane that moved.
 */
export async function eventsAfter(
  after: Places,
  { limit, wanted }: { limit: number; wanted: (event: Event) => boolean },
): Promise<{ events: Event[]; places: Places; heads: Places; more: boolean }> {
  const heads = await feedHeads();
  const lanes = await Promise.all(heads.map((head) => tailOf(head, after[head.lane] ?? 0, limit)));
  const places: Record<string, number> = { ...after };
  const events: Event[] = [];
  let bytes = 0;
  for (const { lane, seq, event } of inTime(lanes)) {
    if (events.length === limit) break;
    if (wanted(event)) {
      bytes += Buffer.byteLength(JSON.stringify(event));
      if (bytes > MAX_BYTES && events.length > 0) break;
      events.push(event);
    }
    places[lane] = seq;
  }
  return { events, places, heads: placesOf(heads), more: heads.some(({ lane, seq }) => seq > (places[lane] ?? 0)) };
}

/** One page of a lane. A row that is not to be seen yet ends it: what lies behind it waits for the next reading. */
async function tailOf({ lane, seq: last, months }: Head, after: number, limit: number): Promise<Placed[]> {
  const found: Placed[] = [];
  for (const month of monthsFrom(months, after + 1)) {
    const next = after + found.length + 1;
    if (next > last || found.length === limit) break;
    const options = { from: seqText(next), limit: limit - found.length, consistent: true };
    const { items, cursor } = await list(feed, 'item', { lane, month }, options);
    for (const { lane: _, month: __, seq, ...item } of items) {
      if (Number(seq) !== after + found.length + 1) return found;
      found.push({ lane, seq: Number(seq), event: asEvent(item) });
    }
    if (cursor !== undefined) break;
  }
  return found;
}

/** The months in which places from this one on lie; `months` says with which place each begins. */
function monthsFrom(months: Head['months'], seq: number): string[] {
  const names = Object.keys(months).sort();
  const first = names.findLastIndex((name) => (months[name] ?? 0) <= seq);
  return names.slice(Math.max(0, first));
}

/** Rows of several lanes as one line, the earliest first, each lane in its own order. */
function* inTime(lanes: readonly Placed[][]): Generator<Placed> {
  const rest = lanes.map((lane) => ({ lane, at: 0 }));
  for (;;) {
    const waiting = rest.filter(({ lane, at }) => at < lane.length);
    const next = waiting.toSorted((a, b) => (atOf(a) < atOf(b) ? -1 : 1))[0];
    const row = next?.lane[next.at];
    if (next === undefined || row === undefined) return;
    next.at += 1;
    yield row;
  }
}

const atOf = ({ lane, at }: { lane: readonly Placed[]; at: number }): string => lane[at]?.event.at ?? '';

/** Places from which everything that was fed since a moment is read, and some of what was fed before: months begin at known places. */
export const placesBefore = (heads: readonly Head[], since: string): Places =>
  Object.fromEntries(
    heads.map(({ lane, months }) => {
      const month = Object.keys(months)
        .sort()
        .findLast((name) => name <= since.slice(0, 7).replace('-', ''));
      return [lane, month === undefined ? 0 : (months[month] ?? 1) - 1];
    }),
  );
