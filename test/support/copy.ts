import * as z from 'zod';
import { Copy } from '#shared/read/copy.ts';
import type { CustomKinds } from '#shared/read/filter.ts';
import { readTable } from '#shared/read/read-table.ts';
import type { Viewer } from '#shared/read/select.ts';
import { guarded, personal } from '#shared/fields.ts';
import { Money, Price } from '#shared/money.ts';
import { entity } from '#shared/table/entity.ts';

const Sale = z.object({
  id: z.string(),
  version: z.int(),
  ownerId: z.string().optional(),
  teamId: z.string().optional(),
  name: z.string().optional().meta(personal),
  phone: z.string().optional(),
  state: z.enum(['new', 'won', 'lost']).optional(),
  hot: z.boolean().optional(),
  amount: Money.optional(),
  price: Price.optional(),
  cost: Money.optional().meta(guarded('cost')),
  tags: z.array(z.string()).optional(),
  answers: z.record(z.string(), z.string()).optional(),
  next: z.object({ kind: z.string(), at: z.string() }).optional(),
  createdAt: z.string().optional(),
  archivedAt: z.string().optional(),
});

/** A list of sales for tests of the read copy; its items are put in directly, no table is needed. */
export const saleTable = readTable({
  name: 'sales',
  parts: [entity('deal', Sale, { part: 'R' })],
  rights: 'deal.read',
  search: ['name', 'phone'],
  sorts: ['amount', 'name'],
});

export const NOW = '2026-11-23T12:00:00.000Z';
export const viewer: Viewer = { me: 'user_1', now: NOW, zone: 'Europe/Moscow', reach: 'all', holds: () => true };
export const noCustom: CustomKinds = new Map();
export const rub = (amount: string) => ({ amount, currency: 'RUB' });

/** A copy in memory with these sales, made a minute apart. */
export function salesCopy(...sales: Record<string, unknown>[]): Copy {
  const copy = new Copy(':memory:', [saleTable]);
  sales.forEach((sale, place) => {
    const id = `deal_${String(place + 1)}`;
    copy.put('sales', id, { id, version: 1, ...sale }, `2026-11-01T00:${String(place).padStart(2, '0')}:00.000Z`);
  });
  return copy;
}
