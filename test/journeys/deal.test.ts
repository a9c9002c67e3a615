import { afterAll, beforeAll, expect, test } from 'vitest';
import { ANNA, good, HEAD, openJourney, SELLER, unique, uniqueEmail } from '#test/support/journey.ts';
import {
  approvalOf,
  captured,
  type Deal,
  dealOf,
  type Lead,
  lettersOf,
  linkFor,
  newClient,
  newDeal,
  newForm,
  type Order,
  press,
  type Problem,
  PUMP,
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

const PLAIN = [{ productId: PUMP, quantity: '1' }];
const lead = (body: Record<string, unknown> = {}) =>
  captured(journey, form, { email: uniqueEmail(), name: 'Ада', ...body });
const convert = (of: { lead: Lead; version: number }, body: object) =>
  journey.seller<Lead & Problem>(`POST /api/leads/${of.lead.id}/convert`, { ifMatch: of.version, body });
const win = (deal: Deal, body: object = {}, by = journey.seller) =>
  by<Order & Problem>(`POST /api/deals/${deal.id}/win`, { ifMatch: deal.version, body });
const stage = (deal: Deal, to: string, more: object = {}) =>
  journey.seller<Deal & Problem>(`POST /api/deals/${deal.id}/stage`, {
    ifMatch: deal.version,
    body: { stage: to, ...more },
  });

test('R24, R47: a lead becomes an organisation, a person or a household, and nobody is asked for company fields', async () => {
  const organisation = await lead({ company: 'ООО «Ромашка»' });
  const person = await lead();
  const household = await lead();
  const ids = [];
  for (const [of, kind, name] of [
    [organisation, 'organisation', 'ООО «Ромашка»'],
    [person, 'person', 'Ада'],
    [household, 'household', 'Семья Ады'],
  ] as const) {
    const client = kind === 'household' ? { kind, name } : { kind };
    const { body } = good(await convert(of, { client }));
    expect(body).toMatchObject({ state: 'converted', id: of.lead.id });
    expect(body.dealId).toBeUndefined();
    const made = good(await journey.seller(`GET /api/clients/${body.clientId}`)).body;
    expect(made).toMatchObject({ kind, name, standing: 'prospect' });
    expect(made['taxId']).toBeUndefined();
    const people = good(await journey.seller<{ items: { id: string }[] }>(`GET /api/clients/${body.clientId}/people`))
      .body.items;
    expect(people.map(({ id }) => id)).toEqual([of.lead.personId]);
    ids.push(body.clientId);
  }
  expect(new Set(ids).size).toBe(3);
});

test('R10, R47: a second person joins a client there is, once, and stands for both clients he belongs to', async () => {
  const first = await lead();
  const joined = good(await convert(first, { client: { id: clientId }, deal: { typeId: 'quick', lines: PLAIN } })).body;
  expect(joined.clientId).toBe(clientId);
  const email = first.lead.email ?? '';
  const again = await lead({ email, message: 'ещё раз' });
  good(await convert(again, { client: { id: clientId } }));
  const people = good(await journey.seller<{ items: { id: string }[] }>(`GET /api/clients/${clientId}/people`)).body
    .items;
  expect(people.filter(({ id }) => id === first.lead.personId)).toHaveLength(1);
  const third = await lead({ email, message: 'для себя' });
  const own = good(await convert(third, { client: { kind: 'person' } })).body.clientId;
  const of = good(
    await journey.seller<{ items: { clientId: string }[] }>(`GET /api/people/${first.lead.personId}/clients`),
  ).body.items;
  expect(of).toHaveLength(2);
  expect(new Set(of.map((one) => one.clientId))).toEqual(new Set([clientId, own]));
});

test('R1: from the request, lead, person, client, deal and order of a client there was, the story is one', async () => {
  const one = await lead();
  const { body } = good(await convert(one, { client: { id: clientId }, deal: { typeId: 'quick', lines: PLAIN } }));
  const deal = (await dealOf(journey.seller, body.dealId ?? '')).body;
  const order = good(await win(deal)).body;
  await journey.control.settle();
  const ids = [one.lead.rawId, one.lead.id, one.lead.personId, clientId, deal.id, order.id].map((id) => id ?? '');
  const stories = await Promise.all(ids.map((id) => storyOf(journey.seller, id)));
  for (const { chain, events } of stories) {
    expect(chain).toEqual(stories[0]?.chain);
    expect(events).toEqual(stories[0]?.events);
    expect(chain.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
  }
});

test('R19, R53: a converted lead is closed, and its deal begins at the first stage of its type with the lines', async () => {
  const one = await lead();
  const deal = {
    typeId: 'complex',
    name: 'Цех',
    lines: [{ productId: PUMP, quantity: '2.5', discount: '3.5' }],
    expectedOn: '2051-12-31',
  };
  const { body, version } = good(await convert(one, { client: { kind: 'person' }, deal }));
  const made = (await dealOf(journey.seller, body.dealId ?? '')).body;
  expect(made).toMatchObject({
    name: 'Цех',
    leadId: one.lead.id,
    clientId: body.clientId,
    stage: 'contact',
    stageKind: 'open',
    category: 'complex',
    probability: 10,
    expectedOn: '2051-12-31',
    amount: { amount: '117006.25', currency: 'RUB' },
    listAmount: { amount: '121250.00', currency: 'RUB' },
    discountPercent: '3.5',
  });
  const again = await convert({ lead: one.lead, version: version ?? 0 }, { client: { kind: 'person' } });
  expect(again).toMatchObject({
    status: 409,
    body: { code: 'wrong_state', detail: expect.stringContaining(body.clientId ?? '?') },
  });
  const late = await convert(one, { client: { kind: 'person' } });
  expect(late).toMatchObject({ status: 412, body: { code: 'stale' } });
});

test('R56: a move its type does not know is refused with what is allowed, a stage with what it needs, all at once', async () => {
  const { body: deal } = await newDeal(journey.seller, clientId, { typeId: 'complex', lines: [] });
  expect(await stage(deal, 'offer')).toMatchObject({
    status: 409,
    body: { code: 'move_not_allowed', detail: expect.stringContaining('needs, lost') },
  });
  expect(await stage(deal, 'nowhere')).toMatchObject({ status: 409, body: { code: 'stage_unknown' } });
  const early = await stage(deal, 'needs');
  expect(early).toMatchObject({
    status: 409,
    body: { code: 'fields_missing', errors: [{ pointer: '/nextStep', code: 'required' }] },
  });
  const planned = good(
    await journey.seller<Deal>(`PUT /api/deals/${deal.id}`, { ifMatch: deal.version, body: { nextStep: 'Встреча' } }),
  );
  const moved = good(await stage(planned.body, 'needs')).body;
  expect(moved).toMatchObject({ stage: 'needs', probability: 25 });
  const several = await stage(moved, 'offer');
  expect(several.body.errors.map(({ pointer }) => pointer)).toEqual(['/lines', '/expectedOn']);
  const { events } = await storyOf(journey.seller, deal.id);
  expect(
    events.filter(({ recordId, type }) => recordId === deal.id && type === 'deal.moved').map(({ data }) => data),
  ).toEqual([{ from: 'contact', to: 'needs', kind: 'open', daysInStage: 0 }]);
});

test('R56: a lost deal says why and moves no further; a won stage is reached by winning only', async () => {
  const { body: deal } = await newDeal(journey.seller, clientId, { lines: PLAIN });
  expect(await stage(deal, 'lost')).toMatchObject({
    status: 409,
    body: { code: 'fields_missing', errors: [{ pointer: '/lostReason' }] },
  });
  expect(await stage(deal, 'won')).toMatchObject({
    status: 409,
    body: { code: 'move_not_allowed', detail: expect.stringContaining('/win') },
  });
  const lost = good(await stage(deal, 'lost', { lostReason: 'Дорого' })).body;
  expect(lost).toMatchObject({ stageKind: 'lost', lostReason: 'Дорого', probability: 0 });
  expect(lost.closedAt).toBeDefined();
  expect(await stage(lost, 'new')).toMatchObject({ status: 409, body: { code: 'wrong_state' } });
  expect(await win(lost)).toMatchObject({ status: 409, body: { code: 'wrong_state' } });
});

test('R22, R71: cost and margin are shown to the head and to no seller, in the deal, order, story, 412, approval or letter', async () => {
  const { body: deal } = await newDeal(journey.seller, clientId);
  await journey.control.settle();
  const link = await linkFor(journey, HEAD, deal);
  const forHead = (await dealOf(journey.head, deal.id)).body;
  expect(forHead).toMatchObject({
    cost: { amount: '31000.00' },
    margin: { amount: '8770.00' },
    lines: [{ cost: '31000' }],
  });
  expect(Number(forHead.marginPercent)).toBeCloseTo(22.0518, 4);
  expect(JSON.stringify((await approvalOf(journey.head, deal.approvalId)).body)).toContain('Маржа');

  const changed = good(
    await journey.head<Deal>(`PUT /api/deals/${deal.id}`, {
      ifMatch: deal.version,
      body: { lines: [{ productId: PUMP, quantity: '3' }] },
    }),
  ).body;
  const stale = await journey.seller<Problem>(`PUT /api/deals/${deal.id}`, {
    ifMatch: deal.version,
    body: { nextStep: 'x' },
  });
  expect(stale.status).toBe(412);
  const order = good(await win(changed)).body;
  await journey.control.settle();
  expect((await journey.head(`GET /api/orders/${order.id}`)).body).toMatchObject({ cost: { amount: '93000.00' } });

  const seen = [
    deal,
    stale.body,
    order,
    (await dealOf(journey.seller, deal.id)).body,
    (await approvalOf(journey.seller, deal.approvalId)).body,
    await journey.seller(`GET /api/orders/${order.id}`),
    await journey.seller(`GET /api/clients/${clientId}/orders`),
    await journey.seller(`GET /api/deals`),
    await journey.seller(`GET /api/products/${PUMP}`),
    await journey.seller(`GET /api/records/${deal.id}/approvals`),
    await storyOf(journey.seller, deal.id),
    await lettersOf(journey.seller, deal.id),
    await journey.mail(SELLER, deal.name),
    await journey.mail(HEAD, deal.name),
    // A moment may look like an amount: 22.05 of a second.
  ].map((one) => JSON.stringify(one).replaceAll(/:\d\d\.\d{3}Z/g, ''));
  for (const text of seen) {
    // What it costs: 31 000 for one, 93 000 for three; what is earned: 8 770 and 52 500.
    expect(text).not.toMatch(
      /31[\s.,]?000|93[\s.,]?000|8[\s.,]?770\.|52[\s.,]?500|3100000|9300000|22[.,]05|Маржа|"margin\w*":|"cost":/,
    );
  }
  expect(await (await fetch(link)).text()).toContain('Маржа');
});

test('R19, R72: a deal is refused before its approval and won after it; the draft order has its lines and totals', async () => {
  const lines = [
    { productId: PUMP, quantity: '3', discount: '12.5' },
    { name: 'Доставка', quantity: '1', price: '999.99', discount: '0' },
  ];
  const { body: deal } = await newDeal(journey.seller, clientId, { lines });
  const early = await win(deal);
  expect(early).toMatchObject({ status: 409, body: { code: 'approval_needed' } });
  await journey.control.settle();
  await press(await linkFor(journey, HEAD, deal), 'approve');
  await journey.control.settle();

  const order = good(await win(deal));
  expect(order.status).toBe(201);
  expect(order.body).toMatchObject({
    state: 'draft',
    dealId: deal.id,
    clientId,
    lines: deal.lines,
    amount: deal.amount,
    listAmount: deal.listAmount,
    discountPercent: deal.discountPercent,
  });
  const total = order.body.lines.reduce((all, line) => all + Math.round(Number(line.total.amount) * 100), 0);
  expect(total).toBe(Math.round(Number(deal.amount.amount) * 100));
  const won = (await dealOf(journey.seller, deal.id)).body;
  expect(won).toMatchObject({ stage: 'won', stageKind: 'won', probability: 100, orderId: order.body.id });
  expect(await win(won)).toMatchObject({ status: 409, body: { detail: expect.stringContaining(order.body.id) } });
  expect(
    (await journey.seller<{ items: Order[] }>(`GET /api/clients/${clientId}/orders`)).body.items.filter(
      ({ dealId }) => dealId === deal.id,
    ),
  ).toHaveLength(1);

  await journey.control.settle();
  for (const to of [SELLER, HEAD]) {
    const told = (await journey.mail(to, deal.name)).filter(({ subject }) => subject.startsWith('Сделка выиграна'));
    expect(told).toHaveLength(1);
    expect(told[0]?.text).toContain(order.body.id);
    expect(told[0]?.text).toContain('Иван Петров');
  }
});

test('R19: letters about a won deal are in the language of their reader', async () => {
  const { body: deal } = await newDeal(journey.anna, clientId, { lines: PLAIN });
  good(await win(deal, {}, journey.anna));
  await journey.control.settle();
  expect((await journey.mail(ANNA, deal.name)).map(({ subject }) => subject)).toEqual([`Deal won: ${deal.name}`]);
  expect((await journey.mail(HEAD, deal.name)).map(({ subject }) => subject)).toEqual([
    `Сделка выиграна: ${deal.name}`,
  ]);
});

test('R19: a deal without lines is not won', async () => {
  const { body: deal } = await newDeal(journey.seller, clientId, { lines: [] });
  expect(await win(deal)).toMatchObject({ status: 409, body: { code: 'fields_missing' } });
});

test('R48: lines that cannot be are refused with the place of each', async () => {
  const open = (lines: object[]) =>
    journey.seller<Problem>('POST /api/deals', { body: { typeId: 'quick', name: unique('Сделка'), clientId, lines } });
  const nameless = await open([{ productId: PUMP, quantity: '1' }, { quantity: '1' }]);
  expect(nameless).toMatchObject({ status: 400, body: { errors: [{ pointer: '/body/lines/1' }] } });
  expect(await open([{ productId: PUMP, quantity: '0' }])).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '/body/lines/0' }] },
  });
  expect(await open([{ productId: PUMP, quantity: '1', discount: '100.5' }])).toMatchObject({ status: 400 });
  expect(await open([{ productId: PUMP, quantity: 1 }])).toMatchObject({ status: 400 });
  expect(await open([{ productId: 'product_000000000000000000000N0NE0', quantity: '1' }])).toMatchObject({
    status: 404,
  });
  expect(await open([{ productId: PUMP, quantity: '1', margin: '5' }])).toMatchObject({
    status: 400,
    body: { errors: [{ code: 'unknown_field' }] },
  });
});

test('R53: open deals stand in the work list of their owner by expected date, closed ones elsewhere', async () => {
  const own = await journey.anna<{ items: Deal[] }>('GET /api/deals');
  const [late, soon] = [
    await newDeal(journey.anna, clientId, { lines: PLAIN, expectedOn: '2050-02-01' }),
    await newDeal(journey.anna, clientId, { lines: PLAIN, expectedOn: '2040-02-01' }),
  ];
  const ids = async (query = '') =>
    (await journey.anna<{ items: Deal[] }>(`GET /api/deals${query}`)).body.items.map(({ id }) => id);
  expect(await ids()).toEqual([soon.body.id, late.body.id, ...own.body.items.map(({ id }) => id)]);
  good(await win(soon.body, {}, journey.anna));
  expect(await ids()).not.toContain(soon.body.id);
  expect(await ids('?state=won')).toContain(soon.body.id);
});

test('R56: a stage is retired, not removed: no deal enters it any more', async () => {
  const step = (id: string, kind: string, next: string[], retired?: boolean) => ({
    id,
    name: { en: id },
    kind,
    probability: 10,
    requires: [],
    next,
    ...(retired && { retired }),
  });
  const closing = [step('won', 'won', []), step('lost', 'lost', [])];
  const body = (...stages: unknown[]) => ({
    name: 'Retiring',
    body: { category: 'quick', stages: [...stages, ...closing] },
  });
  const first = step('new', 'open', ['old', 'won']);
  const call = 'PUT /api/settings/deal-types/retiring';
  expect((await journey.admin(call, { body: body(first, step('old', 'open', ['won'])) })).status).toBe(201);
  const removed = body(step('new', 'open', ['won']));
  expect(await journey.admin(call, { ifMatch: 1, body: removed })).toMatchObject({
    status: 422,
    body: { code: 'rule_invalid' },
  });
  const retired = body(first, step('old', 'open', ['won'], true));
  expect((await journey.admin(call, { ifMatch: 1, body: retired })).status).toBe(200);
});

test('R1: a story shows each role only what it may read: no terms of deals to purchasing', async () => {
  const one = await lead();
  good(await convert(one, { client: { kind: 'person' }, deal: { typeId: 'quick' } }));
  const story = good(
    await journey.seller<{ storyId: string; chain: { entity: string }[] }>(`GET /api/stories/${one.lead.id}`),
  );
  expect(story.body.chain.map(({ entity }) => entity)).toContain('deal');
  const email = `buyer-${Date.now()}@sdelka.example`;
  const added = { name: 'Buyer', email, roles: ['purchasing'], locale: 'en', zone: 'UTC' };
  good(await journey.admin('POST /api/users', { body: added }));
  const purchasing = journey.as(email);
  const seen = good(await purchasing<{ chain: { entity: string }[] }>(`GET /api/stories/${story.body.storyId}`)).body
    .chain;
  expect(new Set(seen.map(({ entity }) => entity))).toEqual(new Set(['person', 'client', 'member']));
});
