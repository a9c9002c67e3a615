import * as z from 'zod';
import { failures, removeFailure } from '#shared/aws/failures.ts';
import { tell } from '#shared/aws/bus.ts';
import { asEvent, Event, events } from '#shared/events.ts';
import { log } from '#shared/log.ts';
import { itemOf } from '#shared/table/image.ts';
import { append } from './append.ts';

/** What AWS leaves when a function failed for good: of the stream mapping the records, of an asynchronous call its event. */
const OfStream = z.looseObject({
  payload: z.looseObject({
    Records: z.array(
      z.looseObject({
        eventName: z.string().optional(),
        dynamodb: z.looseObject({ NewImage: z.record(z.string(), z.unknown()).optional() }),
      }),
    ),
  }),
});
const OfBus = z.looseObject({
  requestPayload: z.looseObject({ detail: z.looseObject({ tries: z.int().default(0) }) }),
});
/** A call of the clock that failed: the next one does its work; what was due is found by its sweep. */
const OfClock = z.looseObject({
  requestPayload: z.union([
    z.looseObject({ sweep: z.unknown() }),
    z.looseObject({ pull: z.string() }),
    z.looseObject({ snapshot: z.unknown() }),
    z.looseObject({ due: z.unknown() }),
  ]),
});
/** Told this often, every quarter of an hour, an event that still fails waits for a person. */
const MAX_TRIES = 20;
/** `past`: nothing is left to do about it. */
type Lost = { events: Event[]; tries: number; past?: true };

function eventsOf(record: unknown): Lost {
  if (OfClock.safeParse(record).success) return { events: [], tries: 0, past: true };
  const bus = OfBus.safeParse(record);
  const detail = bus.success ? Event.safeParse(bus.data.requestPayload.detail) : undefined;
  if (bus.success && detail?.success) return { events: [detail.data], tries: bus.data.requestPayload.detail.tries };
  const stream = OfStream.safeParse(
    typeof record === 'object' && record !== null && 'payload' in record && typeof record.payload === 'string'
      ? { ...record, payload: JSON.parse(record.payload) as unknown }
      : record,
  );
  if (!stream.success) return { events: [], tries: 0 };
  const told = stream.data.payload.Records.flatMap(({ dynamodb }) =>
    dynamodb.NewImage ? [asEvent(events.decode(itemOf(dynamodb.NewImage)))] : [],
  );
  return { events: told, tries: 0 };
}

/**
 * Gives what was given up another try: its events go to the feed and the bus once more. What is no event of ours or cannot be
 * read stays for a person. None keeps those behind it from their own try.
 * @throws AggregateError when some could not be fed or told now either
 */
export async function retryLost(now: string, deadline: number): Promise<{ again: number; left: number }> {
  let again = 0;
  let left = 0;
  const faults: unknown[] = [];
  for await (const { key, text } of failures()) {
    const { events: lost, tries, past } = readable(key, text);
    if (past) await removeFailure(key);
    else if (lost.length === 0) left += 1;
    else {
      try {
        await append(lost, now, deadline);
        await tell(lost, tries + 1);
        await removeFailure(key);
        again += lost.length;
      } catch (error) {
        faults.push(error);
      }
    }
  }
  if (faults.length > 0)
    throw new AggregateError(faults, `${faults.length} failures failed again: ${String(faults[0])}`);
  return { again, left };
}

function readable(key: string, text: string): Lost {
  try {
    const lost = eventsOf(JSON.parse(text));
    if (lost.past || (lost.events.length > 0 && lost.tries < MAX_TRIES)) return lost;
    log().error('a failure that a person must look at', { key, tries: lost.tries });
  } catch (error) {
    log().error('a failure that a person must look at', { key, error: error as Error });
  }
  return { events: [], tries: 0 };
}
