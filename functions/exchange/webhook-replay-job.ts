import * as z from 'zod';
import type { Event } from '#shared/events.ts';
import { commit } from '#shared/command.ts';
import { eventsAfter, feedHeads, placesBefore, placesOf, type Places } from '#shared/feed/tail.ts';
import type { Doing, JobKind } from '#shared/jobs.ts';
import { need } from '#shared/table/read.ts';
import { addTo } from '#shared/time.ts';
import { isWanted } from './change-feed.ts';
import { linkTo } from './external-id.ts';
import { isTold, typesOf } from './webhook.ts';
import { askedAgain, deliveryOf } from './webhook-delivery.ts';
import { deliveries, webhooks } from './webhook-store.ts';

const Input = z.object({ webhookId: z.string(), since: z.string() });
/** Where it is in the feed, and where the feed was when it began: the job's own events are not replayed. */
const Cursor = z.object({ at: z.record(z.string(), z.int()), end: z.record(z.string(), z.int()) });
const PAGE = 100;
/** Clocks that wrote events and fed them may differ by so much. */
const SLACK_HOURS = 1;

async function begin(since: string): Promise<z.output<typeof Cursor>> {
  const heads = await feedHeads();
  return { at: placesBefore(heads, addTo(since, { hours: -SLACK_HOURS })), end: placesOf(heads) };
}

const isBehind = (at: Places, end: Places): boolean => Object.entries(end).some(([lane, seq]) => (at[lane] ?? 0) < seq);

/** Gives one event to the webhook once more, or for the first time if it was disabled then; once for each job. */
async function give(event: Event, webhookId: string, { jobId, now, perform }: Doing): Promise<void> {
  const link = linkTo(process.env['BASE_URL'] ?? '', event.record.entity, event.record.id);
  const fresh = { ...deliveryOf(event, { webhookId, link, now }), askedBy: jobId };
  await perform(
    commit(async (read) => {
      const before = await read.get(deliveries, { id: fresh.id });
      if (before?.askedBy === jobId) return undefined;
      return { writes: [before ? deliveries.save(before, askedAgain(now, jobId)) : deliveries.create(fresh)] };
    }),
  );
}

/** Tells a webhook again of what happened since a moment; the sweep of the minute sends it. */
export const replayWebhookJob: JobKind = {
  kind: 'replay-webhook',
  async chunk(doing) {
    const { webhookId, since } = Input.parse(doing.input);
    const { at, end } = doing.cursor === undefined ? await begin(since) : Cursor.parse(JSON.parse(doing.cursor));
    const types = typesOf(await need(webhooks, { id: webhookId }));
    const wanted = (event: Event) => event.at >= since && isTold(event.type) && isWanted(event.type, types);
    const { events, places } = await eventsAfter(at, { limit: PAGE, wanted });
    for (const event of events) await give(event, webhookId, doing);
    const cursor = isBehind(places, end) ? JSON.stringify({ at: places, end }) : undefined;
    return { done: events.length, faults: [], cursor };
  },
};
