import { ActivityChanged, recordsOf } from '#functions/activities/activity.ts';
import { moved } from '#functions/activities/record.ts';
import { activities, touches } from '#functions/activities/store.ts';
import { members } from '#functions/clients/store.ts';
import { DealChanged } from '#functions/deals/deal.ts';
import { deals, dealWorks } from '#functions/deals/store.ts';
import { LeadChanged } from '#functions/leads/lead.ts';
import { leads, leadWorks } from '#functions/leads/store.ts';
import { OrderChanged } from '#functions/orders/order.ts';
import { orders } from '#functions/orders/store.ts';
import type { Decision } from '#shared/command.ts';
import { assigned, externalIds, externalIdsOf } from '#shared/external-id.ts';
import { listAll, listWhole, type Page, type Read } from '#shared/table/read.ts';
import { memberLinks } from './merge-member.ts';
import type { Child } from './merge-kind.ts';
import type { MergeKind } from './merge.ts';

async function all<I>(page: (cursor: string | undefined) => Promise<Page<I>>): Promise<I[]> {
  const found: I[] = [];
  let cursor: string | undefined;
  do {
    const next = await page(cursor);
    found.push(...next.items);
    cursor = next.cursor;
  } while (cursor !== undefined);
  return found;
}

const ELSEWHERE = { why: 'it was given to another since' };
type Put = (read: Read, id: string, from: string, to: string) => Promise<Decision | undefined>;

/** Things that name their owner in a field: they go and come back the same way. */
const pointing = (kind: string, of: MergeKind, list: Child['list'], put: Put): Child => ({
  kind,
  of: [of],
  list,
  async move(read, id, { from, to }) {
    const decision = await put(read, id, from, to);
    return decision && { decision };
  },
  back: async (read, { recordId, from }, { survivorId }) => (await put(read, recordId, survivorId, from)) ?? ELSEWHERE,
});

const leadsOf = (personId: string) =>
  all((cursor) => listWhole(leads, 'gsi2', { personId, id: 'lead_' }, { limit: 100, cursor }));

const leadsOfPerson = pointing(
  'lead',
  'person',
  async (personId) => (await leadsOf(personId)).filter((lead) => lead.personId === personId).map(({ id }) => id),
  async (read, id, from, to) => {
    const [lead, work] = [await read.get(leads, { id }), await read.get(leadWorks, { id })];
    if (lead?.personId !== from) return undefined;
    const write = leads.save(lead, { personId: to });
    const works = work ? [leadWorks.save(work, { personId: to })] : [];
    return { writes: [write, ...works], events: [LeadChanged.of(write, {})] };
  },
);

/** Leads that became a client are those of its people. */
const leadsOfClient = pointing(
  'lead-of-client',
  'client',
  async (clientId) => {
    const links = await listAll(members, { clientId, personId: 'person_' });
    const people = links.flatMap(({ personId, mergedInto }) => [personId, mergedInto?.split('/')[1] ?? personId]);
    const found = await Promise.all([...new Set(people)].map(leadsOf));
    return found.flat().flatMap((lead) => (lead.clientId === clientId ? [lead.id] : []));
  },
  async (read, id, from, to) => {
    const lead = await read.get(leads, { id });
    if (lead?.clientId !== from) return undefined;
    const write = leads.save(lead, { clientId: to });
    return { writes: [write], events: [LeadChanged.of(write, {})] };
  },
);

const dealsOfClient = pointing(
  'deal',
  'client',
  async (clientId) =>
    (await all((cursor) => listWhole(deals, 'gsi2', { clientId, id: 'deal_' }, { limit: 100, cursor }))).flatMap(
      (deal) => (deal.clientId === clientId ? [deal.id] : []),
    ),
  async (read, id, from, to) => {
    const [deal, work] = [await read.get(deals, { id }), await read.get(dealWorks, { id })];
    if (deal?.clientId !== from) return undefined;
    // The buyer is the same, whatever he is called now: what was approved for him stays approved.
    const first = deal.approvedFor?.became === from ? deal.approvedFor.clientId : from;
    const approvedFor = first === to ? undefined : { clientId: first, became: to };
    const write = deals.save(deal, { clientId: to, approvedFor });
    const works = work ? [dealWorks.save(work, { clientId: to })] : [];
    return { writes: [write, ...works], events: [DealChanged.of(write, {})] };
  },
);

const ordersOfClient = pointing(
  'order',
  'client',
  async (clientId) =>
    (await all((cursor) => listWhole(orders, 'gsi2', { clientId, id: 'order_' }, { limit: 100, cursor }))).flatMap(
      (order) => (order.clientId === clientId ? [order.id] : []),
    ),
  async (read, id, from, to) => {
    const order = await read.get(orders, { id });
    if (order?.clientId !== from) return undefined;
    const write = orders.save(order, { clientId: to });
    return { writes: [write], events: [OrderChanged.of(write, {})] };
  },
);

/** Tasks, calls, meetings, notes and letters that stand on a record. */
const standing: Child = {
  kind: 'activity',
  of: ['person', 'client'],
  list: async (recordId) =>
    (await listAll(touches, { recordId })).filter(({ at }) => at !== undefined).map(({ id }) => id),
  async move(read, id, { from, to }) {
    const touch = await read.get(touches, { recordId: from, id });
    if (touch?.at === undefined) return undefined;
    const activity = await read.get(activities, { id });
    if (!activity)
      return { decision: { writes: [touches.put({ ...touch, recordId: to }), touches.put({ recordId: from, id })] } };
    const { recordId, with: others } = activity;
    const named = { recordId: recordId === from ? to : recordId, with: replaced(recordsOf(activity), from, to) };
    const news = { recordId: named.recordId, with: named.with.filter((one) => one !== named.recordId) };
    const decision = await moved(read, activity, news, (write, records) => ActivityChanged.of(write, { records }));
    return { decision, before: { recordId, with: others } };
  },
  async back(read, { recordId: id, from, before }, { survivorId }) {
    const activity = await read.get(activities, { id });
    if (!activity) {
      const touch = await read.get(touches, { recordId: survivorId, id });
      if (touch?.at === undefined) return ELSEWHERE;
      return { writes: [touches.put({ ...touch, recordId: from }), touches.put({ recordId: survivorId, id })] };
    }
    const was = before as Pick<typeof activity, 'recordId' | 'with'> | undefined;
    const moves = replaced(recordsOf(was ?? activity), from, survivorId)
      .toSorted()
      .join();
    if (was === undefined || recordsOf(activity).toSorted().join() !== moves) return ELSEWHERE;
    return moved(read, activity, was, (write, records) => ActivityChanged.of(write, { records }));
  },
};

const replaced = (ids: readonly string[], from: string, to: string): string[] => [
  ...new Set(ids.map((id) => (id === from ? to : id))),
];

/** What other systems call the record. */
const namesElsewhere: Child = {
  kind: 'external-id',
  of: ['person', 'client'],
  list: async (recordId) => (await externalIdsOf(recordId)).map((one) => `${one.system}/${one.value}`),
  async move(read, id, { from, to, now }) {
    const name = await read.get(externalIds, nameOf(id));
    if (name?.recordId !== from) return undefined;
    const { write, events } = assigned(name, { ...nameOf(id), recordId: to, now });
    return { decision: { writes: [write], events } };
  },
  async back(read, { recordId: id, from }, { survivorId, now }) {
    const name = await read.get(externalIds, nameOf(id));
    if (name?.recordId !== survivorId) return ELSEWHERE;
    const { write, events } = assigned(name, { ...nameOf(id), recordId: from, now });
    return { writes: [write], events };
  },
};
const nameOf = (id: string): { system: string; value: string } => {
  const at = id.indexOf('/');
  return { system: id.slice(0, at), value: id.slice(at + 1) };
};

/** Everything that goes with a person or client, in the order it moves. To move one more kind, add it here. */
export const children: readonly Child[] = [
  ...memberLinks,
  leadsOfPerson,
  leadsOfClient,
  dealsOfClient,
  ordersOfClient,
  standing,
  namesElsewhere,
];
export const childrenOf = (kind: MergeKind): Child[] => children.filter(({ of }) => of.includes(kind));
