import * as z from 'zod';
import { type Client, ClientKind, TaxId } from '#functions/clients/client.ts';
import { joining, type Joined } from '#functions/clients/joining.ts';
import { newClient } from '#functions/clients/record.ts';
import { clients, people } from '#functions/clients/store.ts';
import { needSurvivor } from '#functions/clients/survivor.ts';
import { isOpen, LeadConverted } from '#functions/leads/lead.ts';
import { leads, leadWorks } from '#functions/leads/store.ts';
import { needInForce } from '#functions/settings/store.ts';
import { commit } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { route } from '#shared/http/route.ts';
import { Id } from '#shared/id.ts';
import { notArchived, type Editing } from '#shared/record-kind.ts';
import { stillAt } from '#shared/stale.ts';
import { joinStories } from '#shared/story.ts';
import type { Read } from '#shared/table/read.ts';
import { distinct } from '#shared/table/write.ts';
import { Line, Name } from '#shared/text.ts';
import { dateIn } from '#shared/time.ts';
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
    taxId: TaxId.optional(),
    position: Line(200).optional(),
  }),
]);
const Conversion = z.object({ client: Whom, deal: NewDeal.extend({ name: Name().optional() }).optional() });
type Conversion = z.output<typeof Conversion>;

type Made = Pick<Joined, 'writes' | 'events' | 'checks'> & { client: Client; isNew: boolean };

/** The client of a lead, known or made, with the lead's person standing for it. */
async function clientFor(
  read: Read,
  lead: Lead,
  whom: Conversion['client'],
  editing: Editing,
  today: string,
): Promise<Made> {
  const person = await needSurvivor(read, people, lead.personId);
  if ('id' in whom) {
    const client = await needSurvivor(read, clients, whom.id);
    const { writes, events, checks } = await joining(read, client, person, { since: today });
    return { client, isNew: false, writes, events, checks };
  }
  const { kind, taxId, position } = whom;
  const name =
    whom.name ??
    (kind === 'organisation' ? lead.company : undefined) ??
    lead.name ??
    lead.email ??
    lead.phone ??
    lead.id;
  const made = await newClient(read, { kind, name, taxId }, editing, lead.storyId);
  const client = { id: made.answer.recordId, storyId: lead.storyId, isNew: true };
  const joined = await joining(read, client, person, { position, since: today });
  return {
    client: clients.decode(made.answer.after),
    isNew: true,
    writes: [...(made.writes ?? []), ...joined.writes],
    events: [...(made.events ?? []), ...joined.events],
    checks: joined.checks,
  };
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
    const editing = { user, now, requestId, newId };
    const today = dateIn(user.zone, now);
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
      const made = await clientFor(read, lead, body.client, editing, today);
      const opening = { userId: user.id, now, requestId, newId };
      const named = body.deal && { ...body.deal, name: body.deal.name ?? made.client.name };
      const deal =
        type && named
          ? await opened(read, type, named, { ...made.client, isNew: made.isNew }, opening, { leadId: lead.id })
          : undefined;
      const work = await read.need(leadWorks, { id: lead.id });
      const write = leads.save(lead, { state: 'converted', clientId: made.client.id, dealId: deal?.write.recordId });
      const told = LeadConverted.of(write, { clientId: made.client.id, dealId: deal?.write.recordId });
      return {
        writes: distinct([
          write,
          leadWorks.save(work, { state: 'converted', nextAt: now, next: undefined }),
          ...made.writes,
          ...(deal?.writes ?? []),
          ...joinStories(lead.storyId, made.client.storyId),
        ]),
        events: [told, ...made.events, ...(deal?.events ?? [])],
        checks: distinct([...made.checks, ...(deal?.checks ?? [])]),
        answer: write,
      };
    });
  },
);
