import type { Context } from '#shared/command.ts';
import type { Event } from '#shared/events.ts';
import { putOnce } from '#shared/table/put-once.ts';
import { get } from '#shared/table/read.ts';
import { instantOf, systemNow } from '#shared/time.ts';
import { isWanted } from './change-feed.ts';
import { linkTo } from './external-id.ts';
import { isTold, typesOf, type Webhook } from './webhook.ts';
import { DeliveryAsked, deliveryOf } from './webhook-delivery.ts';
import { activeWebhooks, deliveries, forgetWebhooks, webhooks } from './webhook-store.ts';
import { takeTurn } from './webhook-turn.ts';

type Because = Omit<Context, 'now'>;

/**
 * What the bus told: each webhook that wants it gets one delivery, kept before anything is sent. Heard again it finds what is
 * there. Without webhooks it reads nothing but their list, twice a minute.
 */
export async function hearEvent(event: Event, context: Because): Promise<void> {
  if (event.type.startsWith('webhook.')) forgetWebhooks();
  if (event.type === DeliveryAsked.name) return wake(event, context);
  if (!isTold(event.type)) return;
  const wanted = (await activeWebhooks()).filter((one) => isWanted(event.type, typesOf(one)));
  await Promise.all(wanted.map((one) => tell(one, event, context)));
}

async function tell(webhook: Webhook, event: Event, context: Because): Promise<void> {
  const link = linkTo(process.env['BASE_URL'] ?? '', event.record.entity, event.record.id);
  const delivery = deliveryOf(event, { webhookId: webhook.id, link, now: instantOf(systemNow()) });
  await putOnce(deliveries.create(delivery));
  await takeTurn(webhook, [delivery.id], context);
}

/** Somebody asked for a delivery, perhaps of a webhook that was made this moment. */
async function wake({ recordId, data }: Event, context: Because): Promise<void> {
  const webhook = await get(webhooks, { id: String(data['webhookId']) });
  if (webhook?.state === 'active') await takeTurn(webhook, [recordId], context);
}

/** Sends what waits and is due, of all webhooks. */
export async function sweepDeliveries(context: Because): Promise<number> {
  const all = await activeWebhooks();
  await Promise.all(all.map((one) => takeTurn(one, [], context)));
  return all.length;
}
