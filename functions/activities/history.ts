import { asEvent, events, was, type Change, type Event } from '#shared/events.ts';
import { getMany, list, type Item } from '#shared/table/read.ts';
import { alone, folded, foldsInto, type Folded } from './fold.ts';

/** The two sequences of a record's history: what people keep of it, and what the machine keeps beside it. */
export type Part = 'R' | 'W';
const PAGE = 50;
/** More than this newer than a page are not looked at: then a value is shown without what it became. */
const NEWER = 300;

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const valueIn = (item: Item, field: string): unknown =>
  field.startsWith('custom.')
    ? (item['custom'] as Record<string, unknown> | undefined)?.[field.slice('custom.'.length)]
    : item[field];

/** Gives personal changes their values, newest event first: the old one lies with the person, the new one is what came after. */
function valuesOf(record: Item) {
  const now = new Map<string, unknown>();
  const personId = text(record['personId']) ?? String(record['id']);
  const filled = (change: Change, old: Readonly<Record<string, unknown>>): Change => {
    const { field, personal } = change;
    if (!personal) return change;
    const to = now.has(field) ? now.get(field) : valueIn(record, field);
    const from = old[field];
    now.set(field, from);
    return { field, personal, ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  };
  return async (page: readonly Event[]): Promise<Event[]> => {
    const told = page.filter(({ changes }) => changes.some(({ personal }) => personal));
    const kept = await getMany(
      was,
      told.map(({ id }) => ({ personId, eventId: id })),
    );
    const old = new Map(kept.map(({ eventId, values }) => [eventId, values]));
    return page.map((event) => ({
      ...event,
      changes: event.changes.map((change) => filled(change, old.get(event.id) ?? {})),
    }));
  };
}

/**
 * What happened to a record, the newest first, quick edits as one. `before` is the place of an event: those older than it.
 * Values that are personal come from where they can be erased, so whoever calls this has checked who may read the record.
 */
export async function* historyOf(record: Item, part: Part, before: string | undefined): AsyncGenerator<Folded> {
  const recordId = String(record['id']);
  const values = valuesOf(record);
  if (before !== undefined) {
    const { items } = await list(events, 'item', { recordId }, { from: before, before: `${part}~`, limit: NEWER });
    await values(items.map(asEvent).reverse());
  }
  let group: Folded | undefined;
  for await (const event of eventsOf(recordId, part, before)) {
    const [one] = await values([event]);
    if (!one) continue;
    if (group && foldsInto(group, one)) group = folded(group, one);
    else {
      if (group) yield group;
      group = alone(one);
    }
  }
  if (group) yield group;
}

async function* eventsOf(recordId: string, part: Part, before: string | undefined): AsyncGenerator<Event> {
  let cursor: string | undefined;
  do {
    const page = await list(
      events,
      'item',
      { recordId },
      { from: part, before: before ?? `${part}~`, descending: true, limit: PAGE, cursor, consistent: true },
    );
    // The end of a range is part of it.
    yield* page.items.filter(({ place }) => place !== before).map(asEvent);
    cursor = page.cursor;
  } while (cursor !== undefined);
}
