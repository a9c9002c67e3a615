import * as z from 'zod';
import { sealText, openText } from '#shared/aws/secret.ts';
import { entity } from '#shared/table/entity.ts';
import { get, listAll, type Read } from '#shared/table/read.ts';
import type { Write } from '#shared/table/write.ts';
import { addTo, systemNow } from '#shared/time.ts';
import { Webhook, WebhookWork } from './webhook.ts';
import { Delivery } from './webhook-delivery.ts';

export const webhooks = entity('webhook', Webhook, { part: 'R' });
export const webhookWorks = entity('webhookWork', WebhookWork, { recordId: ({ webhookId }) => webhookId });
export const deliveries = entity('delivery', Delivery);

const WebhookKey = z.object({
  webhookId: z.string(),
  version: z.int(),
  sealed: z.string(),
  /** The secret before, which signs too until then. */
  before: z.object({ sealed: z.string(), until: z.string() }).optional(),
});
const webhookKeys = entity('webhookKey', WebhookKey, { recordId: ({ webhookId }) => webhookId });

/** What a webhook must write to sign with a new secret; the one before signs too for a day. */
export async function newSecret(read: Read, webhookId: string, secret: string, now: string): Promise<Write> {
  const sealed = sealText(secret, 'webhook-secret');
  const before = await read.get(webhookKeys, { webhookId });
  return before
    ? webhookKeys.save(before, { sealed, before: { sealed: before.sealed, until: addTo(now, { hours: 24 }) } })
    : webhookKeys.create({ webhookId, version: 1, sealed });
}

/** The secrets a message is signed with at a moment, the newest first. */
export async function secretsOf(webhookId: string, now: string): Promise<string[]> {
  const found = await get(webhookKeys, { webhookId });
  const { sealed, before } = found ?? {};
  return [sealed, before && now < before.until ? before.sealed : undefined].flatMap((one) =>
    one === undefined ? [] : [openText(one, 'webhook-secret')],
  );
}

/** Each environment looks for new webhooks after this long: most firms have none, and events are many. */
const CACHE_MS = 30_000;
let cached: { until: number; found: Promise<Webhook[]> } | undefined;

/** All webhooks that are told of events, as they were within the last 30 seconds. */
export async function activeWebhooks(): Promise<Webhook[]> {
  if (!cached || cached.until <= systemNow()) {
    const found = listAll(webhooks, {});
    cached = { until: systemNow() + CACHE_MS, found };
    found.catch(() => forgetWebhooks());
  }
  return (await cached.found).filter(({ state }) => state === 'active');
}

/** After a change that this environment knows of. */
export const forgetWebhooks = (): void => {
  cached = undefined;
};
