import { refuse } from '#shared/errors.ts';
import { sameJson } from '#shared/json.ts';
import { putItem, type TransactItem, type Write } from '#shared/table/write.ts';
import type { Context } from '#shared/command.ts';
import { events, MAX_DEPTH, was, type Change, type NewEvent, type RecordRef } from '#shared/events.ts';

/** The event items of a command, and the erasable items with the old personal values of what it changed. */
export function eventItems(
  told: readonly NewEvent[],
  writes: readonly Write[],
  context: Context,
): { items: TransactItem[]; lastId?: string } {
  const depth = context.cause ? context.cause.depth + 1 : 0;
  if (depth > MAX_DEPTH)
    throw refuse('wrong_state', {
      what: 'The chain of events',
      state: `${depth} deep`,
      why: 'it goes round in a circle',
    });
  const stray = told.find((event) => !writes.some((write) => !write.asIs && sameRecord(write, event.write)));
  if (stray) throw new TypeError(`A command tells ${stray.type} of a record it does not change.`);
  const untold = writes.filter(
    (write) => write.part && !write.asIs && !told.some((event) => sameRecord(event.write, write)),
  );
  if (told.length === 0 && untold.length > 0) {
    throw new TypeError(`A command changes ${untold.map((write) => write.entity).join(', ')} and tells no event.`);
  }
  const ordinals = new Map<string, number>();
  let lastId: string | undefined;
  const items = told.flatMap((event, position) => {
    const { write } = event;
    const part = write.part ?? 'R';
    const version = `${part}${String(write.version).padStart(10, '0')}`;
    const ordinal = ordinals.get(write.recordId + version) ?? 0;
    ordinals.set(write.recordId + version, ordinal + 1);
    const place = `${version}#${ordinal}`;
    const id = `${write.recordId}.${part.toLowerCase()}${write.version}.${ordinal}`;
    const own = writes.filter((one) => sameRecord(one, write));
    // What the machine changed beside it is touched, not told: a person asked about his own part.
    const ofPart = own.filter((one) => (one.part ?? 'R') === part);
    const changes = ordinal === 0 ? ofPart.flatMap(changesOf) : [];
    lastId = id;
    const item = events.create({
      id,
      kind: event.type,
      place,
      recordId: write.recordId,
      at: context.now,
      position: String(position).padStart(2, '0'),
      record: refOf(write),
      touched: [...own.filter((one) => one !== write && one.part !== part), ...(position === 0 ? untold : [])].map(
        refOf,
      ),
      storyId: event.storyId ?? storyOf(write),
      by: context.by,
      data: event.data,
      changes: changes.map(({ change }) => (context.forget ? { field: change.field, personal: true } : change)),
      cause: context.cause?.id,
      depth,
      ...(context.quiet && { quiet: true }),
      ...(context.via !== undefined && { via: context.via }),
      requestId: context.requestId,
    });
    return [putItem(item.put), ...(context.forget ? [] : oldValues(own, id))];
  });
  return { items, ...(lastId !== undefined && { lastId }) };
}

const sameRecord = (a: Write, b: Write): boolean => a.recordId === b.recordId;
const refOf = (write: Write): RecordRef => ({
  entity: write.entity,
  id: write.recordId,
  part: write.part ?? 'R',
  version: write.version,
});
const storyOf = ({ after }: Write): string | undefined =>
  typeof after['storyId'] === 'string' ? after['storyId'] : undefined;

const KERNEL_FIELDS = new Set(['version', 'updatedAt']);

type Changed = { change: Change; old?: unknown };

/** Field by field, what a write changes; nothing for a new record. Guarded and personal values are only named. */
function changesOf({ before, after, personal, visible }: Write): Changed[] {
  if (before === undefined) return [];
  const [was, is] = [visible(before), visible(after)];
  const [old, now] = [before, after].map(withCustom) as [Values, Values];
  const fields = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return fields.flatMap((field): Changed[] => {
    if (KERNEL_FIELDS.has(field) || sameJson(old[field], now[field])) return [];
    if (personal.has(field.split('.')[0] ?? field)) return [{ change: { field, personal: true }, old: old[field] }];
    const large = sizeOf(was[field]) + sizeOf(is[field]) > MAX_SHOWN;
    return [
      { change: large || sameJson(was[field], is[field]) ? { field } : { field, from: was[field], to: is[field] } },
    ];
  });
}

/** Bytes of both values together beyond which a change is only named: an item holds 400 kB. */
const MAX_SHOWN = 200_000;
const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');

type Values = Record<string, unknown>;
/** The firm's own fields are told one by one, as `custom.<id>`. */
const withCustom = ({ custom, ...rest }: Values): Values =>
  typeof custom === 'object' && custom !== null
    ? { ...rest, ...Object.fromEntries(Object.entries(custom).map(([id, value]) => [`custom.${id}`, value])) }
    : rest;

/** The old personal values of one event, kept with the person they are about. */
function oldValues(writes: readonly Write[], eventId: string): TransactItem[] {
  const byPerson = new Map<string, { recordId: string; values: Record<string, unknown> }>();
  for (const write of writes) {
    // What speaks of a person lies with him; what may speak of one (a client's name, a comment) with its own record.
    const personId = typeof write.after['personId'] === 'string' ? write.after['personId'] : write.recordId;
    for (const { change, old } of changesOf(write)) {
      if (!change.personal || old === undefined) continue;
      const kept = byPerson.get(personId) ?? { recordId: write.recordId, values: {} };
      kept.values[change.field] = old;
      byPerson.set(personId, kept);
    }
  }
  return [...byPerson].map(([personId, kept]) => putItem(was.create({ personId, eventId, ...kept }).put));
}
