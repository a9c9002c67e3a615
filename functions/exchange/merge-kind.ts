import type { Decision } from '#shared/command.ts';
import type { Read } from '#shared/table/read.ts';
import type { MergeKind, MergeRow } from './merge.ts';

/** What is written to bring one thing from one record to another, and what it takes to bring it back. */
export type Moving = { decision: Decision; before?: Record<string, unknown> };

/** A kind of thing that belongs to a person or a client and goes with him when he becomes part of another. */
export type Child = {
  kind: string;
  of: readonly MergeKind[];
  /** The ids of those that belong to a record. From indexes: each is looked at again, by key, before it moves. */
  list(ownerId: string): Promise<string[]>;
  /** Undefined when it belongs to `from` no more. */
  move(read: Read, id: string, to: { from: string; to: string; now: string }): Promise<Moving | undefined>;
  /** What is written to bring it back, or why it stays. */
  back(read: Read, row: MergeRow, to: { survivorId: string; now: string }): Promise<Decision | { why: string }>;
};
