import { createHash } from 'node:crypto';
import * as z from 'zod';
import { eventType, type Change, type Event } from '#shared/events.ts';
import { addTo, epochOf } from '#shared/time.ts';

const DAY = 86_400;
/** Seconds to wait after the first failure, the second and so on; with the tenth try it is given up, after three days. */
const PAUSES = [5, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, DAY] as const;
/** Pauses are longer by up to this share, so that not everything comes back at once. */
const JITTER = 0.1;
/** A webhook of which nothing arrived for so long is disabled. */
const PATIENCE_DAYS = 3;
const MAX_PAYLOAD = 20_000;
/** Tries shown; one that was replayed often forgets the oldest. */
const MAX_TRIES = 30;
/** A delivery is kept so long; what happened is in the feed for ever. */
const KEPT_DAYS = 90;

const Try = z.object({
  at: z.string(),
  ms: z.int(),
  status: z.int().optional(),
  error: z.string().optional(),
  /** The beginning of what was answered. */
  answer: z.string(),
});
export type Try = z.output<typeof Try>;

/** One event on its way to one webhook. Its id is made of both: however often the event is heard, there is one. */
export const Delivery = z.object({
  id: z.string(),
  version: z.int(),
  webhookId: z.string(),
  eventId: z.string(),
  eventType: z.string(),
  state: z.enum(['waiting', 'delivered', 'failed']),
  /** The body as it is sent, the same each time. */
  payload: z.string(),
  tries: z.array(Try),
  /** Failures since it was last asked for. */
  failures: z.int(),
  /** When it is tried next; there only while it waits. */
  dueAt: z.string().optional(),
  failedAt: z.string().optional(),
  createdAt: z.string(),
  /** The replay that asked for it last. */
  askedBy: z.string().optional(),
  ttl: z.int(),
});
export type Delivery = z.output<typeof Delivery>;
export const DeliveryView = Delivery.omit({ ttl: true });

export const DeliveryAsked = eventType('delivery.asked', { webhookId: z.string() });

const deliveryId = (webhookId: string, eventId: string): string =>
  `delivery_${createHash('sha256')
    .update(JSON.stringify([webhookId, eventId]))
    .digest('hex')
    .slice(0, 32)}`;

type Given = { webhookId: string; link: string | undefined; now: string };

const fresh = (
  webhookId: string,
  { eventId, eventType, payload, now }: { eventId: string; eventType: string; payload: string; now: string },
): Delivery => ({
  id: deliveryId(webhookId, eventId),
  version: 1,
  webhookId,
  eventId,
  eventType,
  state: 'waiting',
  payload,
  tries: [],
  failures: 0,
  dueAt: now,
  createdAt: now,
  ttl: Math.floor(epochOf(now) / 1000) + KEPT_DAYS * DAY,
});

export const deliveryOf = (event: Event, { webhookId, link, now }: Given): Delivery =>
  fresh(webhookId, { eventId: event.id, eventType: event.type, payload: payloadOf(event, link), now });

/** A message that tells of nothing but itself. */
export const testOf = (webhookId: string, { id, now }: { id: string; now: string }): Delivery => {
  const payload = JSON.stringify({ type: 'webhook.test', timestamp: now, data: { id } });
  return fresh(webhookId, { eventId: id, eventType: 'webhook.test', payload, now });
};

/** The body that Standard Webhooks advises: thin, with an address to read the record at; nothing personal is in an event. */
function payloadOf({ id, type, at, record, storyId, by, data, changes, cause, quiet }: Event, link?: string): string {
  const body = (shown: readonly Change[], also: Event['data']) =>
    JSON.stringify({
      type,
      timestamp: at,
      data: {
        id,
        record: { ...record, link },
        storyId,
        by: { kind: by.kind, id: by.id },
        cause,
        quiet,
        data: also,
        changes: shown,
      },
    });
  const fits = (text: string): boolean => Buffer.byteLength(text) <= MAX_PAYLOAD;
  const named = changes.map(({ field, personal }) => ({ field, ...(personal && { personal }) }));
  const tried = [body(changes, data), body(named, data), body(named.slice(0, 100), {})];
  return tried.find(fits) ?? body([], {});
}

/** When it is tried again after this many failures; undefined when no more. `random` is from 0 to 1. */
export function nextTry(
  failures: number,
  { now, retryAfter, random }: { now: string; retryAfter: string | undefined; random: number },
): string | undefined {
  const pause = PAUSES[failures - 1];
  if (pause === undefined) return undefined;
  const asked = Math.min(DAY, secondsOf(retryAfter, now));
  return addTo(now, { seconds: Math.max(pause * (1 + JITTER * random), asked) });
}

/** Retry-After as RFC 9110 has it: seconds, or a date. */
function secondsOf(retryAfter: string | undefined, now: string): number {
  if (retryAfter === undefined) return 0;
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter);
  try {
    return Math.max(0, (epochOf(retryAfter) - epochOf(now)) / 1000);
  } catch {
    return 0;
  }
}

export const isTaken = ({ status = 0 }: Pick<Try, 'status'>): boolean => status >= 200 && status < 300;
/** The receiver says that nobody is there any more and nothing more shall come. */
export const isGone = ({ status }: Pick<Try, 'status'>): boolean => status === 410;

export const isHopeless = (failingSince: string, now: string): boolean =>
  now >= addTo(failingSince, { days: PATIENCE_DAYS });

/** What a try makes of a delivery. */
export function tried(before: Delivery, one: Try, next: string | undefined): Partial<Delivery> {
  const tries = [...before.tries, one].slice(-MAX_TRIES);
  if (isTaken(one)) return { tries, state: 'delivered', dueAt: undefined, failedAt: undefined };
  const failures = before.failures + 1;
  return next === undefined
    ? { tries, failures, state: 'failed', dueAt: undefined, failedAt: one.at }
    : { tries, failures, state: 'waiting', dueAt: next };
}

/** Puts a delivery back on its way, whatever became of it. */
export const askedAgain = (now: string, askedBy: string): Partial<Delivery> => ({
  state: 'waiting',
  dueAt: now,
  failures: 0,
  failedAt: undefined,
  askedBy,
});
