import * as z from 'zod';
import { Line, Totals } from '#functions/deals/line.ts';
import type { Deal } from '#functions/deals/deal.ts';
import { eventType } from '#shared/events.ts';
import { Id } from '#shared/id.ts';
import { Currency } from '#shared/money.ts';
import { changeFields, recordFields } from '#shared/record-kind.ts';

const OrderState = z.enum(['draft', 'confirmed', 'partly-shipped', 'shipped', 'closed', 'cancelled']);

/** The execution of a sale. It needs no deal; one that came from a deal never moves it again. A draft has no number yet. */
export const Order = z.object({
  id: Id('order'),
  version: z.int(),
  storyId: z.string(),
  clientId: Id('client'),
  dealId: Id('deal').optional(),
  ownerId: Id('user'),
  state: OrderState,
  currency: Currency,
  lines: z.array(Line),
  ...Totals.shape,
  createdAt: z.string(),
  ...recordFields,
});
export type Order = z.output<typeof Order>;

export const OrderChange = z.object({ ownerId: Id('user').optional(), ...changeFields });
export type OrderChange = z.output<typeof OrderChange>;

export const OrderDrafted = eventType('order.drafted', { clientId: z.string(), dealId: z.string().optional() });
export const OrderChanged = eventType('order.changed', {});
export const DealWon = eventType('deal.won', { orderId: z.string(), clientId: z.string(), ownerId: z.string() });

/** The order of a won deal: the same lines, prices and totals, typed by nobody again. */
export const orderOfDeal = (deal: Deal, id: string, now: string): Order => ({
  id,
  version: 1,
  storyId: deal.storyId,
  clientId: deal.clientId,
  dealId: deal.id,
  ownerId: deal.ownerId,
  state: 'draft',
  currency: deal.currency,
  lines: deal.lines,
  amount: deal.amount,
  listAmount: deal.listAmount,
  discountPercent: deal.discountPercent,
  cost: deal.cost,
  margin: deal.margin,
  marginPercent: deal.marginPercent,
  createdAt: now,
});
