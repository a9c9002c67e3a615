import { users } from '#functions/auth/store.ts';
import { checkedCustom } from '#functions/settings/custom.ts';
import { refuse } from '#shared/errors.ts';
import { newsOf, type Edited } from '#shared/record-kind.ts';
import type { Read } from '#shared/table/read.ts';
import { OrderChanged, type Order, type OrderChange } from './order.ts';
import { orders } from './store.ts';

/** What people change of an order beside its execution: own fields, owner, put away or taken back. */
export async function changeOrder(read: Read, before: Order, input: OrderChange, now: string): Promise<Edited> {
  const place = { state: before.state };
  const custom = input.custom && {
    custom: (await checkedCustom('order', input.custom, before.custom ?? {}, place)) ?? null,
  };
  const news = newsOf(before, { ...input, ...custom }, now);
  if (!news) return { answer: orders.asIs(before) };
  if (news.ownerId !== undefined && !(await read.get(users, { id: news.ownerId }))?.active)
    throw refuse('not_found', { what: 'user', id: news.ownerId });
  const write = orders.save(before, news);
  return { writes: [write], events: [OrderChanged.of(write, {})], answer: write };
}
