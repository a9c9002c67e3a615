import type { Change, Event } from '#shared/events.ts';
import { sameJson } from '#shared/json.ts';
import { addTo } from '#shared/time.ts';

/** Changes that somebody made of one record in a short time, as one: the newest event, and what all of them changed. */
export type Folded = { event: Event; changes: Change[]; count: number; since: string; oldest: Event };

const MINUTES = 10;
/** What people do in several small steps. A stage that was moved or a lead that was rejected is an entry of its own. */
const isEdit = ({ type }: Event): boolean => type.endsWith('.changed');

export const alone = (event: Event): Folded => ({
  event,
  changes: event.changes,
  count: 1,
  since: event.at,
  oldest: event,
});

/** Whether an older event belongs to what was done after it: same person, same record, within ten minutes of the last. */
export function foldsInto({ event }: Folded, older: Event): boolean {
  const same = event.by.kind === older.by.kind && event.by.id === older.by.id && event.recordId === older.recordId;
  return same && event.type === older.type && isEdit(event) && older.at >= addTo(event.at, { minutes: -MINUTES });
}

/** With an older event taken in: each field goes from what it was first to what it is last; what came back is left out. */
export function folded(group: Folded, older: Event): Folded {
  const first = new Map(older.changes.map((change) => [change.field, change]));
  const later = group.changes.flatMap((change) => {
    const begun = first.get(change.field);
    first.delete(change.field);
    if (!begun) return [change];
    return cameBack(begun, change) ? [] : [joined(begun, change)];
  });
  return { ...group, changes: [...later, ...first.values()], count: group.count + 1, since: older.at, oldest: older };
}

/** `from` of the first, `to` of the last; either may be absent where there was nothing. */
function joined(first: Change, last: Change): Change {
  const { field, personal } = last;
  return {
    field,
    ...(personal && { personal }),
    ...('from' in first && { from: first.from }),
    ...('to' in last && { to: last.to }),
  };
}

/** A change that only names its field (it is guarded, or too large) is never taken for one that came back. */
const isKnown = (change: Change): boolean => 'from' in change || 'to' in change;
const cameBack = (first: Change, last: Change): boolean =>
  isKnown(first) && isKnown(last) && sameJson(first.from ?? null, last.to ?? null);
