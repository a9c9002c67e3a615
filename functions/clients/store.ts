import { entity } from '#shared/table/entity.ts';
import { Client } from './client.ts';
import { Member } from './member.ts';
import { Person } from './person.ts';

export const people = entity('person', Person, { part: 'R' });
export const clients = entity('client', Client, { part: 'R' });
export const members = entity('member', Member, {
  part: 'R',
  recordId: ({ clientId, personId }) => `${clientId}/${personId}`,
});
