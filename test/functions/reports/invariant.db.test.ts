import { beforeAll, expect, test, vi } from 'vitest';
import { brokenIn, type Item } from '#functions/reports/invariant.ts';
import { PARTS } from '#functions/reports/invariant-event.ts';
import { approvalRuns, approvals } from '#functions/approvals/store.ts';
import { activities, activityWorks } from '#functions/activities/store.ts';
import { keys, teams, users } from '#functions/auth/store.ts';
import { products } from '#functions/catalog/store.ts';
import { consents } from '#functions/clients/consent-store.ts';
import { pairs } from '#functions/clients/pair-store.ts';
import { clients, members, people } from '#functions/clients/store.ts';
import { deals, dealWorks } from '#functions/deals/store.ts';
import { leads, leadWorks } from '#functions/leads/store.ts';
import { letters } from '#functions/mail/store.ts';
import { erasures } from '#functions/exchange/erasure.ts';
import { merges } from '#functions/exchange/merge.ts';
import { webhooks } from '#functions/exchange/webhook-store.ts';
import { raws, visits } from '#functions/marketing/store.ts';
import { channelWatches } from '#functions/reports/channel-store.ts';
import { segmentMembers, segments } from '#functions/reports/segment-store.ts';
import { views } from '#functions/reports/view-store.ts';
import { externalIds } from '#shared/external-id.ts';
import { orders } from '#functions/orders/store.ts';
import { settings } from '#functions/settings/store.ts';
import { jobs } from '#shared/jobs.ts';
import { furnished, mainPath } from '#test/faults/scenario.ts';
import { World } from '#test/support/world/world.ts';

vi.mock('#shared/aws/defaults.ts', async () => import('#test/support/world/transport.ts'));

let items: Item[];
let now: string;
beforeAll(async () => {
  const world = await World.open();
  await furnished(world);
  await mainPath(world, 1);
  items = await world.items();
  now = new Date(world.clock.now() + 86_400_000).toISOString();
});

const rulesOf = async (all: readonly Item[]): Promise<string[]> =>
  (await brokenIn(all, { now, minutes: 15 })).map(({ rule }) => rule);
/** The table with the first item of a kind changed, or taken away. */
function but(type: string, change: ((item: Item) => object) | undefined, nth = 0): Item[] {
  const place = items.map((item, at) => (item['type'] === type ? at : -1)).filter((at) => at >= 0)[nth];
  if (place === undefined) throw new Error(`There is no item ${type}.`);
  return items.flatMap((item, at) => (at === place ? (change ? [{ ...item, ...change(item) }] : []) : [item]));
}
/** The first item of a kind once more, under another id. */
const again = (type: string, id: string): Item => ({ ...items.find((item) => item['type'] === type), id });
const without = (type: string): Item[] => but(type, undefined);

test('the main path leaves nothing broken', async () => {
  expect(await brokenIn(items, { now, minutes: 0 })).toEqual([]);
  expect(items.length).toBeGreaterThan(200);
});

test.each<[string, string, () => Item[]]>([
  ['a request whose lead is gone', 'I1 intake', () => without('lead')],
  ['a request of which nothing came', 'I1 intake', () => but('raw', () => ({ state: 'received' }))],
  ['two leads of one request', 'I1 intake', () => [...items, again('lead', 'lead_2')]],
  ['an approval that went back to pending', 'I6 approval', () => but('approval', () => ({ state: 'pending' }))],
  ['a won deal whose approval was for other terms', 'I6 approval', () => but('approval', () => ({ hash: 'other' }))],
  ['a deal whose stage no event tells of', 'I10 chain', () => but('deal', () => ({ stage: 'agreed' }))],
  [
    'an amount that is not the sum of the lines',
    'I13 money',
    () => but('order', () => ({ amount: { amount: '1.00', currency: 'RUB' } })),
  ],
  [
    'an amount in another currency',
    'I13 money',
    () => but('order', () => ({ amount: { amount: '1.00', currency: 'EUR' } })),
  ],
  ['a won deal without its order', 'order', () => without('order')],
  ['two orders of one deal', 'order', () => [...items, again('order', 'order_2')]],
  ['a letter that waits for a day', 'I9 letter', () => but('letter', () => ({ state: 'queued' }))],
  ['a letter under a wrong id', 'I9 letter', () => but('letter', () => ({ purpose: 'other' }))],
  ['an item that an index shows elsewhere', 'I14 index', () => but('dealWork', () => ({ gsi1pk: 'WORK#DEAL#nobody' }))],
  ['an address whose owner does not list it', 'identity', () => but('person', () => ({ emails: [], phones: [] }))],
  [
    'a record that changed and nothing tells of it',
    'events',
    () => but('deal', ({ version }) => ({ version: Number(version) + 1 })),
  ],
  ['an event that was taken away', 'events', () => without('event')],
  ['an event without a marker', 'feed', () => without('marker')],
  ['a place in the feed that is missing', 'feed', () => without('feed')],
  ['a head of a lane that is behind', 'feed', () => but('feedHead', ({ seq }) => ({ seq: Number(seq) - 1 }))],
])('%s is found', async (_, rule, broken) => {
  expect(await rulesOf(broken())).toContain(rule);
});

test('what has just happened may be on its way still', async () => {
  const event = items.find(({ type }) => type === 'event');
  const unfed = but(
    'marker',
    undefined,
    items.filter(({ type }) => type === 'marker').findIndex(({ eventId }) => eventId === event?.['id']),
  );
  const at = String(event?.['at']);
  const lost = async (minutes: number) =>
    (await brokenIn(unfed, { now: at, minutes })).filter(({ why }) => why.includes('no place'));
  expect(await lost(15)).toHaveLength(0);
  expect(await lost(0)).toHaveLength(1);
});

test('the kinds of records that events must tell of are those the stores know', () => {
  const records = [settings, users, teams, keys, people, clients, members, pairs, consents, products, raws, visits];
  const work = [
    leads,
    leadWorks,
    deals,
    dealWorks,
    activities,
    activityWorks,
    approvals,
    approvalRuns,
    orders,
    letters,
  ];
  const around = [jobs, merges, erasures, externalIds, webhooks, views, segments, segmentMembers, channelWatches];
  const all = [records, work, around].flat();
  expect(Object.fromEntries(all.map(({ name, part }) => [name, part]))).toEqual(PARTS);
});
