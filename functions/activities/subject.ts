import { recordRights } from '#functions/auth/record-right.ts';
import { reaches } from '#functions/auth/rights.ts';
import { isCurrent } from '#functions/clients/member.ts';
import { members } from '#functions/clients/store.ts';
import { mustBeWhole } from '#functions/clients/survivor.ts';
import { refuse } from '#shared/errors.ts';
import { anyRecord, ownersOf } from '#shared/owner.ts';
import { getItems, listWhole, type Item } from '#shared/table/read.ts';
import type { User } from '#shared/user.ts';
import { recordsOf } from './activity.ts';

/** What stands on records itself is none that anything stands on. */
const NOT_THESE = new Set(['activity', 'letter', 'user', 'team', 'job']);
const rightOf = (id: string): string | undefined => {
  const kind = id.split('_')[0] ?? '';
  return NOT_THESE.has(kind) || !Object.hasOwn(recordRights, kind) ? undefined : recordRights[kind];
};

const missing = (id: string) => refuse('not_found', { what: 'record', id });

/** Refuses records that somebody may not read, as if they were not there. */
export async function mayTouch(user: User, ids: readonly string[]): Promise<void> {
  const owners = await ownersOf(ids);
  for (const id of ids) {
    const [right, owned] = [rightOf(id), owners.get(id)];
    if (right === undefined || !owned || !reaches(user, right, owned)) throw missing(id);
  }
}

const idIn = (item: Item, field: string): string[] => (typeof item[field] === 'string' ? [item[field]] : []);

/** Clients a person stands for today. The index may be a moment late: a link that is being made now is not seen yet. */
async function clientsOf(personId: string, now: string): Promise<string[]> {
  const { items } = await listWhole(members, 'gsi2', { personId }, { limit: 50 });
  return items.filter((link) => isCurrent(link, now.slice(0, 10))).map(({ clientId }) => clientId);
}

const MAX = 21;
type Subject = { recordId: string; with: string[]; storyId: string | undefined };

/**
 * The records something stands on: those that were said, the person or client of each, and the firms of each person, so that
 * a call stands on the person and on the organisation. @throws 404 for one that is not there
 */
export async function subjectOf(
  said: { recordId: string; with?: readonly string[] | undefined },
  now: string,
): Promise<Subject> {
  const ids = recordsOf({ recordId: said.recordId, with: [...(said.with ?? [])] });
  const strange = ids.find((id) => rightOf(id) === undefined);
  if (strange !== undefined) throw missing(strange);
  const found = new Map((await getItems(ids.map((id) => anyRecord.key({ id })))).map((item) => [item['id'], item]));
  const absent = ids.find((id) => !found.has(id));
  if (absent !== undefined) throw missing(absent);
  // What is tied to a record that became part of another would stay behind.
  for (const item of found.values()) mustBeWhole('The record', { mergedInto: idIn(item, 'mergedInto')[0] });
  const near = ['personId', 'clientId'].flatMap((field) => [...found.values()].flatMap((item) => idIn(item, field)));
  const people = [...new Set([...ids, ...near])].filter((id) => id.startsWith('person_'));
  const firms = (await Promise.all(people.map((id) => clientsOf(id, now)))).flat();
  const all = [...new Set([...ids, ...near, ...firms])].slice(0, MAX);
  return {
    recordId: said.recordId,
    with: all.filter((id) => id !== said.recordId),
    storyId: idIn(found.get(said.recordId) ?? {}, 'storyId')[0],
  };
}
