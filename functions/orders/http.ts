import * as z from 'zod';
import { leaveFor } from '#functions/approvals/leave.ts';
import { reaches } from '#functions/auth/rights.ts';
import { clients } from '#functions/clients/store.ts';
import { approvalSubject, move, type Deal } from '#functions/deals/deal.ts';
import { dealTypeKind } from '#functions/deals/deal-type.ts';
import { deals, workWrite } from '#functions/deals/store.ts';
import { fieldSetInForce } from '#functions/settings/custom.ts';
import { needInForce } from '#functions/settings/store.ts';
import { commit } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { Paged, PageQuery, pageOf } from '#shared/http/page.ts';
import { route } from '#shared/http/route.ts';
import { listWhole } from '#shared/table/read.ts';
import { stillAt } from '#shared/stale.ts';
import { DealWon, Order, OrderChange, OrderDrafted, orderOfDeal } from './order.ts';
import { changeOrder } from './record.ts';
import { orders } from './store.ts';

const WonStage = z.string().max(40).optional();

export const orderRoutes = [
  route(
    'POST /deals/{id}/win',
    {
      summary: 'Wins a deal and makes the draft order of its lines, in one command',
      rights: 'deal.change',
      of: deals,
      ifMatch: true,
      body: z.object({ stage: WonStage }),
      returns: Order,
      status: 201,
    },
    async ({ params, body, now, newId, ifMatch }) => {
      const orderId = newId('order');
      return commit(async (read) => {
        const deal = await read.need(deals, { id: params.id });
        await stillAt(deal.id, deal.version, ifMatch);
        if (deal.stageKind !== 'open')
          throw refuse('wrong_state', {
            what: 'The deal',
            state: deal.stageKind,
            why: deal.orderId === undefined ? 'it is closed' : `its order is ${deal.orderId}`,
          });
        if (deal.lines.length === 0) throw refuse('fields_missing', { stage: 'won', fields: 'lines' });
        const { body: type } = await needInForce(dealTypeKind, deal.typeId);
        const wonId = body.stage ?? type.stages.find(({ kind }) => kind === 'won')?.id ?? '';
        const stage = move(deal, type, wonId, await fieldSetInForce('deal'));
        if (stage.kind !== 'won') throw refuse('stage_unknown', { stage: wonId });
        const checks = await leaveFor(read, approvalSubject(deal), deal.approvalId);
        const closed: Partial<Deal> = {
          stage: stage.id,
          stageKind: 'won',
          stageSince: now,
          probability: stage.probability,
          closedAt: now,
          orderId,
        };
        const won = deals.save(deal, closed);
        const order = orders.create(orderOfDeal(deal, orderId, now));
        const { clientId, ownerId } = deal;
        return {
          writes: [won, await workWrite(read, won.item), order],
          checks,
          events: [
            DealWon.of(won, { orderId, clientId, ownerId }),
            OrderDrafted.of(order, { clientId, dealId: deal.id }),
          ],
          answer: order,
        };
      });
    },
  ),

  route(
    'GET /orders/{id}',
    { summary: 'An order with its lines', rights: 'order.read', of: orders, returns: Order },
    async ({ record }) => record,
  ),

  route(
    'PUT /orders/{id}',
    {
      summary: 'Changes own fields or the owner of an order; archived puts it away or back',
      rights: 'order.change',
      of: orders,
      ifMatch: true,
      body: OrderChange,
      returns: Order,
    },
    async ({ params, body, now, ifMatch }) =>
      commit(async (read) => {
        const order = await read.need(orders, { id: params.id });
        await stillAt(order.id, order.version, ifMatch);
        return changeOrder(read, order, body, now);
      }),
  ),

  route(
    'GET /clients/{id}/orders',
    {
      summary: 'The orders of a client that are within my reach',
      rights: 'order.read',
      of: clients,
      query: PageQuery,
      returns: Paged(Order),
    },
    async ({ params, query, user }) => {
      const page = await listWhole(orders, 'gsi2', { clientId: params.id, id: 'order_' }, pageOf(query));
      return { ...page, items: page.items.filter((order) => reaches(user, 'order.read', order)) };
    },
  ),
];
