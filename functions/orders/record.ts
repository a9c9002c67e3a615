import { users } from '#functions/auth/store.ts';
import { checkedCustom } from '#functions/settings/custom.ts';
import { refuse } from '#shared/errors.ts';
import { newsOf, type Edited, type RecordKind } from '#shared/record-kind.ts';
import type { Read } from '#shared/table/read.ts';
import { OrderChange, OrderChanged, type Order } from './order.ts';
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

/** Orders in bulk actions, hand-overs and undo. Whatever makes one is a sale: no file brings it in. */
export const orderRecord: RecordKind<Order, never, OrderChange> = {
  kind: 'order',
  right: 'order.change',
  New: OrderChange,
  Change: OrderChange,
  async create() {
    throw refuse('wrong_state', { what: 'An order', state: 'not made this way', why: 'win a deal' });
  },
  change: (read, before, input, { now }) => changeOrder(read, before, input, now),
  get: (read, id) => read.get(orders, { id }),
  matches: [],
  find: async () => undefined,
};
