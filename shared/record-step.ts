import type { RowDone } from '#shared/job-rows.ts';
import type { AnyRecordKind, Edited, Editing } from '#shared/record-kind.ts';
import { refuse } from '#shared/errors.ts';
import type { Read } from '#shared/table/read.ts';
import type { Write } from '#shared/table/write.ts';

/** A record as any kind has it. */
export type Stored = { id: string; version: number };
/** Refuses a record the one behind the job may not touch. */
export type May = (record: Stored) => Promise<void> | void;

/** One step of a job that changes a record, unless that changes nothing; what it changes is kept, to be taken back. */
export const changeStep =
  (kind: AnyRecordKind, id: string, change: unknown, editing: Editing, may: May = () => {}) =>
  async (read: Read): Promise<RowDone> => {
    const before = await kind.get(read, id);
    if (!before) throw refuse('not_found', { what: kind.kind, id });
    await may(before);
    return changed(kind, await kind.change(read, before, change as never, editing));
  };

/** A record that a step made. */
export const created = (kind: AnyRecordKind, decision: Edited): RowDone => ({
  result: 'created',
  ...about(kind, decision),
  decision,
});

/** What a decision about a record comes to as a step of a job. */
export function changed(kind: AnyRecordKind, decision: Edited): RowDone {
  if (decision.answer.asIs) return { result: 'skipped', ...about(kind, decision) };
  return { result: 'changed', ...about(kind, decision), before: beforeOf(kind, decision.answer), decision };
}

const about = ({ kind }: AnyRecordKind, { answer }: Edited) => ({
  of: kind,
  recordId: answer.recordId,
  recordVersion: answer.version,
});

/** Of the fields a person may change those that are changed, as they were: what `change` takes to bring them back. */
function beforeOf({ Change }: AnyRecordKind, { before = {}, after }: Write): Record<string, unknown> {
  const was = viewOf(before);
  const is = viewOf(after);
  const old = Object.fromEntries(
    Object.keys(Change.shape)
      .filter((field) => field !== 'custom' && !same(was[field], is[field]))
      .map((field) => [field, was[field] ?? null]),
  );
  const custom = customBefore(was['custom'] as Values, is['custom'] as Values);
  return { ...old, ...(Object.keys(custom).length > 0 && { custom }) };
}

type Values = Record<string, unknown> | undefined;
const customBefore = (was: Values = {}, is: Values = {}) =>
  Object.fromEntries(
    [...new Set([...Object.keys(was), ...Object.keys(is)])]
      .filter((field) => !same(was[field], is[field]))
      .map((field) => [field, was[field] ?? null]),
  );

/** As a change says it: put away or not, not when. */
const viewOf = (wire: Record<string, unknown>): Record<string, unknown> => ({
  ...wire,
  archived: wire['archivedAt'] !== undefined,
});

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
