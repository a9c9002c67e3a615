import * as z from 'zod';
import { eventType } from '#shared/events.ts';

/** Why two records may be one, and how strongly that speaks for it: the parts add up to at most 100. */
export const Reason = z.object({
  by: z.enum(['email', 'phone', 'taxId', 'name', 'email-domain', 'phone-tail']),
  weight: z.int(),
  /** What was compared, for the one who decides; never kept. */
  detail: z.string().optional(),
});
export type Reason = z.output<typeof Reason>;

/** Two records of a kind that may be one (proposed), or that somebody said are two (distinct). */
export const Pair = z.object({
  /** The smaller id of the two. */
  oneId: z.string(),
  otherId: z.string(),
  version: z.int(),
  state: z.enum(['proposed', 'distinct']),
  by: z.array(Reason.shape.by),
  userId: z.string().optional(),
  at: z.string(),
});
export type Pair = z.output<typeof Pair>;

export const pairKey = (a: string, b: string): { oneId: string; otherId: string } =>
  a < b ? { oneId: a, otherId: b } : { oneId: b, otherId: a };

export const DuplicateProposed = eventType('duplicate.proposed', { by: z.array(z.string()) });
export const DuplicateDismissed = eventType('duplicate.dismissed', { distinct: z.boolean() });
