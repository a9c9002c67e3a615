import { refuse } from '#shared/errors.ts';
import { asEvent, events } from '#shared/events.ts';
import { list } from '#shared/table/read.ts';

/**
 * Refuses with 412 when the record moved on since the version the caller read, and says what changed, by whom and when.
 * Costs reads only then.
 */
export async function stillAt(recordId: string, current: number, yours: number): Promise<void> {
  if (current === yours) return;
  const from = `R${String((Number.isNaN(yours) ? 0 : yours) + 1).padStart(10, '0')}`;
  const { items } = await list(events, 'item', { recordId }, { from, limit: 20, consistent: true });
  const changes = items
    .map(asEvent)
    .filter(({ place }) => place.startsWith('R'))
    .map(({ type, at, by, changes: fields }) => ({ type, at, by: by.name ?? by.id, fields }));
  throw refuse('stale', { current, yours: Number.isNaN(yours) ? '?' : yours }, [], { current, changes });
}
