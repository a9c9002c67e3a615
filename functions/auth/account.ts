import * as z from 'zod';
import { Email } from '#shared/email.ts';
import { eventType } from '#shared/events.ts';
import { Id } from '#shared/id.ts';
import { Name } from '#shared/text.ts';
import { dateIn, PlainDate, Zone, type Instant } from '#shared/time.ts';
import { Role } from '#shared/user.ts';

/** When somebody is away: he gets no new leads, and his deputy is asked in his place. */
const Absence = z
  .object({ from: PlainDate, until: PlainDate, deputyId: Id('user').optional() })
  .refine(({ from, until }) => from <= until, { error: 'until is not before from', path: ['until'] });

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
  absence: Absence.optional(),
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
export type NewAccount = z.output<typeof NewAccount>;

/** What may be changed of a user; his e-mail is what his sign-in is found by and stays. */
export const AccountChange = z.object({
  ...NewAccount.omit({ email: true, teamId: true }).partial().shape,
  /** Null takes him out of his team. */
  teamId: Id('team').nullable().optional(),
  absence: Absence.nullable().optional(),
});
export type AccountChange = z.output<typeof AccountChange>;

/** Whether somebody is here and may be given work: on his own calendar, not ours. */
export const isWorking = ({ active, absence, zone }: Account, now: Instant): boolean => {
  const today = dateIn(zone, now);
  return active && !(absence && absence.from <= today && today <= absence.until);
};

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
export type NewTeam = z.output<typeof NewTeam>;
export const TeamChange = NewTeam.partial().extend({ headId: Id('user').nullable().optional() });
export type TeamChange = z.output<typeof TeamChange>;

export const UserAdded = eventType('user.added', {});
export const UserChanged = eventType('user.changed', {});
export const UserSwitchedOff = eventType('user.switched-off', {});
export const UserSwitchedOn = eventType('user.switched-on', {});
export const UserSignedIn = eventType('user.bound', {});
export const TeamAdded = eventType('team.added', {});
export const TeamChanged = eventType('team.changed', {});
