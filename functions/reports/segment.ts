import * as z from 'zod';
import { eventType } from '#shared/events.ts';
import { Id } from '#shared/id.ts';
import { Name, Text } from '#shared/text.ts';

/**
 * A set of records of one list: `fixed` ones are put in and taken out by people and jobs, of a `rule` are all that its filter
 * lets through. A rule is read live wherever the segment is used; who came in and went out, and why, is noted every minute.
 */
export const Segment = z.object({
  id: Id('segment'),
  version: z.int(),
  list: z.string(),
  name: Name(),
  description: Text(1000).optional(),
  kind: z.enum(['fixed', 'rule']),
  filter: z.string().optional(),
  ownerId: Id('user'),
  createdAt: z.string(),
  archivedAt: z.string().optional(),
  /** All that are in use lie on one shelf. */
  shelf: z.literal('use').optional(),
});
export type Segment = z.output<typeof Segment>;

export const NewSegment = z
  .object({
    list: z.string().max(40),
    name: Name(),
    description: Text(1000).optional(),
    kind: z.enum(['fixed', 'rule']),
    filter: z.string().min(1).max(4000).optional(),
  })
  .refine(({ kind, filter }) => (kind === 'rule') === (filter !== undefined), {
    path: ['filter'],
    error: 'a rule segment needs a filter, a fixed one has none',
  });
export const SegmentChange = z.object({
  name: Name().optional(),
  description: Text(1000).optional(),
  filter: z.string().min(1).max(4000).optional(),
  archived: z.boolean().optional(),
});

/** That a record is in a segment, or was: since when, and which parts of the rule let it in. */
export const SegmentMember = z.object({
  segmentId: Id('segment'),
  recordId: z.string(),
  version: z.int(),
  state: z.enum(['in', 'out']),
  because: z.array(z.string()),
  since: z.string(),
});
export type SegmentMember = z.output<typeof SegmentMember>;

const Of = { segmentId: z.string(), of: z.string() };
export const SegmentSaved = eventType('segment.saved', { list: z.string(), kind: z.string() });
export const SegmentEntered = eventType('segment.entered', { ...Of, because: z.array(z.string()) });
export const SegmentLeft = eventType('segment.left', Of);
