import * as z from 'zod';
import { commit } from '#shared/command.ts';
import { Paged, PageQuery, pageOf } from '#shared/http/page.ts';
import { route } from '#shared/http/route.ts';
import { listWhole, need } from '#shared/table/read.ts';
import { Role, Scope } from '#shared/user.ts';
import { Account, AccountChange, NewAccount, NewTeam, Team, TeamChange } from './account.ts';
import { rightsInForce } from './caller.ts';
import { mayGive } from './giving.ts';
import { keyRoutes } from './key-route.ts';
import { addedUser, changedUser, switchedOff, switchedOn } from './staff.ts';
import { teams, users } from './store.ts';
import { addedTeam, changedTeam } from './team.ts';

const Me = Account.extend({
  /** Every right I have, and whose records it reaches. */
  may: z.record(z.string(), Scope),
  /** The guarded fields I am shown. */
  sees: z.array(z.string()),
  /** The people whose records the scope `team` reaches. */
  colleagues: z.array(z.string()),
  /** The key by which this was asked. */
  key: z.object({ id: z.string(), name: z.string() }).optional(),
});

const Table = z.object({
  rights: z.record(z.string(), z.partialRecord(Role, Scope)),
  fields: z.record(z.string(), z.array(Role)),
});

const meRoutes = [
  route(
    'GET /me',
    { summary: 'Who I am and what I may', rights: 'me.read', returns: Me },
    async ({ user: { id, may, sees, colleagues, key } }) => {
      const account = await need(users, { id });
      return { ...account, may, sees: [...sees], colleagues: [...colleagues], key };
    },
  ),

  route(
    'GET /rights',
    {
      summary: 'The table of rights in force: which role may what, whose records that reaches, who sees guarded fields',
      rights: 'me.read',
      returns: Table,
    },
    async () => {
      const { rights, fields } = await rightsInForce();
      return { rights, fields: Object.fromEntries(Object.entries(fields).map(([name, roles]) => [name, [...roles]])) };
    },
  ),
];

const userRoutes = [
  route(
    'GET /users',
    { summary: 'Everybody who works here, by name', rights: 'user.read', query: PageQuery, returns: Paged(Account) },
    async ({ query }) => listWhole(users, 'gsi2', {}, pageOf(query)),
  ),

  route(
    'GET /users/{id}',
    { summary: 'Somebody who works here', rights: 'user.read', of: users, returns: Account },
    async ({ record }) => record,
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
    async ({ body, user, now, newId }) => {
      await mayGive(user, body.roles);
      const id = newId('user');
      return commit(async (read) => addedUser(read, body, id, now));
    },
  ),

  route(
    'PUT /users/{id}',
    {
      summary: 'Changes a user: name, roles, team, language, zone, absence with a deputy. There stays an admin',
      rights: 'user.change',
      ifMatch: true,
      body: AccountChange,
      returns: Account,
    },
    async ({ params, body, user, now, ifMatch }) => {
      if (body.roles) await mayGive(user, body.roles, (await need(users, { id: params.id })).roles);
      return commit(async (read) => changedUser(read, params.id, ifMatch, body, now));
    },
  ),

  route(
    'POST /users/{id}/switch-off',
    {
      summary: 'Switches a user off: within half a minute neither he nor keys he made may do anything',
      rights: 'user.change',
      ifMatch: true,
      returns: Account,
    },
    async ({ params, ifMatch }) => commit(async (read) => switchedOff(read, params.id, ifMatch)),
  ),

  route(
    'POST /users/{id}/switch-on',
    { summary: 'Lets a user in again', rights: 'user.change', ifMatch: true, returns: Account },
    async ({ params, ifMatch }) => commit(async (read) => switchedOn(read, params.id, ifMatch)),
  ),
];

const teamRoutes = [
  route(
    'GET /teams',
    { summary: 'All teams, by name', rights: 'user.read', query: PageQuery, returns: Paged(Team) },
    async ({ query }) => listWhole(teams, 'gsi2', {}, pageOf(query)),
  ),

  route(
    'GET /teams/{id}',
    { summary: 'A team with its people', rights: 'user.read', of: teams, returns: Team },
    async ({ record }) => record,
  ),

  route(
    'POST /teams',
    {
      summary: 'Adds a team; its people belong to it from then on, and to no other',
      rights: 'user.change',
      body: NewTeam,
      returns: Team,
      status: 201,
    },
    async ({ body, newId }) => {
      const id = newId('team');
      return commit(async (read) => addedTeam(read, body, id));
    },
  ),

  route(
    'PUT /teams/{id}',
    {
      summary: 'Changes a team: name, head, people. Who comes leaves the team he was in',
      rights: 'user.change',
      ifMatch: true,
      body: TeamChange,
      returns: Team,
    },
    async ({ params, body, ifMatch }) => commit(async (read) => changedTeam(read, params.id, ifMatch, body)),
  ),
];

export const authRoutes = [...meRoutes, ...userRoutes, ...teamRoutes, ...keyRoutes];
