import * as z from 'zod';
import { reaches } from '#functions/auth/rights.ts';
import { getMany } from '#shared/table/read.ts';
import type { User } from '#shared/user.ts';
import type { Client } from './client.ts';
import { pairsOf } from './pair-store.ts';
import { Reason, type Pair } from './pair.ts';
import type { Person } from './person.ts';
import { proposals, type Likeable } from './similarity.ts';
import { clients, people } from './store.ts';

/** A record that may be the same as another. */
export const Duplicate = z.object({
  id: z.string(),
  name: z.string().optional(),
  score: z.int(),
  reasons: z.array(Reason),
  /** Since when it is proposed, where somebody or something proposed it. */
  since: z.string().optional(),
});
export type Duplicate = z.output<typeof Duplicate>;

export const likeableOf = (record: Person | Client): Likeable =>
  'emails' in record
    ? record
    : {
        id: record.id,
        name: record.name,
        taxIds: [...(record.taxId === undefined ? [] : [record.taxId]), ...(record.otherTaxIds ?? [])],
      };

const isLive = (record: Person | Client): boolean =>
  record.archivedAt === undefined && record.mergedInto === undefined && !('erasedAt' in record && record.erasedAt);
const otherOf = (id: string, { oneId, otherId }: Pair): string => (oneId === id ? otherId : oneId);

/**
 * What may be the same as a person or client: of the ids that a search came up with and of those that were proposed when an
 * address was seen on both. What somebody called two stays away; so does what the caller does not reach.
 */
export async function duplicatesOf(
  record: Person | Client,
  candidateIds: readonly string[],
  user: User,
): Promise<Duplicate[]> {
  const pairs = await pairsOf(record.id);
  const distinct = new Set(pairs.filter(({ state }) => state === 'distinct').map((pair) => otherOf(record.id, pair)));
  const open = new Map(
    pairs.filter(({ state }) => state === 'proposed').map((pair) => [otherOf(record.id, pair), pair]),
  );
  const ids = [...new Set([...candidateIds, ...open.keys()])].filter((id) => id !== record.id && !distinct.has(id));
  const keys = ids.map((id) => ({ id }));
  const found: (Person | Client)[] = 'emails' in record ? await getMany(people, keys) : await getMany(clients, keys);
  const live = found.filter((one) => isLive(one) && reaches(user, 'client.read', one));
  const seen = new Map([...open].map(([id, { by }]) => [id, by]));
  const names = new Map(live.map((one) => [one.id, one.name]));
  return proposals(likeableOf(record), live.map(likeableOf), seen).map((one) =>
    Object.assign(one, { name: names.get(one.id), since: open.get(one.id)?.at }),
  );
}
