import { refuse } from '#shared/errors.ts';
import { primaryKey, type EntityName } from '#shared/table/keys.ts';
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
    const changes = ordinal === 0 ? own.flatMap(changesOf) : [];
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
      changes: changes.map((change) => (change.personal ? { field: change.field, personal: true as const } : change)),
      cause: context.cause?.id,
      depth,
      requestId: context.requestId,
    });
    return [putItem(item.put), ...oldValues(own, id)];
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

/** Field by field, what a write changes; nothing for a new record. */
function changesOf({ before, after, personal }: Write): Change[] {
  if (before === undefined) return [];
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...fields].flatMap((field) => {
    if (KERNEL_FIELDS.has(field) || JSON.stringify(before[field]) === JSON.stringify(after[field])) return [];
    return [{ field, from: before[field], to: after[field], ...(personal.has(field) && { personal: true as const }) }];
  });
}

function oldValues(writes: readonly Write[], eventId: string): TransactItem[] {
  return writes.flatMap((write) => {
    const old = changesOf(write).filter((change) => change.personal && change.from !== undefined);
    const personId = write.entity === 'person' ? write.recordId : write.after['personId'];
    if (old.length === 0 || typeof personId !== 'string') return [];
    const values = Object.fromEntries(old.map(({ field, from }) => [field, from]));
    return [putItem(was.create({ personId, eventId, recordId: write.recordId, values }).put)];
  });
}

/** The key of a record named in an event. */
export const keyOfRef = (ref: RecordRef, fields: Record<string, string> = {}) =>
  primaryKey(ref.entity as EntityName, { id: ref.id, ...fields });
