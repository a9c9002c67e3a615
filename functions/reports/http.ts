import * as z from 'zod';
import { approvals } from '#functions/approvals/store.ts';
import { recordRights } from '#functions/auth/record-right.ts';
import { reachOf, within } from '#functions/auth/rights.ts';
import { clients, people } from '#functions/clients/store.ts';
import { deals } from '#functions/deals/store.ts';
import { leads } from '#functions/leads/store.ts';
import { letters } from '#functions/mail/store.ts';
import { raws } from '#functions/marketing/store.ts';
import { orders } from '#functions/orders/store.ts';
import { refuse } from '#shared/errors.ts';
import { Event } from '#shared/events.ts';
import { route } from '#shared/http/route.ts';
import { ownersOf } from '#shared/owner.ts';
import { storyEvents } from '#shared/story.ts';
import { get } from '#shared/table/read.ts';
import type { User } from '#shared/user.ts';

const Story = z.object({
  storyId: z.string(),
  /** Every record of the story, in the order in which it first appeared. */
  chain: z.array(z.object({ entity: z.string(), id: z.string(), since: z.string() })),
  events: z.array(Event),
  /** There are more events than fit into one answer. */
  more: z.boolean(),
});

const MAX_EVENTS = 1000;
const byPrefix = {
  raw: raws,
  lead: leads,
  person: people,
  client: clients,
  deal: deals,
  approval: approvals,
  order: orders,
  letter: letters,
} as const;

/** The story a record belongs to, by the kind its id names. */
async function storyOf(id: string): Promise<string> {
  if (id.startsWith('story_')) return id;
  const prefix = id.split('_')[0] ?? '';
  const entity = Object.hasOwn(byPrefix, prefix)
    ? (byPrefix[prefix as keyof typeof byPrefix] as typeof leads)
    : undefined;
  const storyId = (entity && (await get(entity, { id })))?.storyId;
  if (storyId === undefined) throw refuse('not_found', { what: 'record', id });
  return storyId;
}

/** The record that a link of two goes with: its id begins with that one's. */
const wholeOf = ({ record }: Event): string => record.id.split('/')[0] ?? '';

/** What somebody may read of what happened: of the kinds his rights name, the records within their reach. */
async function readable(all: readonly Event[], user: User): Promise<Event[]> {
  const reachTo = ({ record }: Event) => reachOf(user, recordRights[record.entity] ?? 'nobody');
  const some = all.filter((event) => reachTo(event) !== undefined && reachTo(event) !== 'all');
  const owners = await ownersOf(some.map(wholeOf));
  return all.filter((event) => {
    const reach = reachTo(event);
    const owned = owners.get(wholeOf(event));
    return reach === 'all' || (owned !== undefined && within(reach, owned));
  });
}

export const reportRoutes = [
  route(
    'GET /stories/{id}',
    {
      summary:
        'From first touch to order: the chain of records that any of them belongs to, and all that happened, in order, as far as my rights reach',
      rights: 'story.read',
      returns: Story,
    },
    async ({ params, user }) => {
      const storyId = await storyOf(params.id);
      const { events: all, more } = await storyEvents(storyId, MAX_EVENTS);
      const events = await readable(all, user);
      if (all.length > 0 && events.length === 0) throw refuse('not_found', { what: 'record', id: params.id });
      const chain = new Map<string, z.output<typeof Story>['chain'][number]>();
      for (const { record, at } of events)
        if (!chain.has(record.id)) chain.set(record.id, { entity: record.entity, id: record.id, since: at });
      return { storyId, chain: [...chain.values()], events, more };
    },
  ),
];
