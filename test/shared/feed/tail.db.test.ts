import { beforeEach, describe, expect, it } from 'vitest';
import type { Event } from '#shared/events.ts';
import { append } from '#shared/feed/append.ts';
import { feed, feedHead, laneOf } from '#shared/feed/feed.ts';
import { eventsAfter, feedHeads, placesOf, type Places } from '#shared/feed/tail.ts';
import { transact } from '#shared/table/transact.ts';
import { putItem } from '#shared/table/write.ts';
import { systemNow } from '#shared/time.ts';
import { useSecret } from '#shared/aws/secret.ts';
import { anEvent, written } from '#test/support/event.ts';
import { freshId, NOW } from '#test/support/note.ts';
import { freshTable } from '#test/support/table.ts';

useSecret('the secret of the test');
beforeEach(async () => {
  await freshTable();
});

const soon = () => systemNow() + 20_000;
const all = () => true;
const feedAll = (events: readonly Event[], now = NOW) => append(events, now, soon());
const many = (count: number): Event[] => Array.from({ length: count }, () => anEvent());
const idsOf = (events: readonly Event[]): string[] => events.map(({ id }) => id);

/** Everything after some places, page after page. */
async function readOn(from: Places = {}, limit = 7) {
  const events: Event[] = [];
  let places = from;
  for (let page = 0; page < 1000; page += 1) {
    const read = await eventsAfter(places, { limit, wanted: all });
    events.push(...read.events);
    places = read.places;
    if (!read.more) return { events, places };
  }
  throw new Error('it has no end');
}

describe('reading the feed', () => {
  it('answers every event once over all lanes, whatever the size of a page', async () => {
    const told = many(60);
    await feedAll(told);
    for (const limit of [1, 7, 100]) {
      const { events } = await readOn({}, limit);
      expect(idsOf(events).toSorted()).toEqual(idsOf(told).toSorted());
    }
  });

  it('answers nothing from the end, and only what came after', async () => {
    await feedAll(many(20));
    const end = placesOf(await feedHeads());
    expect(await eventsAfter(end, { limit: 10, wanted: all })).toEqual({
      events: [],
      places: end,
      heads: end,
      more: false,
    });
    const later = many(3);
    await feedAll(later);
    expect(idsOf((await readOn(end)).events).toSorted()).toEqual(idsOf(later).toSorted());
  });

  it('keeps the events of a record in order, however they lie among those of others', async () => {
    const ids = Array.from({ length: 6 }, freshId);
    for (let version = 1; version <= 8; version += 1) await feedAll(ids.map((id) => anEvent(id, version)));
    const { events } = await readOn({}, 5);
    for (const id of ids)
      expect(events.filter((event) => event.recordId === id).map(({ record }) => record.version)).toEqual([
        1, 2, 3, 4, 5, 6, 7, 8,
      ]);
  });

  it('misses no event that was written before others and fed after them: a reader who is ahead finds it next', async () => {
    const slow = anEvent(freshId(), 1, { at: '2026-11-23T09:00:00.000Z' });
    // Its writer committed first; what feeds it stands still.
    await written([slow]);
    const fast = many(30);
    await written(fast);
    await feedAll(fast);
    const ahead = await readOn();
    expect(idsOf(ahead.events)).not.toContain(slow.id);
    await feedAll([slow]);
    expect(idsOf((await readOn(ahead.places)).events)).toEqual([slow.id]);
  });

  it('misses nothing while eight feed at once and somebody reads all the time', async () => {
    const shares = Array.from({ length: 8 }, () => many(12));
    const read: Event[] = [];
    let places: Places = {};
    let writing = true;
    const reading = async () => {
      for (;;) {
        const last = !writing;
        const page = await eventsAfter(places, { limit: 9, wanted: all });
        read.push(...page.events);
        places = page.places;
        if (last && !page.more) return;
      }
    };
    const reader = reading();
    await Promise.all(shares.map((share) => feedAll(share)));
    writing = false;
    await reader;
    expect(idsOf(read).toSorted()).toEqual(idsOf(shares.flat()).toSorted());
  });

  it('goes on over the turn of months, also when writers see it turn at different moments', async () => {
    const id = freshId();
    const lane = laneOf(id);
    const times = [
      '2026-11-30T23:59:59.999Z',
      '2026-12-01T00:00:00.001Z',
      '2026-11-30T23:59:59.999Z',
      '2027-02-01T00:00:00.000Z',
    ];
    for (const [at, now] of times.entries()) await feedAll([anEvent(id, at + 1)], now);
    const versions = async (after: number) =>
      (await readOn({ [lane]: after }, 10)).events.map(({ record }) => record.version);
    expect(await versions(0)).toEqual([1, 2, 3, 4]);
    expect(await versions(1)).toEqual([2, 3, 4]);
    expect(await versions(3)).toEqual([4]);
    expect((await readOn({}, 1)).events.map(({ record }) => record.version)).toEqual([1, 2, 3, 4]);
  });

  it('stops before a place that is not to be seen yet, and answers it and what is behind it when it is', async () => {
    const id = freshId();
    const lane = laneOf(id);
    await feedAll([anEvent(id, 1)]);
    const row = (version: number) => {
      const { type: kind, ...event } = anEvent(id, version);
      return putItem(
        feed.create({ ...event, kind, lane, month: '202611', seq: String(version).padStart(12, '0') }).put,
      );
    };
    // As when a transaction is seen in part: the head says three, and the third can be read before the second.
    await transact([putItem(feedHead.put({ lane, seq: 3, month: '202611', months: { '202611': 1 } }).put), row(3)]);
    const first = await eventsAfter({}, { limit: 10, wanted: all });
    expect(first).toMatchObject({ places: { [lane]: 1 }, more: true });
    expect(first.events.map(({ record }) => record.version)).toEqual([1]);
    await transact([row(2)]);
    const rest = await eventsAfter(first.places, { limit: 10, wanted: all });
    expect(rest.events.map(({ record }) => record.version)).toEqual([2, 3]);
    expect(rest.more).toBe(false);
  });

  it('passes over what is not wanted, and says that there is more', async () => {
    const told = many(30);
    await feedAll(told);
    const wanted = ({ id }: Event) => id === told[29]?.id;
    let places: Places = {};
    const found: string[] = [];
    for (let page = 0; page < 20; page += 1) {
      const read = await eventsAfter(places, { limit: 3, wanted });
      found.push(...idsOf(read.events));
      places = read.places;
      if (!read.more) break;
    }
    expect(found).toEqual([told[29]?.id]);
  });

  it('fits large events into an answer of four megabytes, and gives the rest next', async () => {
    const told = Array.from({ length: 16 }, () => anEvent(freshId(), 1, { data: { text: 'x'.repeat(350_000) } }));
    for (const one of told) await feedAll([one]);
    const first = await eventsAfter({}, { limit: 100, wanted: all });
    expect(JSON.stringify(first.events).length).toBeLessThan(4_100_000);
    expect(first.events.length).toBeGreaterThan(0);
    expect(idsOf((await readOn({}, 100)).events).toSorted()).toEqual(idsOf(told).toSorted());
  });
});
