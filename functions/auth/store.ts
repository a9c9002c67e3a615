import * as z from 'zod';
import { entity } from '#shared/table/entity.ts';
import { get } from '#shared/table/read.ts';
import { Account, Team } from './account.ts';

export const users = entity('user', Account, { part: 'R' });
export const teams = entity('team', Team, { part: 'R' });

/** Who owns a value that may have one owner only: a sign-in, an e-mail, a phone, a tax number, a SKU. */
const Identity = z.object({ kind: z.string(), value: z.string(), owner: z.string(), at: z.string() });
export const identities = entity('identity', Identity, { recordId: ({ kind, value }) => `${kind}:${value}` });

export const ownerOf = async (kind: string, value: string): Promise<string | undefined> =>
  (await get(identities, { kind, value }))?.owner;
