import { addressHash } from '#shared/address-hash.ts';
import type { NewEvent } from '#shared/events.ts';
import { entity } from '#shared/table/entity.ts';
import { listAll, type Read } from '#shared/table/read.ts';
import type { Write } from '#shared/table/write.ts';
import { Consent, ConsentGiven, ConsentWithdrawn, leaveOf, type Leave } from './consent.ts';

export const consents = entity('consent', Consent, {
  part: 'R',
  recordId: ({ hash, purpose }) => `consent_${hash}/${purpose}`,
});

export type Said = Omit<Consent, 'hash' | 'version' | 'address'> & { address: string };

/** What is written when somebody says yes or no; nothing when exactly this was noted already. */
export async function noted(
  read: Read,
  { address, ...said }: Said,
): Promise<{ write: Write; events: NewEvent[] } | undefined> {
  const hash = addressHash(address);
  const before = await read.get(consents, { hash, purpose: said.purpose });
  if (before && said.rawId !== undefined && before.rawId === said.rawId) return undefined;
  // What was said before a newer word is history already.
  if (before && before.at > said.at) return undefined;
  const blank = { textVersion: undefined, rawId: undefined, ip: undefined, proof: undefined };
  const write = before
    ? consents.save(before, { ...blank, ...said, address })
    : consents.create({ ...said, hash, address, version: 1 });
  const { purpose, source, textVersion, rawId } = said;
  const type = said.state === 'given' ? ConsentGiven : ConsentWithdrawn;
  return { write, events: [type.of(write, { purpose, source, textVersion, rawId })] };
}

/** Everything that was said about an address. */
export const consentsOf = (address: string): Promise<Consent[]> => listAll(consents, { hash: addressHash(address) });

/** Whether somebody said that we may use an address for a purpose: no is no, and silence is not yes. */
export const mayWrite = async (read: Pick<Read, 'get'>, address: string, purpose: string): Promise<Leave> =>
  leaveOf(await read.get(consents, { hash: addressHash(address), purpose }));
