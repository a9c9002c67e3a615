import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADMIN, good, openJourney, type Person, unique, uniqueEmail } from '#test/support/journey.ts';
import {
  approvalOf,
  captured,
  type Deal,
  dealOf,
  type LeadWork,
  leadOf,
  newClient,
  newDeal,
  newForm,
  post,
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

test('R65: a setting is changed only by who says which version he read; another version is told what changed', async () => {
  const id = unique('site');
  const place = `/api/settings/channels/${id}`;
  const put = (name: string, ifMatch?: number, by: Person = journey.admin) =>
    by<Problem & { version: number; name: string }>(`PUT ${place}`, {
      ifMatch,
      body: { name, body: { kind: 'form', on: true } },
    });
  const made = await put('one');
  expect(made).toMatchObject({ status: 201, body: { version: 1, name: 'one' }, version: 1 });
  expect(await put('two')).toMatchObject({ status: 428, body: { code: 'if_match_missing' } });
  expect(await put('two', 1)).toMatchObject({ status: 200, body: { version: 2, name: 'two' } });
  const stale = await put('three', 1);
  expect(stale).toMatchObject({ status: 412, body: { code: 'stale', current: 2 } });
  expect(stale.body.changes).toHaveLength(1);
  expect(stale.body.changes?.[0]).toMatchObject({ type: 'setting.changed', by: ADMIN });
  expect(stale.body.changes?.[0]?.fields).toContainEqual({ field: 'name', from: 'one', to: 'two' });
  expect(await put('three', 9)).toMatchObject({ status: 412 });
  expect((await journey.seller<{ name: string }>(`GET ${place}`)).body.name).toBe('two');
  expect(await put('three', 2, journey.seller)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  expect(await put('three', 2, journey.head)).toMatchObject({ status: 403 });
});

test('R65: a template, rule or deal type that would not work is refused when it is saved, with its place', async () => {
  const put = (place: string, body: object) =>
    journey.admin<Problem>(`PUT /api/settings/${place}`, { body: { name: 'wrong', body } });
  const pointers = async (place: string, body: object) => {
    const { status, body: problem } = await put(place, body);
    return { status, pointers: problem.errors.map(({ pointer }) => pointer) };
  };
  expect(await pointers(`templates/${unique('t')}`, { ru: { subject: 'x', html: '<p>{{ lead.name </p>' } })).toEqual({
    status: 422,
    pointers: ['/body/body/ru/html'],
  });
  expect(
    await pointers(`policies/${unique('p')}`, { subject: 'deal', when: 'deal.colour == 1', deadlineHours: 1 }),
  ).toEqual({ status: 422, pointers: ['/body/body/when'] });
  const stage = (id: string, kind: string, next: string[]) => ({
    id,
    name: { en: id },
    kind,
    probability: 0,
    requires: [],
    next,
  });
  const stages = [stage('new', 'open', ['gone']), stage('won', 'won', [])];
  expect(await pointers(`deal-types/${unique('d')}`, { category: 'quick', stages })).toEqual({
    status: 422,
    pointers: ['/body/body/stages', '/body/body/stages/0/next'],
  });
});

test('every change of a record there is needs If-Match, and a version that is past is refused', async () => {
  const { lead } = await captured(journey, form, { email: uniqueEmail() });
  const { body: deal } = await newDeal(journey.seller, clientId, { lines: PLAIN });
  for (const [call, body] of [
    [`POST /api/leads/${lead.id}/contact`, { how: 'call' }],
    [`POST /api/leads/${lead.id}/qualify`, { answers: { need: 'x' } }],
    [`POST /api/leads/${lead.id}/reject`, { reason: 'double' }],
    [`POST /api/leads/${lead.id}/convert`, { client: { kind: 'person' } }],
    [`PUT /api/deals/${deal.id}`, { nextStep: 'x' }],
    [`POST /api/deals/${deal.id}/stage`, { stage: 'agreed' }],
    [`POST /api/deals/${deal.id}/win`, {}],
  ] as const) {
    expect((await journey.seller(call, { body })).status, call).toBe(428);
    expect((await journey.seller(call, { body, ifMatch: 77 })).status, call).toBe(412);
  }
  expect((await dealOf(journey.seller, deal.id)).version).toBe(1);
});

test('a command sent again under its key answers the same and happens once; under another body it is refused', async () => {
  const key = () => unique('key');
  const { lead, version } = await captured(journey, form, { email: uniqueEmail() });
  const { body: deal } = await newDeal(journey.seller, clientId, { lines: PLAIN });
  const { body: asked } = await newDeal(journey.seller, clientId);
  const email = uniqueEmail();
  const user = { name: 'Ада', email, roles: ['seller'], locale: 'ru', zone: 'Europe/Moscow' };
  const product = {
    sku: unique('SKU').toUpperCase(),
    name: 'x',
    category: 'x',
    unit: 'шт',
    price: '1',
    currency: 'RUB',
    taxPercent: '20',
  };
  const cases: readonly (readonly [Person, string, number | undefined, object, object])[] = [
    [
      journey.seller,
      'POST /api/deals',
      undefined,
      { typeId: 'quick', name: unique('a'), clientId },
      { typeId: 'quick', name: unique('b'), clientId },
    ],
    [journey.seller, `POST /api/deals/${deal.id}/copy`, undefined, {}, { name: 'other' }],
    [journey.seller, `POST /api/deals/${deal.id}/stage`, 1, { stage: 'agreed' }, { stage: 'lost', lostReason: 'x' }],
    [journey.seller, `POST /api/deals/${deal.id}/win`, 2, {}, { stage: 'won' }],
    [journey.seller, `POST /api/leads/${lead.id}/contact`, version, { how: 'call' }, { how: 'letter' }],
    [
      journey.seller,
      `POST /api/leads/${lead.id}/qualify`,
      version + 1,
      { answers: { need: 'x' } },
      { answers: { need: 'y' } },
    ],
    [
      journey.seller,
      `POST /api/leads/${lead.id}/convert`,
      version + 2,
      { client: { kind: 'person' } },
      { client: { kind: 'household' } },
    ],
    [
      journey.head,
      `POST /api/approvals/${asked.approvalId}/decision`,
      undefined,
      { decision: 'approve' },
      { decision: 'refuse', comment: 'x' },
    ],
    [
      journey.head,
      'POST /api/intake/replay',
      undefined,
      { attention: 'unmapped', source: form },
      { attention: 'quarantined' },
    ],
    [journey.head, 'POST /api/products', undefined, product, { ...product, name: 'y' }],
    [journey.admin, 'POST /api/users', undefined, user, { ...user, name: 'Ева' }],
    [
      journey.admin,
      'POST /api/teams',
      undefined,
      { name: unique('Team'), memberIds: [] },
      { name: unique('Team'), memberIds: [] },
    ],
  ];
  for (const [by, call, ifMatch, body, other] of cases) {
    const own = key();
    const first = await by<{ id?: string }>(call, { ifMatch, body, key: own });
    expect([200, 201, 202], `${call} ${JSON.stringify(first.body)}`).toContain(first.status);
    const again = await by<{ id?: string }>(call, { ifMatch, body, key: own });
    expect({ status: again.status, id: again.body.id }, call).toEqual({ status: first.status, id: first.body.id });
    expect(again.headers.get('idempotency-replayed'), call).toBe('true');
    const reused = await by<Problem>(call, { ifMatch, body: other, key: own });
    expect(reused, call).toMatchObject({ status: 422, body: { code: 'key_reused' } });
  }
  await journey.control.settle();
  const { events } = await storyOf(journey.head, deal.id);
  const of = events.filter(({ recordId }) => recordId === deal.id).map(({ type }) => type);
  expect(of).toEqual(['deal.opened', 'deal.moved', 'deal.won']);
  expect((await approvalOf(journey.head, asked.approvalId)).version).toBe(2);
});

test('a repeat answers the record as it now is', async () => {
  const key = unique('key');
  const body = { typeId: 'quick', name: unique('a'), clientId };
  const first = good(await journey.seller<Deal>('POST /api/deals', { body, key }));
  good(await journey.seller(`PUT /api/deals/${first.body.id}`, { ifMatch: 1, body: { nextStep: 'later' } }));
  const again = await journey.seller<Deal>('POST /api/deals', { body, key });
  expect(again).toMatchObject({ status: 201, version: 2, body: { nextStep: 'later' } });
  const somebody = await journey.anna<Deal>('POST /api/deals', { body, key });
  expect(somebody.body.id).not.toBe(first.body.id);
});

test('a refusal is a problem document in the language asked for, with the id of the request, and says nothing of the inside', async () => {
  const ask = (language: string) =>
    journey.seller<Problem>('GET /api/deals/deal_none', { headers: { 'accept-language': language } });
  for (const [language, detail] of [
    ['ru-RU,ru;q=0.9,en;q=0.8', 'Не найдено: deal deal_none.'],
    ['en-GB', 'There is no deal deal_none.'],
    // Of a language we do not speak it is the caller's own.
    ['de', 'Не найдено: deal deal_none.'],
  ] as const) {
    const { status, headers, body } = await ask(language);
    expect(status).toBe(404);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(body).toMatchObject({ status: 404, code: 'not_found', detail, errors: [] });
    expect(body.requestId.length).toBeGreaterThan(8);
  }
  const wrong = await journey.seller<Problem>('POST /api/deals', {
    body: { typeId: 'quick', clientId, colour: 1 },
    headers: { 'accept-language': 'ru' },
  });
  expect(wrong).toMatchObject({ status: 400, body: { code: 'invalid', title: 'В запросе есть ошибка' } });
  expect(wrong.body.errors).toEqual([
    { pointer: '/body/name', code: 'invalid_type', detail: 'Поле обязательно.' },
    { pointer: '/body/colour', code: 'unknown_field', detail: 'Такого поля нет.' },
  ]);
  expect(await journey.seller('POST /api/deals', { body: '{"typeId":' })).toMatchObject({
    status: 400,
    body: { code: 'not_json' },
  });
  expect(await journey.seller('GET /api/nothing')).toMatchObject({ status: 404 });
});

test('the id of the request stands in the answer, the events and the letters it led to', async () => {
  const { id } = good(await post(journey, form, { email: uniqueEmail(), name: 'Ада' })).body;
  await journey.control.settle();
  const { lead } = await leadOf(journey, id);
  const { events } = await storyOf(journey.seller, lead.id);
  expect(new Set(events.map(({ requestId }) => requestId)).size).toBe(1);
  expect(events.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['intake.received', 'lead.captured', 'letter.queued', 'letter.reported']),
  );
});

test('a list is read page by page without gap or double, and a cursor that was changed or is of another list is refused', async () => {
  const channel = await newForm(journey);
  const ids: string[] = [];
  for (let turn = 0; turn < 5; turn += 1)
    ids.push(good(await post(journey, channel, { email: uniqueEmail() })).body.id);
  await journey.control.settle();
  type Page = { items: { id: string }[]; cursor?: string };
  const read = (cursor?: string) =>
    journey.admin<Page & Problem>(
      `GET /api/intake?source=${channel}&limit=2${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = good(await read(cursor)).body;
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.cursor;
  } while (cursor !== undefined);
  expect(seen).toEqual(ids.toReversed());

  const given = (await read()).body.cursor ?? '';
  const [text = '', seal = ''] = given.split('.');
  const key = JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, string>;
  const forged = Buffer.from(JSON.stringify({ ...key, gsi2pk: 'INTAKE#site' })).toString('base64url');
  for (const wrong of [`${forged}.${seal}`, `${text}.`, `${given}x`, 'x', '.'])
    expect(await read(wrong), wrong).toMatchObject({ status: 400, body: { code: 'cursor_invalid' } });
  expect(await journey.admin(`GET /api/intake?source=site&limit=2&cursor=${encodeURIComponent(given)}`)).toMatchObject({
    status: 400,
    body: { code: 'cursor_invalid' },
  });
  expect(await journey.admin(`GET /api/intake?source=site&limit=101`)).toMatchObject({ status: 400 });
});

test('nobody comes in without a token that holds, and each role only where it may', async () => {
  for (const authorization of [undefined, 'Bearer x', 'Bearer a.b.c', 'Basic YTpi']) {
    const answer = await journey.visitor('GET /api/me', {
      headers: authorization === undefined ? {} : { authorization },
    });
    expect(answer, authorization).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  }
  const books = journey.as('books@sdelka.example');
  const market = journey.as('market@sdelka.example');
  const { body: deal } = await newDeal(journey.seller, clientId, { lines: PLAIN });
  for (const [by, call, body] of [
    [books, `POST /api/deals`, { typeId: 'quick', name: 'x', clientId }],
    [market, `GET /api/deals/${deal.id}`, undefined],
    [market, `POST /api/products`, {}],
    [journey.seller, 'GET /api/intake?source=site', undefined],
    [journey.seller, 'POST /api/starter', undefined],
    [journey.seller, 'POST /api/users', {}],
    [journey.head, 'POST /api/sources/partner/secrets', undefined],
  ] as const)
    expect((await by(call, { body })).status, call).toBe(403);
  expect((await books(`GET /api/deals/${deal.id}`)).body).toHaveProperty('margin');
  expect((await market(`GET /api/intake?source=${form}`)).status).toBe(200);
});

test('the document of the API is there for everybody and names every operation used here', async () => {
  const { status, body } = await journey.visitor<{ openapi: string; paths: Record<string, Record<string, unknown>> }>(
    'GET /api/openapi.json',
  );
  expect({ status, openapi: body.openapi }).toEqual({ status: 200, openapi: expect.stringMatching(/^3\.1/) });
  for (const path of [
    '/api/leads/{id}/convert',
    '/api/deals/{id}/win',
    '/api/stories/{id}',
    '/public/forms/{formId}',
    '/public/decisions/{token}',
  ])
    expect(body.paths).toHaveProperty([path]);
});

test('R65: loading the starter set again changes nothing that is there', async () => {
  const before = await journey.admin<{ items: LeadWork[] }>('GET /api/settings/forms');
  const again = good(await journey.admin<{ added: number }>('POST /api/starter'));
  expect(again.body).toEqual({ added: 0 });
  expect((await journey.admin('GET /api/settings/forms')).body).toEqual(before.body);
});
