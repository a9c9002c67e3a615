import { expect } from 'vitest';
import { HEAD, type Journey, SELLER, unique, uniqueEmail } from './journey.ts';
import { accepted, insist } from './patience.ts';
import {
  dealOf,
  type Lead,
  leadOf,
  leadsOf,
  linkFor,
  newForm,
  type Order,
  press,
  requestsOf,
  storyOf,
} from './steps.ts';
import { PUMP } from './steps.ts';

/** What one walk of the main path has come to know; plain data, so that it outlives the installation's process. */
export type Walk = {
  form: string;
  email: string;
  name: string;
  rawId?: string;
  leadId?: string;
  clientId?: string;
  dealId?: string;
  link?: string;
  orderId?: string;
};
export type StepOf<W> = { name: string; take(journey: Journey, walk: W): Promise<void> };
export type Step = StepOf<Walk>;

export async function newWalk(journey: Journey): Promise<Walk> {
  const form = await insist(() => newForm(journey));
  return { form, email: uniqueEmail(), name: unique('Сделка') };
}

/**
 * The main path, step by step. Each step is what one person does, and may be taken again when its answer was lost: then it
 * has the same key. Between two of them everything may happen.
 */
export const mainPath: readonly Step[] = [
  {
    name: 'a visitor posts the form',
    async take(journey, walk) {
      const body = { name: 'Ада', email: walk.email, message: 'Два насоса' };
      const call = `POST /public/forms/${walk.form}`;
      walk.rawId = (await accepted(() => journey.visitor<{ id: string }>(call, { body, key: walk.form }))).body.id;
    },
  },
  {
    name: 'the seller finds the lead and makes a client and a deal of it',
    async take(journey, walk) {
      const { lead, version } = await insist(() => leadOf(journey, walk.rawId ?? ''));
      walk.leadId = lead.id;
      const deal = { typeId: 'quick', name: walk.name, lines: [{ productId: PUMP, quantity: '1', discount: '18' }] };
      const asked = { ifMatch: version, key: `convert-${lead.id}`, body: { client: { kind: 'person' }, deal } };
      const { body } = await accepted(() => journey.seller<Lead>(`POST /api/leads/${lead.id}/convert`, asked));
      Object.assign(walk, { clientId: body.clientId, dealId: body.dealId });
    },
  },
  {
    name: 'the head finds the letter and opens its link',
    async take(journey, walk) {
      walk.link = await linkFor(journey, HEAD, { name: walk.name });
      expect((await accepted(() => fetch(walk.link ?? ''))).status).toBe(200);
    },
  },
  {
    name: 'the head presses the button',
    async take(_journey, walk) {
      expect((await accepted(() => press(walk.link ?? '', 'approve'))).page).toContain('Согласовано');
    },
  },
  {
    name: 'the seller wins the deal',
    async take(journey, walk) {
      const { version } = await insist(() => dealOf(journey.seller, walk.dealId ?? ''));
      const asked = { ifMatch: version, key: `win-${walk.dealId}`, body: {} };
      walk.orderId = (await accepted(() => journey.seller<Order>(`POST /api/deals/${walk.dealId}/win`, asked))).body.id;
    },
  },
];

/** Nothing lost and nothing doubled: every count of what one walk leaves behind. */
export async function expectOneOfEach(journey: Journey, walk: Walk): Promise<void> {
  expect((await insist(() => requestsOf(journey, walk.form))).map(({ state }) => state)).toEqual(['done']);
  expect((await insist(() => leadsOf(journey, walk.form))).map(({ id, state }) => ({ id, state }))).toEqual([
    { id: walk.leadId, state: 'converted' },
  ]);
  const orders = await accepted(() => journey.seller<{ items: Order[] }>(`GET /api/clients/${walk.clientId}/orders`));
  expect(orders.body.items.map(({ id, dealId }) => ({ id, dealId }))).toEqual([
    { id: walk.orderId, dealId: walk.dealId },
  ]);
  const subjects = async (to: string, part = '') =>
    (await journey.mail(to, part)).map(({ subject }) => subject).toSorted();
  expect(await subjects(walk.email)).toEqual(['Мы получили ваш запрос']);
  expect(await subjects(HEAD, walk.name)).toEqual([`Сделка выиграна: ${walk.name}`, `Согласование: ${walk.name}`]);
  expect(await subjects(SELLER, walk.name)).toEqual([`Сделка выиграна: ${walk.name}`, `Согласовано: ${walk.name}`]);
  const { chain, events } = await insist(() => storyOf(journey.seller, walk.orderId ?? ''));
  expect(chain.map(({ id }) => id)).toEqual(
    expect.arrayContaining([walk.rawId, walk.leadId, walk.clientId, walk.dealId, walk.orderId]),
  );
  const types = events.map(({ type }) => type);
  for (const type of [
    'intake.received',
    'lead.captured',
    'lead.converted',
    'deal.opened',
    'approval.asked',
    'approval.decided',
    'deal.won',
    'order.drafted',
  ])
    expect(
      types.filter((one) => one === type),
      type,
    ).toEqual([type]);
}

/** Lets everything come to rest, also what a lost process or bad weather has left to the sweeps. */
export async function rest({ control }: Journey): Promise<void> {
  await control.settle(60_000);
  await control.advance('21m', 120_000);
}

/** Takes a step when all is quiet; what it misses then is still with the sweeps, and must be there after them. */
export async function takeInTime<W>(step: StepOf<W>, journey: Journey, walk: W): Promise<void> {
  await journey.control.settle(60_000);
  try {
    await step.take(journey, walk);
  } catch {
    await rest(journey);
    await step.take(journey, walk);
  }
}
