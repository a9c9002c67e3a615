import * as z from 'zod';
import { tell } from '#shared/aws/bus.ts';
import { asEvent, events, type Event } from '#shared/events.ts';
import { log } from '#shared/log.ts';
import { scanPage } from '#shared/table/scan.ts';
import { entity } from '#shared/table/entity.ts';
import { get, getMany, type Item } from '#shared/table/read.ts';
import { transact } from '#shared/table/transact.ts';
import { putItem } from '#shared/table/write.ts';
import { addTo } from '#shared/time.ts';
import { append } from './append.ts';
import { marker } from './feed.ts';

const sweeps = entity(
  'sweep',
  z.object({
    id: z.string(),
    at: z.string(),
    key: z.object({ pk: z.string(), sk: z.string() }).optional(),
    found: z.int(),
  }),
  { recordId: ({ id }) => id },
);
/** Younger events may be on their way still. */
const QUIET_MINUTES = 10;

/**
 * Feeds again what lies in the table as an event and has no place in the feed. Walks the whole table, as far as time allows,
 * and goes on there next time; never part of a request.
 */
export async function sweepEvents(
  now: string,
  hasTime: () => boolean,
  deadline: number,
): Promise<{ found: number; done: boolean }> {
  const before = await get(sweeps, { id: 'events' });
  let key: Item | undefined = before?.key;
  let found = 0;
  do {
    const page = await scanPage('EVENT#', addTo(now, { minutes: -QUIET_MINUTES }), key);
    const unfed = await withoutMarker(page.items.flatMap(readable));
    if (unfed.length > 0) {
      // The bus first: a place in the feed is what keeps the next sweep from telling of it.
      await tell(unfed);
      await append(unfed, now, deadline);
    }
    found += unfed.length;
    key = page.next;
  } while (key !== undefined && hasTime());
  const reached = key && { pk: String(key['pk']), sk: String(key['sk']) };
  await transact([putItem(sweeps.put({ id: 'events', at: now, key: reached, found }).put)]);
  return { found, done: key === undefined };
}

/** One event that cannot be read must not keep the sweep from all that lie behind it. */
function readable(item: Item): Event[] {
  try {
    return [asEvent(events.decode(item))];
  } catch (error) {
    log().error('an event that cannot be read', { key: item['pk'], place: item['sk'], error: error as Error });
    return [];
  }
}

async function withoutMarker(all: readonly Event[]): Promise<Event[]> {
  const fed = new Set(
    (
      await getMany(
        marker,
        all.map(({ id }) => ({ eventId: id })),
      )
    ).map(({ eventId }) => eventId),
  );
  return all.filter(({ id }) => !fed.has(id));
}
