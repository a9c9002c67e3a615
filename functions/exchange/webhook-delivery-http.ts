import * as z from 'zod';
import { commit } from '#shared/command.ts';
import { Paged, PageQuery, pageOf } from '#shared/http/page.ts';
import { route } from '#shared/http/route.ts';
import { listWhole, need } from '#shared/table/read.ts';
import { askedAgain, Delivery, DeliveryAsked, DeliveryView, testOf } from './webhook-delivery.ts';
import { needActive } from './webhook-http.ts';
import { deliveries, webhooks } from './webhook-store.ts';

export const deliveryRoutes = [
  route(
    'POST /webhooks/{id}/test',
    {
      summary: 'Sends a message of the type webhook.test at once; look at the delivery to see what was answered',
      rights: 'webhook.change',
      returns: DeliveryView,
      status: 202,
    },
    async ({ params, now, newId }) => {
      const id = newId('test');
      return commit(async (read) => {
        await needActive(read, params.id);
        const write = deliveries.create(testOf(params.id, { id, now }));
        return {
          writes: [write],
          events: [DeliveryAsked.of(write, { webhookId: params.id })],
          answer: write,
          status: 202,
        };
      });
    },
  ),

  route(
    'GET /webhooks/{id}/deliveries',
    {
      summary:
        'What was told to an address, each with every try and its answer: the newest first, those that wait by when they are due. A page may be short',
      rights: 'webhook.read',
      query: z.object({ state: Delivery.shape.state.optional(), ...PageQuery.shape }),
      returns: Paged(DeliveryView),
    },
    async ({ params, query }) => {
      const { id: webhookId } = await need(webhooks, { id: params.id });
      const { state } = query;
      const index = state === 'failed' ? 'gsi1' : state === 'waiting' ? 'gsi3' : 'gsi2';
      const page = await listWhole(
        deliveries,
        index,
        { webhookId },
        { ...pageOf(query), descending: index !== 'gsi3' },
      );
      return { ...page, items: page.items.filter((one) => state === undefined || one.state === state) };
    },
  ),

  route(
    'GET /deliveries/{id}',
    {
      summary: 'An event on its way to an address: each try with its answer',
      rights: 'webhook.read',
      returns: DeliveryView,
    },
    async ({ params }) => need(deliveries, { id: params.id }),
  ),

  route(
    'POST /deliveries/{id}/replay',
    {
      summary: 'Sends it again at once, under the same id, with new tries if it fails',
      rights: 'webhook.change',
      returns: DeliveryView,
      status: 202,
    },
    async ({ params, user, now }) =>
      commit(async (read) => {
        const before = await read.need(deliveries, { id: params.id });
        await needActive(read, before.webhookId);
        const write = deliveries.save(before, askedAgain(now, user.id));
        return {
          writes: [write],
          events: [DeliveryAsked.of(write, { webhookId: before.webhookId })],
          answer: write,
          status: 202,
        };
      }),
  ),
];
