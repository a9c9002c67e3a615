import * as z from 'zod';
import { switchedOff } from '#functions/auth/staff.ts';
import { teams, users, workingMembers } from '#functions/auth/store.ts';
import { commit, type Decision } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { route } from '#shared/http/route.ts';
import { Id } from '#shared/id.ts';
import { Job, startJob } from '#shared/jobs.ts';
import type { Read } from '#shared/table/read.ts';
import { handedLists } from './hand-over.ts';
import { HAND_OVER } from './job-name.ts';
import { kindFor } from './kinds.ts';

const Asked = z
  .object({
    /** Who gets everything. */
    to: Id('user').optional(),
    /** The team whose people get it in turn; what belongs together stays together. */
    toTeam: Id('team').optional(),
    /** He is switched off at the same moment, so that nothing new becomes his. */
    switchOff: z.boolean().optional(),
  })
  .refine(({ to, toTeam }) => (to === undefined) !== (toTeam === undefined), { error: 'give either to or toTeam' });
type Asked = z.output<typeof Asked>;

const fault = (field: string, detail: string) =>
  refuse('invalid', {}, [{ pointer: `/body/${field}`, code: 'invalid_value', detail }]);

/** Refuses when there is nobody who could take anything. */
async function mustTake(read: Read, from: string, { to, toTeam }: Asked, now: string): Promise<void> {
  if (to === from) throw fault('to', 'Somebody else than who hands over.');
  if (to !== undefined && !(await read.get(users, { id: to }))?.active)
    throw fault('to', `There is no user ${to} who works here.`);
  if (toTeam === undefined) return;
  const here = await workingMembers(await read.need(teams, { id: toTeam }), now);
  if (here.every((id) => id === from)) throw fault('toTeam', 'Nobody else of this team is here to take anything.');
}

export const handOverRoutes = [
  route(
    'POST /users/{id}/hand-over',
    {
      summary:
        'Gives all that somebody owns (clients, leads, deals, orders, what is still to be done) to another or to a team in turn, as a job with a result for each that can be taken back',
      rights: 'user.change',
      of: users,
      body: Asked,
      returns: Job,
      status: 202,
    },
    async ({ params: { id: from }, body, user, now, newId }) => {
      for (const { kind } of handedLists) kindFor(kind, user);
      const { to, toTeam, switchOff = false } = body;
      const by = { id: newId('job'), userId: user.id, keyId: user.key?.id, now };
      return commit(async (read): Promise<Decision> => {
        await mustTake(read, from, body, now);
        const leaving = await read.need(users, { id: from });
        const off: Decision = switchOff && leaving.active ? await switchedOff(read, from, leaving.version) : {};
        const { write, event } = startJob(HAND_OVER, { from, to, toTeam }, by);
        return {
          writes: [write, ...(off.writes ?? [])],
          checks: off.checks ?? [],
          events: [event, ...(off.events ?? [])],
          answer: write,
          status: 202,
        };
      });
    },
  ),
];
