import * as z from 'zod';
import { hearEvent, sweepDeliveries } from '#functions/exchange/webhook-hear.ts';
import { loadSecret } from '#shared/aws/secret.ts';
import { Event, type Actor } from '#shared/events.ts';
import { newId } from '#shared/id.ts';
import { logFor } from '#shared/log.ts';
import type { Needs } from '#shared/needs.ts';
import { systemNow } from '#shared/time.ts';

export const needs: Needs = {
  what: "calls the customers' own addresses; it sees nothing but what it has to send",
  reads: ['webhook', 'webhookKey', 'webhookWork', 'delivery'],
  writes: ['webhook', 'webhookWork', 'delivery', 'event'],
  queues: ['delivery'],
  uses: ['secret', 'address', 'outbound'],
  timeout: 120,
  memory: 512,
};

/** Something happened (from the bus), or a wish of the clock. */
const Asked = z.union([z.object({ detail: Event }), z.object({ sweep: z.literal(true) })]);

const by: Actor = { kind: 'system', id: 'webhooks' };
/** Kept for what must still be written after the last call. */
const RESERVE_MS = 5000;

/** It hears events of every type itself: one call for each, nothing in between, and a receiver that hangs holds up nobody else. */
export const handler = async (asked: unknown, lambda: { getRemainingTimeInMillis(): number }): Promise<unknown> => {
  const what = Asked.parse(asked);
  const now = systemNow();
  const deadline = now + lambda.getRemainingTimeInMillis() - RESERVE_MS;
  await loadSecret();
  if ('sweep' in what) return sweepDeliveries({ by, requestId: newId('run', now), deadline });
  const { requestId } = what.detail;
  logFor(requestId);
  return hearEvent(what.detail, { by, requestId, deadline });
};
