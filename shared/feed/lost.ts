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
const OfBus = z.looseObject({ requestPayload: z.looseObject({ detail: Event }) });

function eventsOf(record: unknown): Event[] {
  const bus = OfBus.safeParse(record);
  if (bus.success) return [bus.data.requestPayload.detail];
  const stream = OfStream.safeParse(
    typeof record === 'object' && record !== null && 'payload' in record && typeof record.payload === 'string'
      ? { ...record, payload: JSON.parse(record.payload) as unknown }
      : record,
  );
  if (!stream.success) return [];
  return stream.data.payload.Records.flatMap(({ dynamodb }) =>
    dynamodb.NewImage ? [asEvent(events.decode(itemOf(dynamodb.NewImage)))] : [],
  );
}

/** Gives what was given up another try: its events go to the feed and the bus once more. What is no event of ours stays for a person. */
export async function retryLost(now: string, deadline: number): Promise<{ again: number; left: number }> {
  let again = 0;
  let left = 0;
  for await (const { key, record } of failures()) {
    const lost = eventsOf(record);
    if (lost.length === 0) {
      left += 1;
      log().error('a failure that a person must look at', { key });
      continue;
    }
    await append(lost, now, deadline);
    await tell(lost);
    await removeFailure(key);
    again += lost.length;
  }
  return { again, left };
}
