import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { Event } from '#shared/events.ts';
import { clientDefaults } from './defaults.ts';

export const SOURCE = 'sdelka';
/** Limits of PutEvents: entries per call, and bytes of all entries of a call together (EventBridge quotas). */
const MAX_ENTRIES = 10;
const MAX_BYTES = 250_000;

let client: EventBridgeClient | undefined;

/** Tells the bus; `tries` is how often these were told before because a listener failed. Entries that PutEvents did not take are tried again, then the call fails as a whole. */
export async function tell(all: readonly Event[], tries = 0): Promise<void> {
  const bus = process.env['BUS_NAME'];
  if (bus === undefined) throw new Error('BUS_NAME is not set.');
  client ??= new EventBridgeClient(clientDefaults());
  for (let entries of batches(all.map((event) => entryOf(event, bus, tries)))) {
    for (let attempt = 1; entries.length > 0; attempt += 1) {
      const { FailedEntryCount = 0, Entries = [] } = await client.send(new PutEventsCommand({ Entries: entries }));
      if (FailedEntryCount === 0) break;
      entries = entries.filter((_, place) => Entries[place]?.ErrorCode !== undefined);
      if (attempt === 4)
        throw new Error(
          `The bus did not take ${entries.length} events: ${Entries.find((one) => one.ErrorCode)?.ErrorCode}`,
        );
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 100 * 2 ** attempt));
    }
  }
}

/** A large difference stays in the feed: listeners read the record anyway. */
function entryOf(event: Event, bus: string, tries: number): PutEventsRequestEntry {
  const told = tries > 0 ? { ...event, tries } : event;
  const whole = JSON.stringify(told);
  const Detail = Buffer.byteLength(whole) > MAX_BYTES / 2 ? JSON.stringify({ ...told, changes: [] }) : whole;
  return { EventBusName: bus, Source: SOURCE, DetailType: event.type, Detail };
}

function batches(entries: readonly PutEventsRequestEntry[]): PutEventsRequestEntry[][] {
  const all: PutEventsRequestEntry[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = Buffer.byteLength(entry.Detail ?? '') + 200;
    const last = all.at(-1);
    if (last === undefined || last.length === MAX_ENTRIES || bytes + size > MAX_BYTES) {
      all.push([entry]);
      bytes = size;
    } else {
      last.push(entry);
      bytes += size;
    }
  }
  return all;
}
