import * as z from 'zod';
import { reaches } from '#functions/auth/rights.ts';
import { commit } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { route } from '#shared/http/route.ts';
import { stillAt } from '#shared/stale.ts';
import { reader } from '#shared/table/read.ts';
import type { User } from '#shared/user.ts';
import { Client, ClientChange, NewClient } from './client.ts';
import { NewPerson, Person, PersonChange } from './person.ts';
import { personRecord } from './person-record.ts';
import { clientRecord } from './record.ts';
import { clients, people } from './store.ts';

/** Nobody gives what he makes or has to somebody he does not reach. */
function mayGive(user: User, ownerId: string | null | undefined): void {
  if (ownerId === undefined || ownerId === null) return;
  if (!reaches(user, 'client.change', { ownerId })) throw refuse('out_of_reach', { owner: ownerId });
}

export const clientRecordRoutes = [
  route(
    'POST /clients',
    {
      summary: 'Makes a client: an organisation, a person or a household. A tax number has one owner only',
      rights: 'client.change',
      body: NewClient,
      returns: Client,
      status: 201,
    },
    async (asked) => {
      mayGive(asked.user, asked.body.ownerId);
      return commit((read) => clientRecord.create(read, asked.body, asked));
    },
  ),

  route(
    'GET /clients/{id}',
    {
      summary: 'A client; one that was made one with another names it in mergedInto',
      rights: 'client.read',
      of: clients,
      returns: Client,
    },
    async ({ record }) => record,
  ),

  route(
    'PUT /clients/{id}',
    {
      summary: 'Changes a client, gives it to somebody, puts it away or takes it back; null takes a value away',
      rights: 'client.change',
      of: clients,
      ifMatch: true,
      body: ClientChange,
      returns: Client,
    },
    async (asked) => {
      mayGive(asked.user, asked.body.ownerId);
      return commit(async (read) => {
        const client = await read.need(clients, { id: asked.params.id });
        await stillAt(client.id, client.version, asked.ifMatch);
        return clientRecord.change(read, client, asked.body, asked);
      });
    },
  ),

  route(
    'POST /people',
    {
      summary: 'Makes a person: by name, e-mails or phones. An address that somebody has is refused with who has it',
      rights: 'client.change',
      body: NewPerson,
      returns: Person,
      status: 201,
    },
    async (asked) => {
      mayGive(asked.user, asked.body.ownerId);
      return commit((read) => personRecord.create(read, asked.body, asked));
    },
  ),

  route(
    'GET /people/{id}',
    {
      summary: 'A person; one who was made one with another names him in mergedInto',
      rights: 'client.read',
      of: people,
      returns: Person,
    },
    async ({ record }) => record,
  ),

  route(
    'PUT /people/{id}',
    {
      summary: 'Changes a person. Addresses that are listed no more are free again; null takes a value away',
      rights: 'client.change',
      of: people,
      ifMatch: true,
      body: PersonChange,
      returns: Person,
    },
    async (asked) => {
      mayGive(asked.user, asked.body.ownerId);
      return commit(async (read) => {
        const person = await read.need(people, { id: asked.params.id });
        await stillAt(person.id, person.version, asked.ifMatch);
        return personRecord.change(read, person, asked.body, asked);
      });
    },
  ),

  route(
    'GET /people',
    {
      summary: 'Who has an e-mail or a phone',
      rights: 'client.read',
      query: z.object({ email: z.string().max(254).optional(), phone: z.string().max(60).optional() }),
      returns: z.object({ items: z.array(Person) }),
    },
    async ({ query, user }) => {
      const [field, value] = query.email === undefined ? ['phone', query.phone] : ['email', query.email];
      if (value === undefined)
        throw refuse('invalid', {}, [{ pointer: '/query', code: 'required', detail: 'give email or phone' }]);
      const id = await personRecord.find(reader, field ?? '', value);
      const person = id === undefined ? undefined : await reader.get(people, { id });
      return { items: person && reaches(user, 'client.read', person) ? [person] : [] };
    },
  ),
];
