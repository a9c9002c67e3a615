import * as z from 'zod';
import { Email } from '#shared/email.ts';
import { eventType } from '#shared/events.ts';
import { Id } from '#shared/id.ts';
import { Name } from '#shared/text.ts';
import { Zone } from '#shared/time.ts';
import { Role } from '#shared/user.ts';

/** Somebody who works here. Roles stand in this row, never in a token. */
export const Account = z.object({
  id: Id('user'),
  version: z.int(),
  name: Name(),
  email: Email,
  roles: z.array(Role),
  teamId: Id('team').optional(),
  locale: z.enum(['ru', 'en']),
  zone: Zone,
  active: z.boolean(),
  createdAt: z.string(),
});
export type Account = z.output<typeof Account>;

export const NewAccount = Account.pick({
  name: true,
  email: true,
  roles: true,
  teamId: true,
  locale: true,
  zone: true,
});

/** People who sell together: leads are dealt to its members in turn, its head is asked for approvals. */
export const Team = z.object({
  id: Id('team'),
  version: z.int(),
  name: Name(),
  headId: Id('user').optional(),
  memberIds: z.array(Id('user')).max(60),
});
export type Team = z.output<typeof Team>;
export const NewTeam = Team.pick({ name: true, headId: true, memberIds: true });

export const UserAdded = eventType('user.added', {});
export const UserSignedIn = eventType('user.bound', {});
export const TeamAdded = eventType('team.added', {});
