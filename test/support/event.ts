import type { Event } from '#shared/events.ts';
import { events } from '#shared/events.ts';
import { transact } from '#shared/table/transact.ts';
import { putItem } from '#shared/table/write.ts';
import { freshId, NOW } from './note.ts';

/** An event about a record, as a command would write it; of a record of its own unless said. */
export function anEvent(recordId = freshId(), version = 1, change: Partial<Event> = {}): Event {
  return {
    id: `${recordId}.r${version}.0`,
    type: 'note.changed',
    place: `R${String(version).padStart(10, '0')}#0`,
    recordId,
    at: NOW,
    position: '00',
    record: { entity: 'lead', id: recordId, part: 'R', version },
    touched: [],
    by: { kind: 'system', id: 'test' },
    data: {},
    changes: [],
    depth: 0,
    requestId: 'request-1',
    ...change,
  };
}

export const itemOf = ({ type, ...event }: Event) => events.create({ ...event, kind: type });

/** Writes events into the table, as if their commands had run and nobody had told of them. */
export async function written(all: readonly Event[]): Promise<void> {
  for (let at = 0; at < all.length; at += 100) {
    const result = await transact(all.slice(at, at + 100).map((event) => putItem(itemOf(event).put)));
    if (result !== 'done') throw new Error(`The events are there already: ${JSON.stringify(result)}`);
  }
}
