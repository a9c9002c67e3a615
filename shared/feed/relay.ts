import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { tell } from '#shared/aws/bus.ts';
import { asEvent, events, type Event } from '#shared/events.ts';
import { log } from '#shared/log.ts';
import { count } from '#shared/metrics.ts';
import { instantOf, systemNow } from '#shared/time.ts';
import { itemOf } from '#shared/table/image.ts';
import { append } from './append.ts';

/**
 * The handler of `relay`: what the table's stream says of new events goes to the feed and to the bus.
 * Failing repeats the batch: the feed takes each event once, the bus may hear it again.
 */
export async function relay(
  { Records }: DynamoDBStreamEvent,
  context: { getRemainingTimeInMillis(): number },
): Promise<void> {
  const told = Records.flatMap(eventIn);
  if (told.length === 0) return;
  const now = systemNow();
  await append(told, instantOf(now), now + context.getRemainingTimeInMillis() - 2000);
  await tell(told);
}

/** Events are only ever added: anything else is tampering, or an erasure, and is shown by an alarm. */
function eventIn({ eventName, dynamodb }: DynamoDBRecord): Event[] {
  if (eventName !== 'INSERT' || !dynamodb?.NewImage) {
    log().error('an event was changed or removed', { eventName, key: dynamodb?.Keys?.['pk']?.S });
    count('EventsTamperedWith');
    return [];
  }
  const item = itemOf(dynamodb.NewImage);
  // It came with an archive, which also gives it its place in the feed: where it happened it was told.
  return item['restored'] === true ? [] : [asEvent(events.decode(item))];
}
