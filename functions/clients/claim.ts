import { identities } from '#functions/auth/store.ts';
import { refuse } from '#shared/errors.ts';
import type { NewEvent } from '#shared/events.ts';
import type { Read } from '#shared/table/read.ts';
import type { Removal, Write } from '#shared/table/write.ts';
import { taxIdKey } from './client.ts';
import { proposed } from './pair-store.ts';
import { survivorId } from './survivor.ts';

/** What only one record of a kind can have. */
export type Address = { kind: 'email' | 'phone' | 'taxId'; value: string };
const keyOf = ({ kind, value }: Address): { kind: string; value: string } => ({
  kind,
  value: kind === 'taxId' ? taxIdKey(value) : value,
});
const nameOf = (address: Address): string => `${keyOf(address).kind}:${keyOf(address).value}`;
const WHAT = { email: 'E-mail', phone: 'Phone', taxId: 'Tax number' } as const;

export type Claimed = {
  writes: Write[];
  removes: Removal[];
  events: NewEvent[];
  /** What stays with somebody else. */
  theirs: readonly Address[];
};
type Wanted = {
  owner: string;
  before: readonly Address[];
  after: readonly Address[];
  now: string;
  /** What somebody else has is refused, or left with him and proposed as a duplicate. */
  taken: 'refuse' | 'propose';
};

/**
 * What is written so that a record owns what it lists, and what it lists no more is free again.
 * @throws 409 taken with the owner's id
 */
export async function claimed(read: Read, { owner, before, after, now, taken }: Wanted): Promise<Claimed> {
  const had = new Set(before.map(nameOf));
  const has = new Set(after.map(nameOf));
  const wanted = [...new Map(after.filter((one) => !had.has(nameOf(one))).map((one) => [nameOf(one), one])).values()];
  const gone = before.filter((one) => !has.has(nameOf(one)));
  const known = new Map(
    (await read.getMany(identities, [...wanted, ...gone].map(keyOf))).map((one) => [`${one.kind}:${one.value}`, one]),
  );
  const writes: Write[] = [];
  const theirs: { address: Address; owner: string }[] = [];
  for (const address of wanted) {
    const found = known.get(nameOf(address));
    if (!found) writes.push(identities.create({ ...keyOf(address), owner, at: now }));
    else if (found.owner !== owner) theirs.push({ address, owner: await survivorId(read, found.owner) });
  }
  const [first] = theirs;
  if (first && taken === 'refuse')
    throw refuse('taken', { what: WHAT[first.address.kind], value: first.address.value, owner: first.owner });
  const pairs = await proposed(
    read,
    owner,
    theirs.map((one) => ({ id: one.owner, by: one.address.kind })),
    now,
  );
  return {
    writes: [...writes, ...pairs.writes],
    events: pairs.events,
    removes: gone
      .filter((one) => known.get(nameOf(one))?.owner === owner)
      .map((one) => ({
        key: identities.key(keyOf(one)),
        ConditionExpression: '#owner = :owner',
        ExpressionAttributeNames: { '#owner': 'owner' },
        ExpressionAttributeValues: { ':owner': owner },
      })),
    theirs: theirs.map(({ address }) => address),
  };
}
