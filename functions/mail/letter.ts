import { createHash } from 'node:crypto';
import * as z from 'zod';
import { eventType } from '#shared/events.ts';

export const Recipient = z.object({
  email: z.string(),
  name: z.string().optional(),
  userId: z.string().optional(),
  personId: z.string().optional(),
});
export type Recipient = z.output<typeof Recipient>;

/** A link that decides: the token is made when the letter is sent and stands nowhere else. */
const DecisionLink = z.object({ approvalId: z.string(), approverId: z.string(), round: z.int() });

/**
 * A letter in the outbox, or the reason why there is none. Its id is the hash of purpose, cause and recipient, so that a
 * repeated command runs into it instead of sending twice.
 */
export const Letter = z.object({
  id: z.string(),
  version: z.int(),
  purpose: z.string(),
  /** The event or record because of which it is sent. */
  cause: z.string(),
  recordId: z.string(),
  storyId: z.string().optional(),
  to: Recipient,
  locale: z.enum(['ru', 'en']),
  template: z.string(),
  templateVersion: z.int().optional(),
  subject: z.string().optional(),
  html: z.string().optional(),
  text: z.string().optional(),
  decision: DecisionLink.optional(),
  state: z.enum(['queued', 'sending', 'sent', 'delivered', 'bounced', 'complained', 'not_sent']),
  /** Why it was not sent, or what became of it. */
  reason: z.string().optional(),
  /** `0` service letters, `1` mailings; with shard and dueAt it is the place in the queue, there only while it waits. */
  priority: z.enum(['0', '1']).optional(),
  shard: z.string().optional(),
  dueAt: z.string().optional(),
  attempts: z.int().default(0),
  queuedAt: z.string(),
  sentAt: z.string().optional(),
  messageId: z.string().optional(),
  lease: z.string().optional(),
  leaseUntil: z.string().optional(),
  requestId: z.string(),
});
export type Letter = z.output<typeof Letter>;

export const LetterQueued = eventType('letter.queued', { purpose: z.string(), template: z.string() });
export const LetterNotSent = eventType('letter.not-sent', {
  purpose: z.string(),
  template: z.string(),
  reason: z.string(),
});
export const LetterSent = eventType('letter.sent', { purpose: z.string() });
export const LetterReported = eventType('letter.reported', { report: z.string() });

const SHARDS = 4;

export function letterId(purpose: string, cause: string, email: string): string {
  return `letter_${createHash('sha256')
    .update(JSON.stringify([purpose, cause, email]))
    .digest('hex')
    .slice(0, 32)}`;
}

export const shardOf = (id: string): string => String(Number.parseInt(id.slice(-4), 16) % SHARDS);
export const SHARD_NAMES: readonly string[] = Array.from({ length: SHARDS }, (_, shard) => String(shard));

/** A letter as people and other systems see it: a deciding link is not in it. */
export const LetterView = Letter.omit({ lease: true, leaseUntil: true, decision: true });
