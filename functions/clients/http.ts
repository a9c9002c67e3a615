import * as z from 'zod';
import { commit } from '#shared/command.ts';
import { Email } from '#shared/email.ts';
import { refuse } from '#shared/errors.ts';
import { route } from '#shared/http/route.ts';
import { Id } from '#shared/id.ts';
import { joinStories } from '#shared/story.ts';
import { getMany, list, listWhole, need } from '#shared/table/read.ts';
import { Line, Name } from '#shared/text.ts';
import { Client, ClientJoined, Member } from './client.ts';
import { Person } from './person.ts';
import { clients, members, people, personOf } from './store.ts';

/** The numbering plans of the world are a fifth of the function's weight: loaded when a number is typed. */
async function phoneOf(typed: string): Promise<string> {
  const { normalisePhone } = await import('#shared/phone.ts');
  const phone = normalisePhone(typed);
  if (phone !== undefined) return phone;
  throw refuse('invalid', {}, [{ pointer: '/body/phone', code: 'invalid_format', detail: 'This is no phone number.' }]);
}

export const clientRoutes = [
  route(
    'GET /clients/{id}',
    { summary: 'A client', rights: 'client.read', of: clients, returns: Client },
    async ({ record }) => record,
  ),

  route(
    'GET /clients/{id}/people',
    {
      summary: 'The people of a client',
      rights: 'client.read',
      of: clients,
      returns: z.object({ items: z.array(Person) }),
    },
    async ({ params }) => {
      const { items } = await list(members, 'item', { clientId: params.id }, { limit: 100 });
      return {
        items: await getMany(
          people,
          items.map(({ personId }) => ({ id: personId })),
        ),
      };
    },
  ),

  route(
    'POST /clients/{id}/people',
    {
      summary: 'Adds a person to a client: one we know, or a new contact (a known e-mail or phone is recognised)',
      rights: 'client.change',
      of: clients,
      body: z.object({
        personId: Id('person').optional(),
        name: Name().optional(),
        email: Email.optional(),
        phone: z.string().max(40).optional(),
        position: Line(200).optional(),
      }),
      returns: Member,
      status: 201,
    },
    async ({ params, body, now, newId }) => {
      const { personId, position, ...given } = body;
      const contact = { ...given, phone: given.phone === undefined ? undefined : await phoneOf(given.phone) };
      if (personId === undefined && contact.email === undefined && contact.phone === undefined) {
        throw refuse('invalid', {}, [{ pointer: '/body', code: 'required', detail: 'Give personId, email or phone.' }]);
      }
      const fresh = { id: newId('person'), locale: 'ru', now } as const;
      return commit(async (read) => {
        const client = await read.need(clients, { id: params.id });
        const { storyId } = client;
        const known = personId === undefined ? await personOf(read, contact, { ...fresh, storyId }) : undefined;
        const person = known?.person ?? (await read.need(people, { id: personId ?? '' }));
        const there = await read.get(members, { clientId: client.id, personId: person.id });
        if (there) return { answer: members.asIs(there) };
        const write = clients.save(client, {});
        const member = members.create({ clientId: client.id, personId: person.id, position, since: now });
        return {
          writes: [write, member, ...(known?.writes ?? []), ...joinStories(storyId, person.storyId)],
          events: [ClientJoined.of(write, { personId: person.id }), ...(known?.events ?? [])],
          answer: member,
        };
      });
    },
  ),

  route('GET /people/{id}', { summary: 'A person', rights: 'client.read', returns: Person }, async ({ params }) =>
    need(people, { id: params.id }),
  ),

  route(
    'GET /people/{id}/clients',
    {
      summary: 'The clients a person stands for',
      rights: 'client.read',
      returns: z.object({ items: z.array(Member) }),
    },
    async ({ params }) => listWhole(members, 'gsi2', { personId: params.id }, { limit: 100 }),
  ),
];
