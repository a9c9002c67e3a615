import * as z from 'zod';
import { commit } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { route } from '#shared/http/route.ts';
import { listWhole, need } from '#shared/table/read.ts';
import { Account, NewAccount, NewTeam, Team, TeamAdded, UserAdded } from './account.ts';
import { identities, teams, users } from './store.ts';

const EVERYBODY = { limit: 100 };

export const authRoutes = [
  route(
    'GET /me',
    { summary: 'Who I am and what my roles are', rights: 'me.read', returns: Account },
    async ({ user }) => need(users, { id: user.id }),
  ),

  route(
    'GET /users',
    { summary: 'Everybody who works here', rights: 'user.read', returns: z.object({ items: z.array(Account) }) },
    async () => listWhole(users, 'gsi2', {}, EVERYBODY),
  ),

  route(
    'POST /users',
    {
      summary: 'Adds a user; he is bound at his first sign-in by this e-mail',
      rights: 'user.change',
      body: NewAccount,
      returns: Account,
      status: 201,
    },
    async ({ body, now, newId }) => {
      const id = newId('user');
      return commit(async (read) => {
        const taken = await read.get(identities, { kind: 'login', value: body.email });
        if (taken) throw refuse('taken', { what: 'E-mail', value: body.email, owner: taken.owner });
        const write = users.create({ ...body, id, version: 1, active: true, createdAt: now });
        return {
          writes: [write, identities.create({ kind: 'login', value: body.email, owner: id, at: now })],
          events: [UserAdded.of(write, {})],
          answer: write,
        };
      });
    },
  ),

  route(
    'GET /teams',
    { summary: 'All teams', rights: 'user.read', returns: z.object({ items: z.array(Team) }) },
    async () => listWhole(teams, 'gsi2', {}, EVERYBODY),
  ),

  route(
    'POST /teams',
    {
      summary: 'Adds a team; its people belong to it from then on',
      rights: 'user.change',
      body: NewTeam,
      returns: Team,
      status: 201,
    },
    async ({ body, newId }) => {
      const id = newId('team');
      return commit(async (read) => {
        const wanted = [...new Set([...body.memberIds, ...(body.headId === undefined ? [] : [body.headId])])];
        const found = await read.getMany(
          users,
          wanted.map((user) => ({ id: user })),
        );
        const missing = wanted.find((user) => !found.some((one) => one.id === user));
        if (missing !== undefined) throw refuse('not_found', { what: 'user', id: missing });
        const write = teams.create({ ...body, id, version: 1 });
        const joined = found.map((one) => users.save(one, { teamId: id }));
        return { writes: [write, ...joined], events: [TeamAdded.of(write, {})], answer: write };
      });
    },
  ),
];
