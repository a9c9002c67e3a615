import type { Decide, Decision } from '#shared/command.ts';
import { sameJson } from '#shared/json.ts';
import type { EntityName } from '#shared/table/keys.ts';
import { getMany, type Read } from '#shared/table/read.ts';
import type { Write } from '#shared/table/write.ts';
import { DataErased } from './erasure.ts';
import type { Subject } from './person-subject.ts';

/** One thing that holds something about a person: what it is, and what is written to empty it (nothing when it is empty). */
export type Held = { kind: string; id: string; data: unknown; empty?: (given: Emptying) => Decide; kept?: string };
export type Emptying = { erasureId: string; now: string };
/** A kind of things; they are emptied in the order of the list, the person himself last. */
export type Source = { kind: string; find(subject: Subject): Promise<Held[]> };

type Stored = { id: string };
type Kind<R> = {
  name: EntityName;
  key(fields: { id: string }): { pk: string; sk: string };
  decode(item: Record<string, unknown>): R;
  save(before: R, change: Partial<R>): Write;
  asIs(record: R): Write;
};

/** Empties fields of a record; nothing when they are as wanted already. */
export function emptied<R extends Stored>(kind: Kind<R>, id: string, change: (record: R) => Partial<R>) {
  return ({ erasureId }: Emptying): Decide =>
    async (read: Read): Promise<Decision | undefined> => {
      const record = await read.get(kind, { id });
      if (!record) return undefined;
      const wanted = change(record);
      const same = Object.entries(wanted).every(([field, value]) => sameJson(value, record[field as keyof R]));
      if (same) return undefined;
      const write = kind.save(record, wanted);
      return { writes: [write], events: [DataErased.of(write, { erasureId })] };
    };
}

export const held = <R extends Stored>(
  kind: Kind<R>,
  records: readonly R[],
  change: (record: R) => Partial<R>,
): Held[] =>
  records.map((record) => ({
    kind: kind.name,
    id: record.id,
    data: shown(kind.asIs(record)),
    empty: emptied(kind, record.id, change),
  }));

/** In wire form, without what is nobody's business but ours: cost and margin. */
const shown = ({ after, visible }: Write): unknown => visible(after);

export const workOf = <R extends Stored>(kind: Kind<R>, all: readonly Stored[]): Promise<R[]> =>
  getMany(
    kind,
    all.map(({ id }) => ({ id })),
  );
