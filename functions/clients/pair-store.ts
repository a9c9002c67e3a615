import { entity } from '#shared/table/entity.ts';
import { list, listWhole, type Read } from '#shared/table/read.ts';
import type { NewEvent } from '#shared/events.ts';
import type { Write } from '#shared/table/write.ts';
import { DuplicateProposed, Pair, pairKey, type Reason } from './pair.ts';

export const pairs = entity('pair', Pair, { part: 'R', recordId: ({ oneId, otherId }) => `${oneId}/${otherId}` });

type Like = { id: string; by: Reason['by'] };

/** What is written to have others proposed as the same as a record; what somebody said is two stays two. */
export async function proposed(
  read: Read,
  id: string,
  likes: readonly Like[],
  now: string,
): Promise<{ writes: Write[]; events: NewEvent[] }> {
  const byOther = Map.groupBy(
    likes.filter((like) => like.id !== id),
    (like) => like.id,
  );
  const keys = [...byOther.keys()].map((other) => pairKey(id, other));
  const known = new Set((await read.getMany(pairs, keys)).map(({ oneId, otherId }) => `${oneId}/${otherId}`));
  const made = [...byOther].flatMap(([other, all]) => {
    const key = pairKey(id, other);
    if (known.has(`${key.oneId}/${key.otherId}`)) return [];
    const by = [...new Set(all.map((one) => one.by))];
    return [{ by, write: pairs.create({ ...key, version: 1, state: 'proposed', by, at: now }) }];
  });
  return {
    writes: made.map(({ write }) => write),
    events: made.map(({ by, write }) => DuplicateProposed.of(write, { by })),
  };
}

const MAX_PAIRS = 100;

/** The pairs a record is in, from whichever side they were written. */
export async function pairsOf(id: string): Promise<Pair[]> {
  const options = { limit: MAX_PAIRS };
  const [asOne, asOther] = await Promise.all([
    list(pairs, 'item', { oneId: id }, { ...options, consistent: true }),
    listWhole(pairs, 'gsi2', { otherId: id }, options),
  ]);
  return [...asOne.items, ...asOther.items];
}
