import * as z from 'zod';
import { eventType } from '#shared/events.ts';
import { personal } from '#shared/fields.ts';
import { Id } from '#shared/id.ts';
import { entity } from '#shared/table/entity.ts';

export const MergeKind = z.enum(['person', 'client']);
export type MergeKind = z.output<typeof MergeKind>;

const Kept = z.object({ recordId: z.string(), why: z.string() });
const Moved = z.object({ kind: z.string(), value: z.string(), from: z.string() });

/** Two or three records were made one: what it did and all that undoing it needs. */
export const Merge = z.object({
  id: Id('merge'),
  version: z.int(),
  of: MergeKind,
  survivorId: z.string(),
  otherIds: z.array(z.string()),
  /** `moving` and `undoing`: what belongs to the records is on its way, by a job. */
  state: z.enum(['moving', 'done', 'undoing', 'undone']),
  /** The changed fields of the survivor, as they were and as they became, in wire form. */
  before: z.record(z.string(), z.unknown()).meta(personal),
  after: z.record(z.string(), z.unknown()).meta(personal),
  /** Addresses and numbers that led to the others and lead to the survivor now. */
  identities: z.array(Moved).meta(personal),
  /** Since when the others were put away before; the merges they and the survivor took part in before. */
  archived: z.record(z.string(), z.string()),
  mergeIds: z.record(z.string(), z.string()),
  jobId: z.string(),
  undoJobId: z.string().optional(),
  /** What an undo could not bring back, and why. */
  kept: z.array(Kept).default([]),
  userId: z.string(),
  at: z.string(),
  undoneAt: z.string().optional(),
});
export type Merge = z.output<typeof Merge>;
export const merges = entity('merge', Merge, { part: 'R' });

/** What a merge moved to its survivor, written with the move itself. */
export const MergeRow = z.object({
  mergeId: z.string(),
  recordId: z.string(),
  /** What kind of thing it is, by the list in merge-child.ts. */
  kind: z.string(),
  from: z.string(),
  /** What is needed to bring it back beside `from`. */
  before: z.record(z.string(), z.unknown()).optional().meta(personal),
  /** Brought back, or why it was not. */
  back: z.enum(['done', 'kept']).optional(),
  why: z.string().optional(),
});
export type MergeRow = z.output<typeof MergeRow>;
export const mergeRows = entity('mergeRow', MergeRow, {
  recordId: ({ mergeId, from, recordId }) => `${mergeId}/${from}/${recordId}`,
});

export const MergeStarted = eventType('merge.started', { survivorId: z.string(), otherIds: z.array(z.string()) });
export const MergeDone = eventType('merge.done', { survivorId: z.string(), otherIds: z.array(z.string()) });
export const MergeUndoing = eventType('merge.undoing', { survivorId: z.string() });
export const MergeUndone = eventType('merge.undone', { survivorId: z.string(), kept: z.int() });

/** Of a record: it took others in, it went into another, it is itself again. */
const merged = { mergeId: z.string() };
export const RecordEvents = {
  person: {
    grew: eventType('person.merged', { ...merged, otherIds: z.array(z.string()) }),
    went: eventType('person.went-into', { ...merged, survivorId: z.string() }),
    parted: eventType('person.unmerged', merged),
  },
  client: {
    grew: eventType('client.merged', { ...merged, otherIds: z.array(z.string()) }),
    went: eventType('client.went-into', { ...merged, survivorId: z.string() }),
    parted: eventType('client.unmerged', merged),
  },
} as const;
