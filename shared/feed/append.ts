import type { Event } from '#shared/events.ts';
import { systemNow } from '#shared/time.ts';
import { get, getMany } from '#shared/table/read.ts';
import { transact } from '#shared/table/transact.ts';
import { putItem, type TransactItem } from '#shared/table/write.ts';
import { CHUNK, feed, feedHead, laneOf, marker, seqText } from './feed.ts';

const MAX_BYTES = 3_000_000;

/**
 * Gives each event its place in the feed, once; events that have one are left where they are.
 * `deadline` in epoch ms: a lane that other writers keep moving is given up then, and the caller tries again.
 */
export async function append(events: readonly Event[], now: string, deadline: number): Promise<void> {
  const lanes = Map.groupBy(new Map(events.map((event) => [event.id, event])).values(), (event) =>
    laneOf(event.recordId),
  );
  for (const [lane, all] of lanes) {
    for (const chunk of chunksOf(all)) await appendChunk(lane, chunk, now, deadline);
  }
}

/** What goes into one transaction: so many events, and so many bytes of them (a transaction holds 4 MB with its own names). */
function chunksOf(events: readonly Event[]): Event[][] {
  const chunks: Event[][] = [];
  let bytes = 0;
  for (const event of events) {
    const size = Buffer.byteLength(JSON.stringify(event));
    const last = chunks.at(-1);
    if (last === undefined || last.length === CHUNK || bytes + size > MAX_BYTES) {
      chunks.push([event]);
      bytes = size;
    } else {
      last.push(event);
      bytes += size;
    }
  }
  return chunks;
}

async function appendChunk(lane: string, events: readonly Event[], now: string, deadline: number): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const fed = new Set(
      (
        await getMany(
          marker,
          events.map(({ id }) => ({ eventId: id })),
        )
      ).map(({ eventId }) => eventId),
    );
    const left = events.filter(({ id }) => !fed.has(id));
    if (left.length === 0) return;
    if ((await transact(await rowsFor(lane, left, now))) === 'done') return;
    if (systemNow() > deadline) throw new Error(`Lane ${lane} of the feed is contended: ${left.length} events wait.`);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(500, 10 * 2 ** attempt)));
  }
}

async function rowsFor(lane: string, events: readonly Event[], now: string): Promise<TransactItem[]> {
  const head = await get(feedHead, { lane });
  const last = head?.seq ?? 0;
  // Writers may see the month turn at different moments: the feed never goes back to a month it has left.
  const wanted = now.slice(0, 7).replace('-', '');
  const month = head && head.month > wanted ? head.month : wanted;
  const rows = events.flatMap(({ type, ...event }, place) => {
    const seq = seqText(last + place + 1);
    return [
      putItem(feed.create({ ...event, kind: type, lane, month, seq }).put),
      putItem(marker.create({ eventId: event.id, lane, month, seq }).put),
    ];
  });
  const moved = { lane, seq: last + events.length, month, months: { [month]: last + 1, ...head?.months } };
  const condition = head
    ? {
        ConditionExpression: '#seq = :last',
        ExpressionAttributeNames: { '#seq': 'seq' },
        ExpressionAttributeValues: { ':last': last },
      }
    : { ConditionExpression: 'attribute_not_exists(pk)' };
  return [...rows, putItem(feedHead.put(moved, condition).put)];
}
