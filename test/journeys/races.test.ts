import { afterAll, beforeAll, expect, test } from 'vitest';
import { good, HEAD, openJourney, unique, uniqueEmail } from '#test/support/journey.ts';
import {
  approvalOf,
  captured,
  type Deal,
  dealOf,
  type Lead,
  leadsOf,
  linkFor,
  newClient,
  newDeal,
  newForm,
  type Order,
  post,
  press,
  type Problem,
  PUMP,
  requestsOf,
  storyOf,
} from '#test/support/steps.ts';

let journey: Awaited<ReturnType<typeof openJourney>>;
let form: string;
let clientId: string;
beforeAll(async () => {
  journey = await openJourney();
  form = await newForm(journey);
  clientId = await newClient(journey, journey.seller, form);
});
afterAll(() => journey.stop());

const times = <T>(count: number, one: (place: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, place) => one(place)));
const PLAIN = [{ productId: PUMP, quantity: '1' }];
const ordersOf = async (client: string): Promise<Order[]> =>
  good(await journey.seller<{ items: Order[] }>(`GET /api/clients/${client}/orders`)).body.items;

test('R25: twenty identical posts at once, with a key and without, are one request and one lead', async () => {
  for (const key of [undefined, unique('key')]) {
    const own = await newForm(journey);
    const body = { email: uniqueEmail(), message: 'double click' };
    const answers = await times(20, () => post(journey, own, body, key));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(answers.map(({ body: { id } }) => id)).size).toBe(1);
    await journey.control.settle();
    expect(await requestsOf(journey, own)).toHaveLength(1);
    expect(await leadsOf(journey, own)).toHaveLength(1);
    expect(await journey.mail(body.email)).toHaveLength(1);
  }
});

test('R25: twenty different posts of one new person at once are twenty leads of one person', async () => {
  const own = await newForm(journey);
  const email = uniqueEmail();
  const answers = await times(20, (place) => post(journey, own, { email, message: `wish ${place}` }));
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(20);
  await journey.control.settle();
  const works = await leadsOf(journey, own);
  expect(works).toHaveLength(20);
  expect(new Set(works.map(({ personId }) => personId)).size).toBe(1);
});

test('R72: twenty presses of one link at once decide once, and each page says the same', async () => {
  const { body: deal } = await newDeal(journey.seller, clientId);
  await journey.control.settle();
  const link = await linkFor(journey, HEAD, deal);
  const pages = await times(20, (place) => press(link, place % 2 === 0 ? 'approve' : 'refuse', `ответ ${place}`));
  expect(new Set(pages.map(({ status }) => status))).toEqual(new Set([200]));
  const { body, version } = await approvalOf(journey.head, deal.approvalId);
  expect(version).toBe(2);
  const word = body.state === 'approved' ? 'Согласовано' : 'Отклонено';
  for (const { page } of pages) expect(page).toContain(`<p role="status">${word}</p>`);
  await journey.control.settle();
  const { events } = await storyOf(journey.head, deal.id);
  expect(
    events.filter(({ type, recordId }) => type === 'approval.decided' && recordId === deal.approvalId),
  ).toHaveLength(1);
  expect(await journey.mail('seller@sdelka.example', deal.name)).toHaveLength(1);
});

test('R72: a decision and a change of what it is about, at once, never leave other terms approved', async () => {
  for (let turn = 0; turn < 4; turn += 1) {
    const { body: deal } = await newDeal(journey.seller, clientId);
    await journey.control.settle();
    const link = await linkFor(journey, HEAD, deal);
    const lines = [{ productId: PUMP, quantity: '5', discount: '30' }];
    const [, saved] = await Promise.all([
      press(link, 'approve'),
      journey.seller<Deal>(`PUT /api/deals/${deal.id}`, { ifMatch: deal.version, body: { lines } }),
    ]);
    expect(saved.status).toBe(200);
    expect((await approvalOf(journey.head, deal.approvalId)).body.state).toBe('voided');
    const won = await journey.seller(`POST /api/deals/${deal.id}/win`, { ifMatch: saved.version, body: {} });
    expect(won).toMatchObject({ status: 409, body: { code: 'approval_needed' } });
  }
});

test('R19: twenty wins of one deal at once make one order; the others are told so', async () => {
  for (const keyed of [false, true]) {
    const client = await newClient(journey, journey.seller, form);
    const { body: deal } = await newDeal(journey.seller, client, { lines: PLAIN });
    const key = keyed ? unique('win') : undefined;
    const win = () =>
      journey.seller<Order & Problem>(`POST /api/deals/${deal.id}/win`, { ifMatch: deal.version, key, body: {} });
    const answers = await times(20, win);
    const [order, ...more] = await ordersOf(client);
    expect(more).toEqual([]);
    const made = answers.filter(({ status }) => status === 201);
    expect(made).toHaveLength(keyed ? 20 : 1);
    for (const { body } of made) expect(body.id).toBe(order?.id);
    for (const { status } of answers) expect([201, 409, 412]).toContain(status);
    await journey.control.settle();
    expect(await journey.mail(HEAD, deal.name)).toHaveLength(1);
  }
});

test('R25: one lead converted by two sellers at once is one client and one deal', async () => {
  const { lead, version } = await captured(journey, form, { email: uniqueEmail() });
  const asked = { ifMatch: version, body: { client: { kind: 'person' }, deal: { typeId: 'quick', lines: PLAIN } } };
  const call = `POST /api/leads/${lead.id}/convert`;
  const answers = await times(10, (place) => (place % 2 === 0 ? journey.seller : journey.anna)<Lead>(call, asked));
  const made = answers.filter(({ status }) => status === 200);
  expect(made).toHaveLength(1);
  for (const { status } of answers) expect([200, 409, 412]).toContain(status);
  await journey.control.settle();
  const { chain } = await storyOf(journey.seller, lead.id);
  expect(chain.filter(({ entity }) => entity === 'client' || entity === 'deal')).toHaveLength(2);
});

test('R28: of two users who save one deal at once the second is told what the first changed', async () => {
  const { body: deal } = await newDeal(journey.seller, clientId, { lines: PLAIN });
  const save = (by: typeof journey.seller, body: object, version: number) =>
    by<Deal & Problem>(`PUT /api/deals/${deal.id}`, { ifMatch: version, body });
  const answers = await Promise.all([
    save(journey.seller, { nextStep: 'Позвонить' }, deal.version),
    save(journey.anna, { expectedOn: '2051-05-01' }, deal.version),
  ]);
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412]);
  const [first, second] = answers[0].status === 200 ? ['nextStep', 'expectedOn'] : ['expectedOn', 'nextStep'];
  const stale = answers.find(({ status }) => status === 412)?.body;
  expect(stale?.changes).toHaveLength(1);
  expect(stale?.changes?.[0]).toMatchObject({
    type: 'deal.changed',
    by: answers[0].status === 200 ? 'Иван Петров' : 'Anna Meyer',
  });
  expect(stale?.changes?.[0]?.fields.map(({ field }) => field)).toEqual([first]);
  const now = await dealOf(journey.seller, deal.id);
  expect(now.body).toHaveProperty(first);
  expect(now.body).not.toHaveProperty(second);
});
