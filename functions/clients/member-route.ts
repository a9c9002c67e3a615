import * as z from 'zod';
import { reaches } from '#functions/auth/rights.ts';
import { commit } from '#shared/command.ts';
import { Email } from '#shared/email.ts';
import { refuse } from '#shared/errors.ts';
import { Paged, PageQuery, pageOf } from '#shared/http/page.ts';
import { route } from '#shared/http/route.ts';
import { Id } from '#shared/id.ts';
import { stillAt } from '#shared/stale.ts';
import { getMany, list, listWhole, need, type Read } from '#shared/table/read.ts';
import { Line, Name } from '#shared/text.ts';
import { dateIn, PlainDate } from '#shared/time.ts';
import type { User } from '#shared/user.ts';
import { Client } from './client.ts';
import { joining, leaving, moving } from './joining.ts';
import { personOf } from './known.ts';
import { isCurrent, Member } from './member.ts';
import { Person } from './person.ts';
import { phonesOf } from './person-record.ts';
import { clients, members, people } from './store.ts';

const When = z.object({ when: z.enum(['current', 'past', 'all']).optional(), ...PageQuery.shape });
type When = z.output<typeof When>;

/** Those who stand for the client now first; links that became part of another are told there. */
function shown(all: readonly Member[], { when = 'all' }: When, today: string): Member[] {
  const live = all.filter(({ mergedInto }) => mergedInto === undefined);
  const [now, past] = [live.filter((one) => isCurrent(one, today)), live.filter((one) => !isCurrent(one, today))];
  return when === 'current' ? now : when === 'past' ? past : [...now, ...past];
}

const byId = <R extends { id: string }>(records: readonly R[]): ReadonlyMap<string, R> =>
  new Map(records.map((record) => [record.id, record]));
const day = (user: User, now: string): string => dateIn(user.zone, now);

async function linkOf(read: Read, { id, personId }: { id: string; personId: string }): Promise<Member> {
  const member = await read.need(members, { clientId: id, personId });
  if (member.mergedInto === undefined) return member;
  throw refuse('wrong_state', { what: 'The link', state: 'merged', why: `it is ${member.mergedInto} now` });
}

const MemberOfClient = z.object({ ...Person.shape, membership: Member });
const ClientOfPerson = z.object({ ...Member.shape, client: Client.pick({ id: true, kind: true, name: true }) });
const NewMember = z.object({
  personId: Id('person').optional(),
  name: Name().optional(),
  email: Email.optional(),
  phone: z.string().max(40).optional(),
  position: Line(200).optional(),
  since: PlainDate.optional(),
});

export const memberRoutes = [
  route(
    'GET /clients/{id}/people',
    {
      summary: 'The people of a client with position and period: those who stand for it now first, then those who left',
      rights: 'client.read',
      of: clients,
      query: When,
      returns: Paged(MemberOfClient),
    },
    async ({ params, query, user, now }) => {
      const page = await list(members, 'item', { clientId: params.id, personId: 'person_' }, pageOf(query));
      const links = shown(page.items, query, day(user, now));
      const found = byId(
        await getMany(
          people,
          links.map(({ personId }) => ({ id: personId })),
        ),
      );
      const items = links.flatMap((membership) => {
        const person = found.get(membership.personId);
        return person ? [{ ...person, membership }] : [];
      });
      return { ...page, items };
    },
  ),

  route(
    'GET /people/{id}/clients',
    {
      summary: 'The clients a person stands for with position and period: present ones first, then those he left',
      rights: 'client.read',
      of: people,
      query: When,
      returns: Paged(ClientOfPerson),
    },
    async ({ params, query, user, now }) => {
      const page = await listWhole(members, 'gsi2', { personId: params.id, clientId: 'client_' }, pageOf(query));
      const links = shown(page.items, query, day(user, now));
      const found = byId(
        await getMany(
          clients,
          links.map(({ clientId }) => ({ id: clientId })),
        ),
      );
      const items = links.flatMap((link) => {
        const client = found.get(link.clientId);
        return client && reaches(user, 'client.read', client) ? [{ ...link, client }] : [];
      });
      return { ...page, items };
    },
  ),

  route(
    'POST /clients/{id}/people',
    {
      summary:
        'A person begins to stand for a client, or does so again: one we know, or a new contact (a known e-mail or phone is recognised)',
      rights: 'client.change',
      of: clients,
      body: NewMember,
      returns: Member,
      status: 201,
    },
    async ({ params, body, user, now, newId }) => {
      const { personId, position, since = day(user, now), name, email, phone: typed } = body;
      const [phone] = await phonesOf(typed === undefined ? [] : [typed], '/body/phone');
      if (personId === undefined && email === undefined && phone === undefined)
        throw refuse('invalid', {}, [{ pointer: '/body', code: 'required', detail: 'Give personId, email or phone.' }]);
      const fresh = { id: newId('person'), locale: 'ru', now } as const;
      return commit(async (read) => {
        const client = await read.need(clients, { id: params.id });
        const { storyId } = client;
        const known =
          personId === undefined ? await personOf(read, { name, email, phone }, { ...fresh, storyId }) : undefined;
        const person = known?.person ?? (await read.need(people, { id: personId ?? '' }));
        // A link shows the whole person: only of one that could be seen anyway.
        if (!known && !reaches(user, 'client.read', person))
          throw refuse('not_found', { what: 'person', id: person.id });
        const written = known ? known.writes.some(({ recordId }) => recordId === person.id) : false;
        const joined = await joining(read, client, { ...person, isNew: written }, { position, since });
        return {
          ...joined,
          writes: [...joined.writes, ...(known?.writes ?? [])],
          events: [...joined.events, ...(known?.events ?? [])],
        };
      });
    },
  ),

  route(
    'GET /clients/{id}/people/{personId}',
    {
      summary: 'The link of a person and a client with all its periods',
      rights: 'client.read',
      of: clients,
      returns: Member,
    },
    async ({ params }) => need(members, { clientId: params.id, personId: params.personId }),
  ),

  route(
    'POST /clients/{id}/people/{personId}/position',
    {
      summary: 'A new position from a day on; the one before stays in the history',
      rights: 'client.change',
      of: clients,
      ifMatch: true,
      body: z.object({ position: Line(200), on: PlainDate.optional() }),
      returns: Member,
    },
    async ({ params, body, user, now, ifMatch, record }) =>
      commit(async (read) => {
        const member = await linkOf(read, params);
        await stillAt(members.recordId(member), member.version, ifMatch);
        return moving(member, body.position, body.on ?? day(user, now), record.storyId);
      }),
  ),

  route(
    'POST /clients/{id}/people/{personId}/leave',
    {
      summary: 'A person stands for a client no more: what was stays in the history, and he may come back',
      rights: 'client.change',
      of: clients,
      ifMatch: true,
      body: z.object({ on: PlainDate.optional() }),
      returns: Member,
    },
    async ({ params, body, user, now, ifMatch, record }) =>
      commit(async (read) => {
        const member = await linkOf(read, params);
        await stillAt(members.recordId(member), member.version, ifMatch);
        return leaving(member, body.on ?? day(user, now), record.storyId);
      }),
  ),
];
