import * as z from 'zod';
import { loadSecret } from '#shared/aws/secret.ts';
import { Event } from '#shared/events.ts';
import { hears, type Listener } from '#shared/listen.ts';
import type { Needs } from '#shared/needs.ts';

export const needs: Needs = {
  what: "calls the customers' own addresses; it sees nothing but what it has to send",
  reads: ['secret'],
  writes: ['event'],
  uses: ['secret'],
  timeout: 120,
  memory: 512,
};

const listeners: readonly Listener[] = [];

/** The event types the bus rule lets through to this function. */
export const listens: readonly string[] = [...new Set(listeners.map(({ type }) => type))];

const heard = hears(listeners, loadSecret);

/** Something is due (from the bus), or a wish of the clock. */
const Asked = z.union([z.object({ detail: Event }), z.object({ sweep: z.literal(true) })]);

export const handler = async (asked: unknown, lambda: { getRemainingTimeInMillis(): number }): Promise<unknown> => {
  const what = Asked.parse(asked);
  return 'detail' in what ? heard(what, lambda) : undefined;
};
