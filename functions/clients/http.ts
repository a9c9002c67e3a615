import * as z from 'zod';
import { route } from '#shared/http/route.ts';
import { getMany, list, listWhole, need } from '#shared/table/read.ts';
import { Client, Member } from './client.ts';
import { Person } from './person.ts';
import { clients, members, people } from './store.ts';

export const clientRoutes = [
  route('GET /clients/{id}', { summary: 'A client', rights: 'client.read', returns: Client }, async ({ params }) =>
    need(clients, { id: params.id }),
  ),

  route(
    'GET /clients/{id}/people',
    { summary: 'The people of a client', rights: 'client.read', returns: z.object({ items: z.array(Person) }) },
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
