import * as z from 'zod';
import { addressHash } from '#shared/address-hash.ts';
import { entity } from '#shared/table/entity.ts';
import type { Read } from '#shared/table/read.ts';
import { Letter } from './letter.ts';

export const letters = entity('letter', Letter, { part: 'R' });

/** An address that must get no more letters of any kind, and why: it bounced for good, or its owner complained. */
const Address = z.object({
  /** Or its hash, when its owner was forgotten. */
  email: z.string(),
  version: z.int(),
  why: z.enum(['bounced', 'complained', 'suppressed']),
  at: z.string(),
});
export const addresses = entity('address', Address, { recordId: ({ email }) => `address:${email}` });

/** Why an address gets no letters, if it gets none; one whose owner was forgotten lies there as a hash. */
export const stopped = async (read: Pick<Read, 'getMany'>, email: string) =>
  (await read.getMany(addresses, [{ email }, { email: addressHash(email) }]))[0];
