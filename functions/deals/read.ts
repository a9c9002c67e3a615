import { readTable } from '#shared/read/read-table.ts';
import { deals, dealWorks } from './store.ts';

export const dealTable = readTable({
  name: 'deals',
  parts: [deals, dealWorks],
  rights: 'deal.read',
  search: ['name', 'nextStep'],
  sorts: ['amount', 'expectedOn', 'createdAt', 'name'],
});
