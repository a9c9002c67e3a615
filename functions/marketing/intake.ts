import * as z from 'zod';
import { eventType } from '#shared/events.ts';
import { hashOf } from '#shared/json.ts';

/** Why a request waits for a person instead of being a lead. */
export const Attention = z.enum(['quarantined', 'unmapped']);

/** A request exactly as it came in, kept before anything else is done with it. */
export const Raw = z.object({
  id: z.string(),
  version: z.int(),
  storyId: z.string(),
  sourceId: z.string(),
  door: z.enum(['form', 'hook']),
  at: z.string(),
  state: z.enum(['received', 'done', 'quarantined', 'unmapped']),
  /** Equal to the state when a person is needed; it is what the list of such requests is made of. */
  attention: Attention.optional(),
  reason: z.string().optional(),
  contentType: z.string(),
  body: z.string(),
  encoding: z.enum(['utf8', 'base64']),
  address: z.string(),
  origin: z.string().optional(),
  userAgent: z.string().optional(),
  /** The first request, when this one came under its key with another body. */
  sameKeyAs: z.string().optional(),
  leadId: z.string().optional(),
  requestId: z.string(),
});
export type Raw = z.output<typeof Raw>;

export const IntakeReceived = eventType('intake.received', {
  sourceId: z.string(),
  door: z.enum(['form', 'hook']),
  state: z.string(),
});
export const IntakeReplayed = eventType('intake.replayed', { sourceId: z.string() });
export const IntakeUnmapped = eventType('intake.unmapped', { reason: z.string() });

/** Equal posts within this time are one. */
export const SAME_MINUTES = 10;

/** The payload without what differs from click to click: fields whose names begin with `_` carry times and tokens. */
export const payloadKey = (value: unknown, text: string): string =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? hashOf(Object.fromEntries(Object.entries(value).filter(([name]) => !name.startsWith('_'))))
    : hashOf(text);
