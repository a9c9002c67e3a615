import { isLate, text, twice, type Broken, type Item, type Table } from './invariant-table.ts';

const placeOf = ({ lane, month, seq }: Item): string => `${text(lane)}#${text(month)}#${text(seq)}`;

/** Every event has one place in the feed and one marker that names it; every lane is dense up to its head. */
export function* feedFaults(table: Table): Generator<Broken> {
  const rule = 'feed';
  const rows = new Map(table.of('feed').map((row) => [placeOf(row), row]));
  const markers = new Map(table.of('marker').map((marker) => [text(marker['eventId']), marker]));
  const events = new Set(table.of('event').map(({ id }) => id));
  for (const event of table.of('event')) {
    const id = text(event['id']);
    const marker = markers.get(id);
    if (!marker && isLate(table, event['at']))
      yield { rule, id, why: 'it has no place in the feed: the sweep of the feed gives it one' };
    if (marker && rows.get(placeOf(marker))?.['id'] !== id)
      yield { rule, id, why: `its marker names ${placeOf(marker)}, where something else lies` };
  }
  for (const marker of markers.keys())
    if (!events.has(marker)) yield { rule, id: marker, why: 'it is marked as fed, and there is no such event' };
  for (const [id, all] of twice(table.of('feed'), ({ id }) => text(id)))
    yield { rule, id, why: `it lies in the feed ${all.length} times` };
  yield* laneFaults(table);
}

function* laneFaults(table: Table): Generator<Broken> {
  const heads = new Map(table.of('feedHead').map(({ lane, seq }) => [text(lane), Number(seq)]));
  const lanes = Map.groupBy(table.of('feed'), ({ lane }) => text(lane));
  for (const lane of new Set([...heads.keys(), ...lanes.keys()])) {
    const places = (lanes.get(lane) ?? []).map(({ seq }) => Number(seq)).sort((a, b) => a - b);
    const gap = places.findIndex((seq, at) => seq !== at + 1);
    if (gap >= 0) yield { rule: 'feed', id: `lane ${lane}`, why: `place ${gap + 1} is missing or taken twice` };
    if (places.length !== (heads.get(lane) ?? 0))
      yield {
        rule: 'feed',
        id: `lane ${lane}`,
        why: `its head is ${heads.get(lane) ?? 0}, and it has ${places.length} places`,
      };
  }
}
