import { teams, users } from '#functions/auth/store.ts';
import { listWhole } from '#shared/table/read.ts';
import type { Names } from './setting-file.ts';

/** Everything of an index, page after page: people and teams of a firm are few. */
async function everybody<I>(
  page: (cursor: string | undefined) => Promise<{ items: I[]; cursor?: string }>,
): Promise<I[]> {
  const all: I[] = [];
  let cursor: string | undefined;
  do {
    const { items, cursor: next } = await page(cursor);
    all.push(...items);
    cursor = next;
  } while (cursor !== undefined);
  return all;
}

/** The people and teams of this installation by e-mail and name; of two teams with one name neither is named. */
export async function namesHere(): Promise<Names> {
  const [people, groups] = await Promise.all([
    everybody((cursor) => listWhole(users, 'gsi2', {}, { limit: 100, cursor })),
    everybody((cursor) => listWhole(teams, 'gsi2', {}, { limit: 100, cursor })),
  ]);
  const single = groups.filter(({ name }) => groups.filter((one) => one.name === name).length === 1);
  return {
    nameOf(id) {
      const user = people.find((one) => one.id === id);
      if (user) return { $user: user.email };
      const team = single.find((one) => one.id === id);
      return team && { $team: team.name };
    },
    idOf: (name) =>
      '$user' in name
        ? people.find(({ email }) => email === name.$user)?.id
        : single.find((team) => team.name === name.$team)?.id,
  };
}
