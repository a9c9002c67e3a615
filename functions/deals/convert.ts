import * as z from 'zod';
import { Client, ClientCreated, ClientJoined, ClientKind } from '#functions/clients/client.ts';
import { clients, members } from '#functions/clients/store.ts';
import { isOpen, LeadConverted } from '#functions/leads/lead.ts';
import { leads, leadWorks } from '#functions/leads/store.ts';
import { needInForce } from '#functions/settings/store.ts';
import { commit } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import type { NewEvent } from '#shared/events.ts';
import { route } from '#shared/http/route.ts';
import { Id } from '#shared/id.ts';
import { notArchived } from '#shared/record-kind.ts';
import { stillAt } from '#shared/stale.ts';
import { joinStories } from '#shared/story.ts';
import type { Read } from '#shared/table/read.ts';
import type { Write } from '#shared/table/write.ts';
import { Line, Name } from '#shared/text.ts';
import { Lead } from '#functions/leads/lead.ts';
import { dealTypeKind } from './deal-type.ts';
import { NewDeal } from './deal.ts';
import { opened } from './open.ts';

/** A client we have, or a new one of any kind; a private person is asked for nothing that only a firm has. */
const Whom = z.union([
  z.object({ id: Id('client') }),
  z.object({
    kind: ClientKind,
    name: Name().optional(),
    taxId: Line(30).optional(),
    position: Line(200).optional(),
  }),
]);
const Conversion = z.object({ client: Whom, deal: NewDeal.extend({ name: Name().optional() }).optional() });
type Conversion = z.output<typeof Conversion>;

type Made = { client: Client; writes: Write[]; events: NewEvent[] };

async function clientFor(
  read: Read,
  lead: Lead,
  whom: Conversion['client'],
  userId: string,
  now: string,
  id: string,
): Promise<Made> {
  const position = 'position' in whom ? whom.position : undefined;
  if ('id' in whom) {
    const client = await read.need(clients, { id: whom.id });
    const there = await read.get(members, { clientId: client.id, personId: lead.personId });
    if (there) return { client, writes: [], events: [] };
    const write = clients.save(client, {});
    return {
      client,
      writes: [write, members.put({ clientId: client.id, personId: lead.personId, since: now })],
      events: [ClientJoined.of(write, { personId: lead.personId })],
    };
  }
  const name =
    whom.name ??
    (whom.kind === 'organisation' ? lead.company : undefined) ??
    lead.name ??
    lead.email ??
    lead.phone ??
    lead.id;
  const client: Client = {
    id,
    version: 1,
    storyId: lead.storyId,
    kind: whom.kind,
    name,
    taxId: whom.taxId,
    ownerId: userId,
    standing: 'prospect',
    createdAt: now,
  };
  const write = clients.create(client);
  const member = members.put({ clientId: id, personId: lead.personId, position, since: now });
  return { client, writes: [write, member], events: [ClientCreated.of(write, { kind: whom.kind })] };
}

export const convertLead = route(
  'POST /leads/{id}/convert',
  {
    summary: 'Makes a client of a lead and, if wanted, a deal',
    rights: 'deal.change',
    of: leads,
    ifMatch: true,
    body: Conversion,
    returns: Lead,
  },
  async ({ params, body, user, now, newId, requestId, ifMatch }) => {
    const type = body.deal && (await needInForce(dealTypeKind, body.deal.typeId));
    const clientId = newId('client');
    return commit(async (read) => {
      const lead = await read.need(leads, { id: params.id });
      await stillAt(lead.id, lead.version, ifMatch);
      notArchived('The lead', lead);
      if (!isOpen(lead))
        throw refuse('wrong_state', {
          what: 'The lead',
          state: lead.state,
          why: lead.state === 'converted' ? `it is client ${lead.clientId ?? ''} already` : 'it is closed',
        });
      const made = await clientFor(read, lead, body.client, user.id, now, clientId);
      const opening = { userId: user.id, now, requestId, newId };
      const named = body.deal && { ...body.deal, name: body.deal.name ?? made.client.name };
      const deal =
        type && named ? await opened(read, type, named, made.client, opening, { leadId: lead.id }) : undefined;
      const work = await read.need(leadWorks, { id: lead.id });
      const write = leads.save(lead, { state: 'converted', clientId: made.client.id, dealId: deal?.write.recordId });
      const told = LeadConverted.of(write, { clientId: made.client.id, dealId: deal?.write.recordId });
      return {
        writes: [
          write,
          leadWorks.save(work, { state: 'converted', nextAt: now, next: undefined }),
          ...made.writes,
          ...(deal?.writes ?? []),
          ...joinStories(lead.storyId, made.client.storyId),
        ],
        events: [told, ...made.events, ...(deal?.events ?? [])],
        answer: write,
      };
    });
  },
);
