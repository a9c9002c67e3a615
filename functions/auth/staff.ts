import type { Decision } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { newsOf } from '#shared/record-kind.ts';
import { stillAt } from '#shared/stale.ts';
import { listWhole, type Read } from '#shared/table/read.ts';
import { unchanged, type Check } from '#shared/table/write.ts';
import {
  UserAdded,
  UserChanged,
  UserSwitchedOff,
  UserSwitchedOn,
  type Account,
  type AccountChange,
  type NewAccount,
} from './account.ts';
import { identities, users } from './store.ts';
import { moved } from './team.ts';

/** Somebody new, known by his e-mail; he belongs to his team from the same moment. */
export async function addedUser(read: Read, given: NewAccount, id: string, now: string): Promise<Decision> {
  const taken = await read.get(identities, { kind: 'login', value: given.email });
  if (taken) throw refuse('taken', { what: 'E-mail', value: given.email, owner: taken.owner });
  const write = users.create({ ...given, id, version: 1, active: true, createdAt: now });
  const login = identities.create({ kind: 'login', value: given.email, owner: id, at: now });
  const team = await moved(read, id, undefined, given.teamId);
  return {
    writes: [write, login, ...team.writes],
    events: [UserAdded.of(write, {}), ...team.events],
    answer: write,
  };
}

/** A user as read by whoever changes him now. @throws 404, 412 */
async function current(read: Read, id: string, version: number): Promise<Account> {
  const account = await read.need(users, { id });
  await stillAt(id, account.version, version);
  return account;
}

/** Name, roles, team and the like. @throws 409 when nobody could change rights any more */
export async function changedUser(
  read: Read,
  id: string,
  version: number,
  { teamId, ...given }: AccountChange,
  now: string,
): Promise<Decision> {
  const account = await current(read, id, version);
  if (given.absence?.deputyId !== undefined) await mustStandIn(read, given.absence.deputyId, id);
  const news = newsOf<Account & { archivedAt?: string }>(account, { ...given, teamId }, now);
  if (!news) return { answer: users.asIs(account) };
  const stays = news.roles?.includes('admin') ?? true;
  const checks = stays ? [] : await anotherAdmin(read, account);
  const write = users.save(account, news);
  const team = await moved(read, id, account.teamId, write.item.teamId);
  return {
    writes: [write, ...team.writes],
    checks,
    events: [UserChanged.of(write, {}), ...team.events],
    answer: write,
  };
}

async function mustStandIn(read: Read, deputyId: string, id: string): Promise<void> {
  const deputy = deputyId === id ? undefined : await read.get(users, { id: deputyId });
  if (deputy?.active) return;
  const detail = 'Somebody else who works here.';
  throw refuse('invalid', {}, [{ pointer: '/body/absence/deputyId', code: 'not_found', detail }]);
}

/** He can no longer sign in, nor can keys he made; what he owns stays his until it is handed over. */
export async function switchedOff(read: Read, id: string, version: number): Promise<Decision> {
  const account = await current(read, id, version);
  if (!account.active) return { answer: users.asIs(account) };
  const checks = await anotherAdmin(read, account);
  const write = users.save(account, { active: false });
  return { writes: [write], checks, events: [UserSwitchedOff.of(write, {})], answer: write };
}

export async function switchedOn(read: Read, id: string, version: number): Promise<Decision> {
  const account = await current(read, id, version);
  if (account.active) return { answer: users.asIs(account) };
  const write = users.save(account, { active: true });
  return { writes: [write], events: [UserSwitchedOn.of(write, {})], answer: write };
}

/**
 * Somebody has to remain who may change rights: another admin, who is one still when the transaction runs, so that two
 * admins cannot put each other out. The index only says whom to look at. Nothing for who is no admin.
 */
async function anotherAdmin(read: Read, { id, roles, active }: Account): Promise<Check[]> {
  if (!active || !roles.includes('admin')) return [];
  let cursor: string | undefined;
  do {
    const page = await listWhole(users, 'gsi2', {}, { limit: 100, cursor });
    const admins = page.items.filter((one) => one.id !== id && one.active && one.roles.includes('admin'));
    for (const admin of await read.getMany(users, admins))
      if (admin.active && admin.roles.includes('admin')) return [unchanged(users.key(admin), admin.version)];
    cursor = page.cursor;
  } while (cursor !== undefined);
  throw refuse('wrong_state', { what: 'The user', state: 'the last admin', why: 'make somebody else an admin first' });
}
