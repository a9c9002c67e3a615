import { beforeEach, describe, expect, it } from 'vitest';
import type { Event } from '#shared/events.ts';
import { append } from '#shared/feed/append.ts';
import { feed, feedHead, LANES, laneOf, marker } from '#shared/feed/feed.ts';
import { get, getMany, list } from '#shared/table/read.ts';
import { systemNow } from '#shared/time.ts';
import { useSecret } from '#shared/aws/secret.ts';
import { anEvent } from '#test/support/event.ts';
import { freshId, NOW } from '#test/support/note.ts';
import { freshTable } from '#test/support/table.ts';

useSecret('the secret of the test');
beforeEach(async () => {
  await freshTable();
});

const soon = () => systemNow() + 20_000;
const lanes = Array.from({ length: LANES }, (_, lane) => String(lane));

/** All rows of a month of a lane, in order. */
async function rowsOf(lane: string, month = '202611') {
  const rows = [];
  let cursor: string | undefined;
  do {
    const page = await list(feed, 'item', { lane, month }, { limit: 100, cursor, consistent: true });
    rows.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return rows;
}
const dense = (count: number, from = 1) =>
  Array.from({ length: count }, (_, at) => String(from + at).padStart(12, '0'));
/** Ids whose records lie in this lane. */
function inLane(lane: string, count: number): string[] {
  const found: string[] = [];
  while (found.length < count) {
    const id = freshId();
    if (laneOf(id) === lane) found.push(id);
  }
  return found;
}
const many = (count: number): Event[] => Array.from({ length: count }, () => anEvent());

describe('the feed', () => {
  it('gives each event a place, with all it holds, and a marker that says where', async () => {
    const event = anEvent(freshId(), 3, { storyId: 'story_1', data: { why: 'x' }, changes: [{ field: 'text' }] });
    await append([event], NOW, soon());
    const lane = laneOf(event.recordId);
    const { type: kind, ...rest } = event;
    expect(await rowsOf(lane)).toEqual([{ ...rest, kind, lane, month: '202611', seq: '000000000001' }]);
    expect(await get(marker, { eventId: event.id })).toEqual({
      eventId: event.id,
      lane,
      month: '202611',
      seq: '000000000001',
    });
    expect(await get(feedHead, { lane })).toEqual({ lane, seq: 1, month: '202611', months: { '202611': 1 } });
  });

  it('keeps all events of a record in one lane, in the order they came', async () => {
    const id = freshId();
    await append(
      [1, 2, 3].map((version) => anEvent(id, version)),
      NOW,
      soon(),
    );
    const rows = await rowsOf(laneOf(id));
    expect(rows.map(({ record, seq }) => [record.version, seq])).toEqual(dense(3).map((seq, at) => [at + 1, seq]));
  });

  it('uses every lane', () => {
    expect([...new Set(many(200).map(({ recordId }) => laneOf(recordId)))].toSorted()).toEqual(lanes);
  });

  it('is dense in every lane, with each event once, when eight write at the same time', async () => {
    const shares = Array.from({ length: 8 }, () => many(12));
    const common = many(6);
    await Promise.all(shares.map((share) => append([...share, ...common], NOW, soon())));
    const rows = await Promise.all(lanes.map((lane) => rowsOf(lane)));
    for (const lane of rows) expect(lane.map(({ seq }) => seq)).toEqual(dense(lane.length));
    const wanted = [...shares.flat(), ...common].map(({ id }) => id).toSorted();
    expect(
      rows
        .flat()
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(wanted);
    const heads = await getMany(
      feedHead,
      lanes.map((lane) => ({ lane })),
    );
    expect(heads.map(({ seq }) => seq)).toEqual(rows.map(({ length }) => length));
  });

  it('takes nothing twice: not in one batch, not in a later one', async () => {
    const [lane = ''] = lanes;
    const [a = '', b = '', c = ''] = inLane(lane, 3);
    await append([anEvent(a), anEvent(b), anEvent(a)], NOW, soon());
    await append([anEvent(b), anEvent(c), anEvent(a)], NOW, soon());
    expect((await rowsOf(lane)).map(({ recordId, seq }) => [recordId, Number(seq)])).toEqual([
      [a, 1],
      [b, 2],
      [c, 3],
    ]);
  });

  it('takes more than one transaction holds', async () => {
    const [lane = ''] = lanes;
    await append(
      inLane(lane, 120).map((id) => anEvent(id)),
      NOW,
      soon(),
    );
    expect((await rowsOf(lane)).map(({ seq }) => seq)).toEqual(dense(120));
  });

  it('begins a new part with the month, counts on, and knows with which place each month began', async () => {
    const [lane = ''] = lanes;
    const ids = inLane(lane, 4);
    const [first, second, third, late] = ids.map((id) => anEvent(id));
    await append(
      [first, second].filter((one) => one !== undefined),
      '2026-11-30T23:59:59.999Z',
      soon(),
    );
    await append(
      [third].filter((one) => one !== undefined),
      '2026-12-01T00:00:00.000Z',
      soon(),
    );
    // A writer whose clock is behind: the feed does not go back to a month it has left.
    await append(
      [late].filter((one) => one !== undefined),
      '2026-11-30T23:59:59.999Z',
      soon(),
    );
    expect((await rowsOf(lane, '202611')).map(({ seq }) => seq)).toEqual(dense(2));
    expect((await rowsOf(lane, '202612')).map(({ seq, recordId }) => [seq, recordId])).toEqual([
      ['000000000003', ids[2]],
      ['000000000004', ids[3]],
    ]);
    expect(await get(feedHead, { lane })).toEqual({
      lane,
      seq: 4,
      month: '202612',
      months: { '202611': 1, '202612': 3 },
    });
  });

  it('stays dense when writers see the month turn at different moments', async () => {
    const [lane = ''] = lanes;
    const times = ['2026-11-30T23:59:59.999Z', '2026-12-01T00:00:00.000Z'];
    const ids = inLane(lane, 16);
    await Promise.all(ids.map((id, at) => append([anEvent(id)], times[at % 2] ?? '', soon())));
    const seqs = [...(await rowsOf(lane, '202611')), ...(await rowsOf(lane, '202612'))].map(({ seq }) => seq);
    expect(seqs).toEqual(dense(16));
  });

  it('is turned by the year as well', async () => {
    const [lane = ''] = lanes;
    const [a = '', b = ''] = inLane(lane, 2);
    await append([anEvent(a)], '2026-12-31T23:59:59.999Z', soon());
    await append([anEvent(b)], '2027-01-01T00:00:00.000Z', soon());
    expect((await rowsOf(lane, '202701')).map(({ seq }) => seq)).toEqual(dense(1, 2));
  });
});
