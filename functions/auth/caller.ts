import { allInForce } from '#functions/settings/store.ts';
import { refuse } from '#shared/errors.ts';
import { get, need } from '#shared/table/read.ts';
import type { User } from '#shared/user.ts';
import { ACCESS_ID, accessKind, tableWith } from './access.ts';
import type { Account } from './account.ts';
import { grantsOf, type Table } from './rights.ts';
import { closedFor, through } from './key.ts';
import { keys, teams, users } from './store.ts';

/** A user as he is in the table, with the people of his team. */
export type Colleague = { account: Account; colleagues: readonly string[] };

/** The table of rights in force: ours, with what the firm changed of it. */
export async function rightsInForce(): Promise<Table> {
  const access = (await allInForce(accessKind)).find(({ id }) => id === ACCESS_ID);
  return tableWith(access?.body);
}

export async function withTeam(account: Account): Promise<Colleague> {
  const { id, teamId } = account;
  const team = teamId === undefined ? undefined : await get(teams, { id: teamId });
  const { memberIds = [], headId } = team ?? {};
  return { account, colleagues: [...new Set([id, ...memberIds, ...(headId === undefined ? [] : [headId])])] };
}

/** Somebody with what he may at this moment. */
export async function asUser({ account, colleagues }: Colleague): Promise<User> {
  const { id, name, email, roles, teamId, locale, zone } = account;
  return { id, name, email, roles, teamId, locale, zone, colleagues, ...grantsOf(roles, await rightsInForce()) };
}

/**
 * The user with an id as he may act now, for work done in his name; undefined when he is switched off or unknown. `by`: through
 * which key. @throws 401 for a key that is closed by now
 */
export async function callerById(id: string, by?: { id: string; now: string }): Promise<User | undefined> {
  const account = await get(users, { id });
  if (!account?.active) return undefined;
  const user = await asUser(await withTeam(account));
  if (!by) return user;
  const key = await need(keys, { id: by.id });
  const why = closedFor(key, by.now);
  if (why !== undefined) throw refuse('unauthorized', { why });
  return through(user, key);
}
