import * as z from 'zod';
import { ownerAsked } from '#functions/auth/rights.ts';
import { clients } from '#functions/clients/store.ts';
import { needSurvivor } from '#functions/clients/survivor.ts';
import { fieldSetInForce } from '#functions/settings/custom.ts';
import { needInForce } from '#functions/settings/store.ts';
import { commit } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { Id } from '#shared/id.ts';
import { Paged, PageQuery, pageOf } from '#shared/http/page.ts';
import { route } from '#shared/http/route.ts';
import { list } from '#shared/table/read.ts';
import { stillAt } from '#shared/stale.ts';
import { Name, Text } from '#shared/text.ts';
import { epochOf } from '#shared/time.ts';
import { convertLead } from './convert.ts';
import { dealTypeKind } from './deal-type.ts';
import { Deal, DealChange, DealMoved, DealWork, move, NewDealOf, StageKind } from './deal.ts';
import { opened } from './open.ts';
import { dealRecord, mustBeOpen } from './record.ts';
import { deals, dealWorks, workWrite } from './store.ts';

const DAY_MS = 86_400_000;

export const dealRoutes = [
  convertLead,

  route(
    'GET /deals/{id}',
    {
      summary: 'A deal with its lines; cost and margin for roles that may see them',
      rights: 'deal.read',
      of: deals,
      returns: Deal,
    },
    async ({ record }) => record,
  ),

  route(
    'GET /deals',
    {
      summary: 'Deals of an owner (mine unless said): open ones by expected date, closed ones by closing',
      rights: 'deal.read',
      query: z.object({ owner: Id('user').optional(), state: StageKind.optional(), ...PageQuery.shape }),
      returns: Paged(DealWork),
    },
    async ({ query, user }) =>
      list(
        dealWorks,
        'gsi1',
        { ownerId: ownerAsked(user, 'deal.read', query.owner), state: query.state ?? 'open' },
        pageOf(query),
      ),
  ),

  route(
    'POST /deals',
    {
      summary: 'Opens a deal with a client we have',
      rights: 'deal.change',
      body: NewDealOf,
      returns: Deal,
      status: 201,
    },
    async (asked) => commit((read) => dealRecord.create(read, asked.body, asked)),
  ),

  route(
    'PUT /deals/{id}',
    {
      summary:
        'Changes a deal: terms while it is open (others than were approved need a new approval), own fields, owner; archived puts it away or back',
      rights: 'deal.change',
      of: deals,
      ifMatch: true,
      body: DealChange,
      returns: Deal,
    },
    async (asked) =>
      commit(async (read) => {
        const deal = await read.need(deals, { id: asked.params.id });
        await stillAt(deal.id, deal.version, asked.ifMatch);
        return dealRecord.change(read, deal, asked.body, asked);
      }),
  ),

  route(
    'POST /deals/{id}/stage',
    {
      summary: 'Moves a deal to another stage of its type; winning has its own command',
      rights: 'deal.change',
      of: deals,
      ifMatch: true,
      body: z.object({ stage: z.string().max(40), lostReason: Text(500).optional() }),
      returns: Deal,
    },
    async ({ params, body, now, ifMatch }) => {
      const fields = await fieldSetInForce('deal');
      return commit(async (read) => {
        const found = await read.need(deals, { id: params.id });
        await stillAt(found.id, found.version, ifMatch);
        mustBeOpen(found);
        const type = await needInForce(dealTypeKind, found.typeId);
        const deal = { ...found, ...(body.lostReason !== undefined && { lostReason: body.lostReason }) };
        const stage = move(deal, type.body, body.stage, fields);
        if (stage.kind === 'won')
          throw refuse('move_not_allowed', {
            from: deal.stage,
            to: stage.id,
            allowed: `POST /api/deals/${deal.id}/win`,
          });
        const closed = stage.kind === 'open' ? {} : { closedAt: now };
        const write = deals.save(found, {
          stage: stage.id,
          stageKind: stage.kind,
          stageSince: now,
          probability: stage.probability,
          lostReason: deal.lostReason,
          ...closed,
        });
        const daysInStage = Math.round(((epochOf(now) - epochOf(found.stageSince)) / DAY_MS) * 100) / 100;
        return {
          writes: [write, await workWrite(read, write.item)],
          events: [DealMoved.of(write, { from: found.stage, to: stage.id, kind: stage.kind, daysInStage })],
          answer: write,
        };
      });
    },
  ),

  route(
    'POST /deals/{id}/copy',
    {
      summary: 'A new deal with the same lines; approvals are not copied',
      rights: 'deal.change',
      of: deals,
      body: z.object({ name: Name().optional() }),
      returns: Deal,
      status: 201,
    },
    async ({ record: deal, body, user, now, newId, requestId }) => {
      const type = await needInForce(dealTypeKind, deal.typeId);
      const lines = deal.lines.map(({ productId, name, unit, quantity, price, discount }) => ({
        productId,
        name,
        unit,
        quantity,
        price,
        discount,
      }));
      return commit(async (read) => {
        const client = await needSurvivor(read, clients, deal.clientId);
        const asked = { typeId: deal.typeId, name: body.name ?? deal.name, currency: deal.currency, lines };
        const { write, ...copy } = await opened(
          read,
          type,
          asked,
          client,
          { userId: user.id, now, requestId, newId },
          { copyOf: deal.id, custom: deal.custom },
        );
        return { ...copy, answer: write };
      });
    },
  ),
];
