import * as z from 'zod';
import { eventType } from '#shared/events.ts';
import { Id } from '#shared/id.ts';
import { entity } from '#shared/table/entity.ts';
import { Text } from '#shared/text.ts';

/** What stays, and why it may or must. */
export const Kept = z.object({ kind: z.string(), id: z.string().optional(), why: z.string() });
export type Kept = z.output<typeof Kept>;

/** The erasure of a person's data. It holds nothing of the person but his id. */
export const Erasure = z.object({
  id: Id('erasure'),
  version: z.int(),
  personId: Id('person'),
  reason: Text(500),
  state: z.enum(['running', 'done']),
  /** How many things of each kind were emptied. */
  erased: z.record(z.string(), z.int()),
  kept: z.array(Kept),
  jobId: z.string(),
  userId: z.string(),
  at: z.string(),
  doneAt: z.string().optional(),
});
export type Erasure = z.output<typeof Erasure>;
export const erasures = entity('erasure', Erasure, { part: 'R' });

export const ErasureStarted = eventType('erasure.started', { personId: z.string() });
export const ErasureAdvanced = eventType('erasure.advanced', {});
export const ErasureDone = eventType('erasure.done', { personId: z.string() });
/** Of a record that held something about the person: it holds it no more. */
export const DataErased = eventType('data.erased', { erasureId: z.string() });

/** What no erasure reaches by itself. */
export const KEPT_ALWAYS: readonly Kept[] = [
  { kind: 'event', why: 'events tell that something happened and hold nothing personal' },
  { kind: 'file', why: 'files of imports and exports go by themselves after 30 days' },
  { kind: 'backup', why: 'point-in-time backups go by themselves after 35 days' },
];
