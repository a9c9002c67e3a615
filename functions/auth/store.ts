import * as z from 'zod';
import { entity } from '#shared/table/entity.ts';
import { get, getMany } from '#shared/table/read.ts';
import { Account, isWorking, Team } from './account.ts';
import { Key } from './key.ts';

export const users = entity('user', Account, { part: 'R' });
export const teams = entity('team', Team, { part: 'R' });
export const keys = entity('key', Key, { part: 'R' });
export const keyUses = entity('keyUse', z.object({ id: z.string(), at: z.string() }));

/** Who owns a value that may have one owner only: a sign-in, an e-mail, a phone, a tax number, a SKU. */
const Identity = z.object({ kind: z.string(), value: z.string(), owner: z.string(), at: z.string() });
export const identities = entity('identity', Identity, { recordId: ({ kind, value }) => `${kind}:${value}` });

export const ownerOf = async (kind: string, value: string): Promise<string | undefined> =>
  (await get(identities, { kind, value }))?.owner;

/** Those of a team who are here to take work, in the team's order; all of them when nobody is. */
export async function workingMembers({ memberIds }: Team, now: string): Promise<string[]> {
  const members = await getMany(
    users,
    memberIds.map((id) => ({ id })),
  );
  const here = members.filter((one) => isWorking(one, now));
  return (here.length > 0 ? here : members.filter(({ active }) => active)).map(({ id }) => id);
}
