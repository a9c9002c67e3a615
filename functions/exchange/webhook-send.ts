import { signWebhook } from '#shared/webhook.ts';
import { commit, run, type Context } from '#shared/command.ts';
import { log } from '#shared/log.ts';
import { networksOf } from '#shared/outbound-address.ts';
import { post } from '#shared/outbound.ts';
import { clean } from '#shared/text.ts';
import { get } from '#shared/table/read.ts';
import { epochOf, instantOf, systemNow } from '#shared/time.ts';
import type { Webhook } from './webhook.ts';
import { nextTry, tried, type Delivery, type Try } from './webhook-delivery.ts';
import { deliveries } from './webhook-store.ts';

/** What one call needs beside the delivery. */
export type Sending = { webhook: Webhook; secrets: readonly string[]; context: Omit<Context, 'now'> };
/** What became of it; `nothing` when it was not its turn. */
export type Sent = { delivery: Delivery; one: Try } | undefined;

/** Sends one delivery if it waits and is due, and keeps what was answered. A receiver that knows its id takes it once. */
export async function sendOne(id: string, { webhook, secrets, context }: Sending): Promise<Sent> {
  const delivery = await get(deliveries, { id });
  const now = instantOf(systemNow());
  if (delivery?.state !== 'waiting' || delivery.dueAt === undefined || delivery.dueAt > now) return undefined;
  const { one, retryAfter } = await called(delivery, webhook.url, secrets, now);
  const next = (failures: number) =>
    nextTry(failures, { now: instantOf(systemNow()), retryAfter, random: Math.random() });
  await run(
    commit(async (read) => {
      const before = await read.need(deliveries, { id });
      return { writes: [deliveries.save(before, tried(before, one, next(before.failures + 1)))] };
    }),
    { ...context, now },
  );
  log().info('told a webhook', { webhook: webhook.id, delivery: id, status: one.status, ms: one.ms, error: one.error });
  return { delivery, one };
}

async function called(
  { id, payload }: Delivery,
  url: string,
  secrets: readonly string[],
  now: string,
): Promise<{ one: Try; retryAfter: string | undefined }> {
  const begun = systemNow();
  const answered = await post({
    url,
    body: payload,
    networks: networksOf(process.env['OUTBOUND_NETWORKS'] ?? ''),
    authority: process.env['OUTBOUND_AUTHORITY'],
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Sdelka-Webhooks/1',
      ...signWebhook(secrets, { id, body: payload, now: epochOf(now) }),
    },
  });
  const { status, body, retryAfter } = answered;
  const redirected = status !== undefined && status >= 300 && status < 400;
  const error = answered.error ?? (redirected ? 'It sends elsewhere: redirects are not followed.' : undefined);
  const one = { at: now, ms: systemNow() - begun, status, error, answer: clean(body) };
  return { one, retryAfter };
}
