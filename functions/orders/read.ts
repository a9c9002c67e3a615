import { readTable } from '#shared/read/read-table.ts';
import { orders } from './store.ts';

export const orderTable = readTable({
  name: 'orders',
  parts: [orders],
  rights: 'order.read',
  search: ['id'],
  sorts: ['amount', 'createdAt'],
});
