import { afterAll, beforeAll, expect, test } from 'vitest';
import { ANNA, good, openJourney, SELLER, unique, uniqueEmail, uniquePhone } from '#test/support/journey.ts';
import {
  captured,
  type Deal,
  type Lead,
  type LeadWork,
  newClient,
  newDeal,
  newForm,
  type Problem,
  PUMP,
  storyOf,
} from '#test/support/steps.ts';

let journey: Awaited<ReturnType<typeof openJourney>>;
let form: string;
beforeAll(async () => {
  journey = await openJourney();
  form = await newForm(journey);
});
afterAll(() => journey.stop());

const LINES = [{ productId: PUMP, quantity: '1' }];
const idOf = async (email: string) => good(await journey.as(email)<{ id: string }>('GET /api/me')).body.id;
const enter = (body: object, key?: string) => journey.seller<Lead & Problem>('POST /api/leads', { body, key });
const changeLead = (of: { body: Lead; version: number | undefined }, body: object) =>
  journey.seller<Lead & Problem>(`PUT /api/leads/${of.body.id}`, { ifMatch: of.version, body });
const workList = async (state = 'new') =>
  good(await journey.seller<{ items: LeadWork[] }>(`GET /api/leads?state=${state}&limit=100`)).body.items.map(
    ({ id }) => id,
  );

test('R25, R45: a lead entered by hand is the same human as the one of a form, is scored and has a next action', async () => {
  const email = uniqueEmail();
  const first = await captured(journey, form, { email });
  const key = unique('key');
  const body = {
    name: 'Ада',
    email: email.toUpperCase(),
    phone: '8 916 123-45-67',
    company: 'Ромашка',
    channel: 'phone',
  };
  const made = good(await enter(body, key));
  expect(made).toMatchObject({
    status: 201,
    body: {
      state: 'new',
      sourceId: 'manual',
      channel: 'phone',
      email,
      phone: '+79161234567',
      personId: first.lead.personId,
    },
  });
  expect(made.body.ownerId).toBe(await idOf(SELLER));
  expect((await enter(body, key)).body.id).toBe(made.body.id);
  const work = good(await journey.seller<LeadWork>(`GET /api/leads/${made.body.id}/work`)).body;
  expect(work.next?.kind).toBe('call');
  expect(work.scoreParts.map(({ rule }) => rule)).toEqual(['phone given', 'company given', 'known person']);
  expect(await workList()).toContain(made.body.id);
  await journey.control.settle();
  expect(await journey.mail(email, 'Мы получили')).toHaveLength(1);

  expect(await enter({ message: 'nobody' })).toMatchObject({ status: 400, body: { errors: [{ pointer: '/body' }] } });
  expect(await enter({ name: 'X', phone: '12' })).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '/body/phone' }] },
  });
  expect(await enter({ name: 'X', channel: 'none' })).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '/body/channel' }] },
  });
});

test('R51: whoever changes a lead is told with every field, a change of nothing is none, and null takes a value away', async () => {
  const made = good(await enter({ name: 'Ада', email: uniqueEmail(), message: 'Hello' }));
  const phone = uniquePhone();
  const changed = good(await changeLead(made, { name: 'Ада Лавлейс', message: null, phone, locale: 'en' }));
  expect(changed.body).toMatchObject({ name: 'Ада Лавлейс', phone, locale: 'en' });
  expect(changed.body.message).toBeUndefined();
  const same = good(await changeLead(changed, { name: 'Ада Лавлейс', locale: 'en' }));
  expect(same.version).toBe(changed.version);
  expect(await changeLead(made, { name: 'Other' })).toMatchObject({
    status: 412,
    body: { changes: [{ type: 'lead.changed' }] },
  });
  const person = good(await journey.seller<{ phones: string[] }>(`GET /api/people/${made.body.personId}`)).body;
  expect(person.phones).toEqual([phone]);

  const to = await idOf(ANNA);
  const given = good(await changeLead(changed, { ownerId: to }));
  expect(given.body.ownerId).toBe(to);
  await journey.control.settle();
  const { events } = await storyOf(journey.seller, made.body.id);
  const told = events.filter(({ type }) => /^lead\.(changed|assigned)$/.test(type));
  expect(told.map(({ type, by }) => [type, by.id])).toEqual([
    ['lead.changed', await idOf(SELLER)],
    ['lead.assigned', await idOf(SELLER)],
  ]);
  expect(told[0]?.changes).toEqual(
    expect.arrayContaining([
      { field: 'name', personal: true },
      { field: 'message', personal: true },
      { field: 'locale', from: 'ru', to: 'en' },
    ]),
  );
  expect(told[1]?.data).toEqual({ from: made.body.ownerId, to });
});

test('R45, R66: a lead that is put away leaves the work list and does not move until it is taken back', async () => {
  const made = good(await enter({ name: 'Later', email: uniqueEmail() }));
  const away = good(await changeLead(made, { archived: true }));
  expect(away.body.archivedAt).toBeDefined();
  expect(await workList()).not.toContain(made.body.id);
  const contact = (ifMatch: number | undefined) =>
    journey.seller<Problem>(`POST /api/leads/${made.body.id}/contact`, { ifMatch, body: { how: 'call' } });
  expect(await contact(away.version)).toMatchObject({ status: 409, body: { code: 'wrong_state' } });
  const convert = { ifMatch: away.version, body: { client: { kind: 'person' } } };
  expect(await journey.seller(`POST /api/leads/${made.body.id}/convert`, convert)).toMatchObject({ status: 409 });
  const back = good(await changeLead(away, { archived: false }));
  expect(back.body.archivedAt).toBeUndefined();
  expect(await workList()).toContain(made.body.id);
  expect((await contact(back.version)).status).toBe(200);
});

test('R53: a deal is given to somebody else, put away and taken back; closed ones keep their terms', async () => {
  const clientId = await newClient(journey, journey.seller, form);
  const deal = await newDeal(journey.seller, clientId, { lines: LINES });
  const change = (of: { version: number | undefined }, body: object) =>
    journey.seller<Deal & Problem>(`PUT /api/deals/${deal.body.id}`, { ifMatch: of.version, body });
  const open = async () =>
    good(await journey.seller<{ items: { id: string }[] }>('GET /api/deals?limit=100')).body.items.map(({ id }) => id);
  const away = good(await change(deal, { archived: true }));
  expect(await open()).not.toContain(deal.body.id);
  const win = (of: { version: number | undefined }) =>
    journey.seller<{ id: string } & Problem>(`POST /api/deals/${deal.body.id}/win`, { ifMatch: of.version, body: {} });
  expect(await win(away)).toMatchObject({ status: 409, body: { code: 'wrong_state' } });
  const back = good(await change(away, { archived: false, expectedOn: '2027-01-31' }));
  expect(await open()).toContain(deal.body.id);
  const removed = good(await change(back, { expectedOn: null }));
  expect(removed.body.expectedOn).toBeUndefined();
  const order = good(await win(removed)).body;
  const won = good(await journey.seller<Deal>(`GET /api/deals/${deal.body.id}`));
  expect(await change(won, { lines: [] })).toMatchObject({ status: 409, body: { code: 'wrong_state' } });
  const anna = await idOf(ANNA);
  expect(good(await change(won, { ownerId: anna })).body.ownerId).toBe(anna);
  const put = await journey.seller<{ ownerId: string }>(`PUT /api/orders/${order.id}`, {
    ifMatch: 1,
    body: { ownerId: anna },
  });
  expect(good(put).body.ownerId).toBe(anna);
  await journey.control.settle();
  const { events } = await storyOf(journey.seller, deal.body.id);
  expect(events.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['deal.changed', 'deal.assigned', 'order.changed']),
  );
});

test('R51: a product is changed by who may, its new SKU is its own and the old one is free', async () => {
  const body = {
    sku: unique('SKU'),
    name: 'Pump',
    category: 'pumps',
    unit: 'pcs',
    price: '10',
    cost: '6',
    currency: 'RUB',
    taxPercent: '20',
  };
  type Product = { id: string; sku: string; price: string; active: boolean; cost?: string };
  const made = good(await journey.head<Product>('POST /api/products', { body }));
  const put = (ifMatch: number | undefined, change: object) =>
    journey.head<Product & Problem>(`PUT /api/products/${made.body.id}`, { ifMatch, body: change });
  const sku = unique('NEW');
  const changed = good(await put(made.version, { sku, price: '12.5', cost: null, active: false }));
  expect(changed.body).toMatchObject({ sku, price: '12.5', active: false });
  expect(changed.body.cost).toBeUndefined();
  expect(await put(changed.version, { sku: 'PUMP-10' })).toMatchObject({ status: 409, body: { code: 'taken' } });
  expect(await put(changed.version, { price: '-1' })).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '/body/price' }] },
  });
  const second = good(await journey.head<Product>('POST /api/products', { body }));
  expect(second.body.sku).toBe(body.sku);
  expect(await journey.head('POST /api/products', { body: { ...body, sku: sku.toLowerCase() } })).toMatchObject({
    status: 409,
  });
  expect(
    await journey.seller(`PUT /api/products/${made.body.id}`, { ifMatch: 2, body: { active: true } }),
  ).toMatchObject({ status: 403 });
});
