import { readTable } from '#shared/read/read-table.ts';
import { clients, members, people } from './store.ts';

export const clientTable = readTable({
  name: 'clients',
  parts: [clients],
  rights: 'client.read',
  search: ['name', 'taxId', 'otherTaxIds'],
  sorts: ['name', 'createdAt'],
});

export const personTable = readTable({
  name: 'people',
  parts: [people],
  rights: 'client.read',
  search: ['name', 'emails', 'phones'],
  sorts: ['name', 'createdAt'],
});

/** Who stands for whom: `until == null` are those who do now. */
export const memberTable = readTable({
  name: 'members',
  parts: [members],
  rights: 'client.read',
  search: ['position'],
  sorts: ['since'],
  of: clientTable,
  keyOf: (recordId) => {
    const [clientId = '', personId = ''] = recordId.split('/');
    return { clientId, personId };
  },
});
