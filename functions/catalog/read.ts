import { readTable } from '#shared/read/read-table.ts';
import { products } from './store.ts';

export const productTable = readTable({
  name: 'products',
  parts: [products],
  rights: 'product.read',
  search: ['name', 'sku'],
  sorts: ['name', 'sku', 'price'],
});
