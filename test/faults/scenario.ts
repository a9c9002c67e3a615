import { simpleParser } from 'mailparser';
import { products } from '#functions/exchange/starter-set.ts';
import { signWebhook } from '#shared/webhook.ts';
import type { Item, World } from '#test/support/world/world.ts';

const ADMIN = 'admin@sdelka.example';
const SELLER = 'seller@sdelka.example';
const HEAD = 'head@sdelka.example';
const BUYER = 'buyer@client.example';

/** What the table and the post must hold in the end: how many of each kind of item, and which letters. */
export type Expected = { counts: Readonly<Record<string, number>>; letters: readonly string[] };
export type Scenario<S = unknown> = {
  name: string;
  /** Brings the world to where the scenario begins; answers what `act` needs. */
  prepare(world: World): Promise<S>;
  act(world: World, given: S): Promise<void>;
  /** How long it takes in all; a minute unless said. */
  minutes?: number;
  /** What it must have added, over what was there before. */
  adds: Expected;
  /** Beyond the counts: throws when the end is not the right one. */
  holds?(items: readonly Item[], given: S): void;
};

const must = <T extends { status: number; body: unknown }>(answer: T, ...wanted: number[]): T => {
  if (wanted.includes(answer.status)) return answer;
  throw new Error(`Answered ${answer.status} instead of ${wanted.join(' or ')}: ${JSON.stringify(answer.body)}`);
};
const only = (items: readonly Item[], type: string): Item => {
  const found = items.filter((item) => item['type'] === type);
  if (found.length !== 1) throw new Error(`There are ${found.length} items ${type} instead of one.`);
  return found[0] ?? {};
};
const isState = (item: Item, field: string, wanted: string): void => {
  if (item[field] !== wanted)
    throw new Error(`${String(item['type'])}.${field} is ${String(item[field])} instead of ${wanted}.`);
};

const FORM = { name: 'Вера', email: BUYER, phone: '8 (495) 123-45-67', company: 'Ромашка', message: 'Насосы' };
const postForm = async (world: World, body: object = FORM): Promise<string> =>
  String(must(await world.ask('POST /public/forms/site', { body }), 202).body['id']);

type AtLead = { leadId: string; version: number };
async function withLead(world: World): Promise<AtLead> {
  const rawId = await postForm(world);
  await world.pass(1);
  return { leadId: rawId.replace('raw_', 'lead_'), version: 1 };
}

const convert = (world: World, { leadId, version }: AtLead, discount: string) =>
  world.ask<{ dealId: string }>(`POST /api/leads/${leadId}/convert`, {
    who: SELLER,
    ifMatch: version,
    key: `convert-${leadId}`,
    body: {
      client: { kind: 'organisation' },
      deal: {
        typeId: 'quick',
        lines: products.slice(0, 2).map(({ id }) => ({ productId: id, quantity: '1.5', discount })),
      },
    },
  });

type AtDeal = { dealId: string; approvalId: string; version: number };
async function withDeal(world: World, discount: string): Promise<AtDeal> {
  const { dealId } = must(await convert(world, await withLead(world), discount), 200).body;
  const deal = must(await world.ask<{ approvalId: string }>(`GET /api/deals/${dealId}`, { who: SELLER }), 200);
  await world.pass(1);
  return { dealId, approvalId: deal.body.approvalId, version: deal.version };
}

/** The path of the deciding link in the newest letter to somebody. */
async function linkFor(world: World, email: string): Promise<string> {
  const letter = world.services.mailed.findLast(({ to }) => to === email);
  const { text = '' } = await simpleParser(letter?.raw ?? '');
  const path = /\/public\/decisions\/[\w-]+/.exec(text)?.[0];
  if (path === undefined) throw new Error(`The letter to ${email} has no link that decides.`);
  return path;
}
const press = (world: World, path: string) => world.ask(`POST ${path}`, { form: 'decision=approve' });

const define = <S>(scenario: Scenario<S>): Scenario => scenario;

export const scenarios: readonly Scenario[] = [
  define({
    name: 'form',
    prepare: async () => {},
    act: async (world) => void (await postForm(world)),
    adds: { counts: { raw: 1, lead: 1, leadWork: 1, person: 1, identity: 2, letter: 1 }, letters: ['welcome'] },
  }),
  define({
    name: 'convert',
    prepare: withLead,
    act: async (world, given: AtLead) => void must(await convert(world, given, '18'), 200),
    adds: {
      counts: { client: 1, member: 1, deal: 1, dealWork: 1, approval: 1, approvalRun: 1, ask: 1, token: 1, letter: 1 },
      letters: ['approval-ask'],
    },
    holds: (items) => {
      isState(only(items, 'lead'), 'state', 'converted');
      isState(only(items, 'approval'), 'state', 'pending');
      isState(only(items, 'dealWork'), 'approval', 'pending');
    },
  }),
  define({
    name: 'decision',
    prepare: async (world) => ({ ...(await withDeal(world, '18')), link: await linkFor(world, HEAD) }),
    act: async (world, { link }) => void must(await press(world, link), 200),
    adds: { counts: { letter: 1 }, letters: ['approval-approved'] },
    holds: (items) => {
      isState(only(items, 'approval'), 'state', 'approved');
      isState(only(items, 'dealWork'), 'approval', 'approved');
    },
  }),
  define({
    name: 'win',
    prepare: async (world) => {
      const deal = await withDeal(world, '18');
      must(await press(world, await linkFor(world, HEAD)), 200);
      await world.pass(1);
      return deal;
    },
    act: async (world, { dealId, version }) => {
      const asked = { who: SELLER, ifMatch: version, key: 'win', body: {} };
      must(await world.ask(`POST /api/deals/${dealId}/win`, asked), 201);
    },
    adds: { counts: { order: 1, letter: 2 }, letters: ['deal-won', 'deal-won'] },
    holds: (items) => isState(only(items, 'deal'), 'stageKind', 'won'),
  }),
  define({
    name: 'replay',
    prepare: async (world) => {
      for (const tel2 of ['8 495 123-45-67', '8 495 123-45-68']) await postForm(world, { tel2 });
      await world.pass(1);
      const form = must(
        await world.ask<{ name: string; body: object }>('GET /api/settings/forms/site', { who: ADMIN }),
        200,
      );
      const body = { name: form.body.name, body: { ...form.body.body, mapping: { phone: ['tel2'] } } };
      must(await world.ask('PUT /api/settings/forms/site', { who: ADMIN, ifMatch: form.version, body }), 200);
      await world.pass(1);
    },
    act: async (world) => {
      const asked = { who: ADMIN, key: 'replay', body: { attention: 'unmapped' } };
      must(await world.ask('POST /api/intake/replay', asked), 202);
    },
    adds: { counts: { job: 1, lead: 2, leadWork: 2, person: 2, identity: 2 }, letters: [] },
    holds: (items) => isState(only(items, 'job'), 'state', 'done'),
  }),
  define({
    name: 'hook',
    prepare: async (world) =>
      must(await world.ask<{ secret: string }>('POST /api/sources/partner/secrets', { who: ADMIN }), 201).body.secret,
    act: async (world, secret) => {
      const body = { lead: { email: BUYER, name: 'Вера' } };
      const signed = signWebhook([secret], { id: 'msg_1', body: JSON.stringify(body), now: world.clock.now() });
      must(await world.ask('POST /public/hooks/partner', { body, headers: { ...signed } }), 202);
    },
    adds: { counts: { raw: 1, lead: 1, leadWork: 1, person: 1, identity: 1, letter: 1 }, letters: ['welcome'] },
  }),
  define({
    name: 'silence',
    prepare: (world) => withDeal(world, '18'),
    act: async () => {},
    minutes: 49 * 60,
    adds: { counts: { approvalRun: 1, ask: 1, token: 1, letter: 2 }, letters: ['approval-ask', 'approval-expired'] },
    holds: (items) => {
      isState(only(items, 'approval'), 'state', 'expired');
      isState(only(items, 'dealWork'), 'approval', 'expired');
    },
  }),
];

/** The starter set, loaded and told of; the people of the tests have signed in. */
export async function furnished(world: World): Promise<void> {
  must(await world.ask('POST /api/starter', { who: ADMIN }), 201);
  for (const who of [SELLER, HEAD]) must(await world.ask('GET /api/me', { who }), 200);
  await world.pass(1);
}

/** Asks a door so often at the same time, as impatient people and repeating machines do; every answer must be a good one. */
async function pressed<T extends { status: number; body: unknown }>(
  times: number,
  status: number,
  ask: () => Promise<T>,
): Promise<T> {
  const answers = await Promise.all(Array.from({ length: times }, ask));
  const [first] = answers.map((answer) => must(answer, status));
  if (!first) throw new Error('Nothing was asked.');
  return first;
}

/** The main path, from the form to the order, with every request made `times` at once. */
export async function mainPath(world: World, times: number): Promise<void> {
  const posted = await pressed(times, 202, () => world.ask('POST /public/forms/site', { body: FORM }));
  await world.pass(1);
  const lead = { leadId: String(posted.body['id']).replace('raw_', 'lead_'), version: 1 };
  const { dealId } = (await pressed(times, 200, () => convert(world, lead, '18'))).body;
  await world.pass(1);
  const link = await linkFor(world, HEAD);
  await pressed(times, 200, () => press(world, link));
  await world.pass(1);
  const asked = { who: SELLER, ifMatch: 1, key: 'win', body: {} };
  await pressed(times, 201, () => world.ask(`POST /api/deals/${dealId}/win`, asked));
  await world.pass(1);
}

/** What the main path leaves, however it was delivered. */
export const MAIN_PATH: Expected = {
  counts: { raw: 1, lead: 1, person: 1, client: 1, deal: 1, approval: 1, approvalRun: 1, order: 1, letter: 5 },
  letters: ['approval-approved', 'approval-ask', 'deal-won', 'deal-won', 'welcome'],
};
