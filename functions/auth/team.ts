import type { Decision } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import type { NewEvent } from '#shared/events.ts';
import { newsOf } from '#shared/record-kind.ts';
import { stillAt } from '#shared/stale.ts';
import type { Read } from '#shared/table/read.ts';
import type { Write } from '#shared/table/write.ts';
import { TeamAdded, TeamChanged, type Account, type NewTeam, type Team, type TeamChange } from './account.ts';
import { teams, users } from './store.ts';

/** A user is in one team: his own row and the team's list say the same, because they are written together. */
type Part = { writes: Write[]; events: NewEvent[] };

const MAX_MEMBERS = 60;
/** With the teams they leave they must fit into one transaction. */
const MAX_AT_ONCE = 40;

const people = ({ memberIds, headId }: Pick<Team, 'memberIds' | 'headId'>): string[] => [
  ...new Set([...memberIds, ...(headId === undefined ? [] : [headId])]),
];
const without = (team: Team, ids: readonly string[]): Partial<Team> => ({
  memberIds: team.memberIds.filter((id) => !ids.includes(id)),
  headId: ids.includes(team.headId ?? '') ? undefined : team.headId,
});
const told = (write: Write): Part => ({ writes: [write], events: [TeamChanged.of(write, {})] });
const together = (parts: readonly Part[]): Part => ({
  writes: parts.flatMap(({ writes }) => writes),
  events: parts.flatMap(({ events }) => events),
});

/** The teams of a user who goes from one to another, or to none. @throws 404 when there is no such team */
export async function moved(
  read: Read,
  userId: string,
  from: string | undefined,
  to: string | undefined,
): Promise<Part> {
  if (from === to) return { writes: [], events: [] };
  const left = from === undefined ? undefined : await read.get(teams, { id: from });
  const joined = to === undefined ? undefined : await read.need(teams, { id: to });
  if (joined && joined.memberIds.length >= MAX_MEMBERS)
    throw refuse('wrong_state', { what: 'The team', state: 'full', why: `it has ${MAX_MEMBERS} people` });
  return together([
    ...(left && people(left).includes(userId) ? [told(teams.save(left, without(left, [userId])))] : []),
    ...(joined && !people(joined).includes(userId)
      ? [told(teams.save(joined, { memberIds: [...joined.memberIds, userId] }))]
      : []),
  ]);
}

/** Who comes to a team and who goes, with the teams they come from. @throws 404 for a user there is not, 400 for too many */
async function gathered(read: Read, id: string, before: readonly string[], after: readonly string[]): Promise<Part> {
  const come = after.filter((one) => !before.includes(one));
  const go = before.filter((one) => !after.includes(one));
  if (come.length + go.length > MAX_AT_ONCE) {
    const detail = `At most ${MAX_AT_ONCE} people come or go at once.`;
    throw refuse('invalid', {}, [{ pointer: '/body/memberIds', code: 'too_big', detail }]);
  }
  const ids = [...come, ...go].map((one) => ({ id: one }));
  const found = new Map((await read.getMany(users, ids)).map((account) => [account.id, account]));
  const missing = come.find((one) => !found.has(one));
  if (missing !== undefined) throw refuse('not_found', { what: 'user', id: missing });
  const joining = come.flatMap((one) => found.get(one) ?? []);
  const leaving = go.flatMap((one) => found.get(one) ?? []).filter(({ teamId }) => teamId === id);
  const others = await Promise.all(
    [...Map.groupBy(joining, ({ teamId }) => teamId)].map(([teamId, all]) => left(read, teamId, id, all)),
  );
  return together([
    { writes: joining.filter(({ teamId }) => teamId !== id).map((one) => users.save(one, { teamId: id })), events: [] },
    { writes: leaving.map((one) => users.save(one, { teamId: undefined })), events: [] },
    ...others,
  ]);
}

async function left(read: Read, teamId: string | undefined, to: string, all: readonly Account[]): Promise<Part> {
  const team = teamId === undefined || teamId === to ? undefined : await read.get(teams, { id: teamId });
  return team
    ? told(
        teams.save(
          team,
          without(
            team,
            all.map(({ id }) => id),
          ),
        ),
      )
    : { writes: [], events: [] };
}

export async function addedTeam(read: Read, given: NewTeam, id: string): Promise<Decision> {
  const team = { ...given, memberIds: [...new Set(given.memberIds)], id, version: 1 };
  const write = teams.create(team);
  const { writes, events } = await gathered(read, id, [], people(team));
  return { writes: [write, ...writes], events: [TeamAdded.of(write, {}), ...events], answer: write };
}

export async function changedTeam(read: Read, id: string, version: number, change: TeamChange): Promise<Decision> {
  const team = await read.need(teams, { id });
  await stillAt(id, team.version, version);
  const memberIds = change.memberIds && [...new Set(change.memberIds)];
  const news = newsOf<Team & { archivedAt?: string }>(team, { ...change, memberIds }, '');
  if (!news) return { answer: teams.asIs(team) };
  const write = teams.save(team, news);
  const { writes, events } = await gathered(read, id, people(team), people(write.item));
  return { writes: [write, ...writes], events: [TeamChanged.of(write, {}), ...events], answer: write };
}
