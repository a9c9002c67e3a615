import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Got } from '#local/person.ts';
import { ADMIN, good, HEAD, openJourney, SELLER, unique } from '#test/support/journey.ts';
import {
  type Approval,
  approvalOf,
  type Deal,
  dealOf,
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
let clientId: string;
beforeAll(async () => {
  journey = await openJourney();
  clientId = await newClient(journey, journey.seller, await newForm(journey));
});
afterAll(() => journey.stop());

/** A deal that waits for the head's leave: its link is in his letter. */
async function asked(change: Record<string, unknown> = {}) {
  const { body: deal } = await newDeal(journey.seller, clientId, change);
  await journey.control.settle();
  return { deal, link: await linkFor(journey, HEAD, deal) };
}
const win = (deal: Deal, ifMatch = deal.version): Promise<Got<Order & Problem>> =>
  journey.seller(`POST /api/deals/${deal.id}/win`, { ifMatch, body: {} });
const save = (deal: Deal, body: Record<string, unknown>): Promise<Got<Deal & Problem>> =>
  journey.seller(`PUT /api/deals/${deal.id}`, { ifMatch: deal.version, body });
const pageOf = async (link: string) => (await fetch(link)).text();

test('R72: a discount over the limit asks the head by letter; within it nobody is asked', async () => {
  const { deal } = await asked();
  expect(deal.discountPercent).toBe('18');
  const { body: approval } = await approvalOf(journey.head, deal.approvalId);
  expect(approval).toMatchObject({
    state: 'pending',
    policyId: 'discount',
    subject: { entity: 'deal', id: deal.id },
    deadlineHours: 24,
  });
  expect(approval.approvers.map(({ email }) => email)).toEqual([HEAD, ADMIN]);
  const [letter, ...more] = await journey.mail(HEAD, deal.name);
  expect(more).toEqual([]);
  expect(letter?.subject).toBe(`Согласование: ${deal.name}`);
  expect(letter?.text).toMatch(/Сумма: 39\s?770,00\s?₽/);
  expect(letter?.text).toContain('Скидка: 18 %');
  expect(await journey.mail(ADMIN, deal.name)).toEqual([]);

  const within = await newDeal(journey.seller, clientId, {
    lines: [{ productId: PUMP, quantity: '1', discount: '10' }],
  });
  expect(within.body.approvalId).toBeUndefined();
  const won = await win(within.body);
  expect(won.status).toBe(201);
});

test('R72: opening the link, by GET, HEAD and previews, twenty times each, changes nothing', async () => {
  const { deal, link } = await asked();
  const state = async () => ({
    approval: await approvalOf(journey.head, deal.approvalId).then(({ version, body }) => ({ version, body })),
    deal: await dealOf(journey.head, deal.id).then(({ version, body }) => ({ version, body })),
    events: (await storyOf(journey.head, deal.id)).events.length,
  });
  const before = await state();
  const scanner = { 'user-agent': 'Mozilla/5.0 (compatible; SafeLinks)', purpose: 'prefetch' };
  for (let turn = 0; turn < 20; turn += 1) {
    const [page, head] = await Promise.all([fetch(link), fetch(link, { method: 'HEAD', headers: scanner })]);
    expect([page.status, head.status]).toEqual([200, 200]);
  }
  await journey.control.settle();
  expect(await state()).toEqual(before);
});

test('R72: the page works without script, says what is asked, what it costs us and for whom the link is', async () => {
  const { deal, link } = await asked();
  const answer = await fetch(link);
  const page = await answer.text();
  for (const text of [deal.name, '18 %', 'Маржа', 'Иван Петров', 'Ольга Громова', 'Согласовать', 'Отклонить'])
    expect(page).toContain(text);
  expect(page).not.toContain('<script');
  const policy = answer.headers.get('content-security-policy');
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("form-action 'self'");
  expect(policy).not.toContain('sandbox');
  expect(answer.headers.get('cache-control')).toContain('no-store');
  expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
  const unknown = await fetch(`${link.slice(0, -4)}AAAA`);
  expect(unknown.status).toBe(404);
});

test('R72: the button decides once; a used link says who decided and when; the seller is told', async () => {
  const { deal, link } = await asked();
  expect((await press(link, 'approve')).page).toContain('Согласовано');
  const { body: approval, version } = await approvalOf(journey.head, deal.approvalId);
  expect(approval).toMatchObject({ state: 'approved', decidedBy: { name: 'Ольга Громова' } });
  const again = await press(link, 'refuse', 'нет');
  expect(again.status).toBe(200);
  for (const page of [again.page, await pageOf(link)]) {
    expect(page).toContain('Согласовано');
    expect(page).toContain('Решение принял(а) Ольга Громова, ');
    expect(page).not.toContain('<form');
  }
  expect((await approvalOf(journey.head, deal.approvalId)).version).toBe(version);
  await journey.control.settle();
  const told = await journey.mail(SELLER, deal.name);
  expect(told.map(({ subject }) => subject)).toEqual([`Согласовано: ${deal.name}`]);
  expect(told[0]?.text).toContain('Ольга Громова');
  const direct = await journey.head<Problem>(`POST /api/approvals/${deal.approvalId}/decision`, {
    body: { decision: 'approve' },
  });
  expect(direct).toMatchObject({
    status: 409,
    body: { code: 'already_decided', detail: expect.stringContaining('Ольга Громова') },
  });
});

test('R72: a refusal needs a comment, which reaches the seller, and the deal is not won', async () => {
  const { deal, link } = await asked();
  const silent = await press(link, 'refuse', '  ');
  expect(silent.status).toBe(400);
  expect(silent.page).toContain('Напишите, почему отказываете.');
  expect(await press(link, 'refuse', 'Слишком дёшево <b>')).toMatchObject({ status: 200 });
  expect(await pageOf(link)).toContain('Слишком дёшево &lt;b&gt;');
  await journey.control.settle();
  const [letter, ...more] = await journey.mail(SELLER, deal.name);
  expect(more).toEqual([]);
  expect(letter?.subject).toBe(`Отклонено: ${deal.name}`);
  expect(letter?.text).toContain('Слишком дёшево');
  expect(await win(deal)).toMatchObject({ status: 409, body: { code: 'approval_needed' } });
});

test('R72: an approver decides without the letter too; others and sellers do not', async () => {
  const { deal, link } = await asked();
  const decide = (by: typeof journey.head, body: object = { decision: 'approve' }) =>
    by<Approval & Problem>(`POST /api/approvals/${deal.approvalId}/decision`, { body });
  expect(await decide(journey.seller)).toMatchObject({ status: 403 });
  expect(await decide(journey.as('books@sdelka.example'))).toMatchObject({ status: 403 });
  expect(await decide(journey.head, { decision: 'maybe' })).toMatchObject({ status: 400 });
  expect(await decide(journey.head)).toMatchObject({ status: 200, body: { state: 'approved' } });
  expect(await pageOf(link)).toContain('Ольга Громова');
});

test('R72: changing a line voids the approval, pending or given; the old link says so and a new letter asks', async () => {
  const { deal, link } = await asked();
  const lines = [{ productId: PUMP, quantity: '2', discount: '18' }];
  const changed = good(await save(deal, { lines })).body;
  expect(changed.approvalId).not.toBe(deal.approvalId);
  expect((await approvalOf(journey.head, deal.approvalId)).body.state).toBe('voided');
  expect(await pageOf(link)).toContain('Условия изменились');
  const late = await press(link, 'approve');
  expect(late.page).toContain('Условия изменились');
  expect((await approvalOf(journey.head, changed.approvalId)).body.state).toBe('pending');
  await journey.control.settle();
  const second = await linkFor(journey, HEAD, deal);
  expect(second).not.toBe(link);
  await press(second, 'approve');

  const dearer = good(await save(changed, { lines: [{ productId: PUMP, quantity: '2', discount: '20' }] })).body;
  expect((await approvalOf(journey.head, changed.approvalId)).body.state).toBe('voided');
  expect(await win(dearer)).toMatchObject({ status: 409, body: { code: 'approval_needed' } });
  await journey.control.settle();
  expect(await journey.mail(HEAD, deal.name)).toHaveLength(3);
});

test('R72: what no approval guards may be changed, and the approval stays', async () => {
  const { deal, link } = await asked();
  await press(link, 'approve');
  const changed = good(await save(deal, { nextStep: 'Позвонить', expectedOn: '2051-01-31' })).body;
  expect(changed.approvalId).toBe(deal.approvalId);
  expect(await win(changed)).toMatchObject({ status: 201 });
});

test('R72: another client voids the approval, for the party is guarded', async () => {
  const { deal, link } = await asked();
  await press(link, 'approve');
  const other = await newClient(journey, journey.seller, await newForm(journey));
  const changed = good(await save(deal, { clientId: other })).body;
  expect((await approvalOf(journey.head, deal.approvalId)).body.state).toBe('voided');
  expect(await win(changed)).toMatchObject({ status: 409 });
});

test('R72: a copy of an approved deal is not approved', async () => {
  const { deal, link } = await asked();
  await press(link, 'approve');
  const copy = good(await journey.seller<Deal>(`POST /api/deals/${deal.id}/copy`, { body: { name: unique('Копия') } }));
  expect(copy).toMatchObject({ status: 201, body: { copyOf: deal.id, amount: deal.amount } });
  expect(copy.body.approvalId).not.toBe(deal.approvalId);
  expect((await approvalOf(journey.head, copy.body.approvalId)).body.state).toBe('pending');
  expect(await win(copy.body)).toMatchObject({ status: 409, body: { code: 'approval_needed' } });
  expect((await approvalOf(journey.head, deal.approvalId)).body.state).toBe('approved');
});

test('R72: a price typed lower than the list counts as a discount', async () => {
  const { body: deal } = await newDeal(journey.seller, clientId, {
    lines: [{ productId: PUMP, quantity: '1', price: '40000.00' }],
  });
  expect(deal).toMatchObject({ amount: { amount: '40000.00' }, listAmount: { amount: '48500.00' } });
  expect(Number(deal.discountPercent)).toBeCloseTo(17.5258, 4);
  expect((await approvalOf(journey.head, deal.approvalId)).body.state).toBe('pending');
});

test('R71, R72: a margin under the floor asks even without a discount', async () => {
  const services = good(await journey.head<{ items: { id: string }[] }>('GET /api/products?category=services')).body
    .items;
  const sku = unique('THIN').toUpperCase();
  const thin = {
    sku,
    name: sku,
    category: 'thin',
    unit: 'шт',
    price: '100.00',
    cost: '90.00',
    currency: 'RUB',
    taxPercent: '20',
  };
  const product = good(await journey.head<{ id: string }>('POST /api/products', { body: thin })).body.id;
  const line = (productId: string | undefined) => ({ lines: [{ productId, quantity: '1' }] });
  expect((await newDeal(journey.seller, clientId, line(services[0]?.id))).body.approvalId).toBeUndefined();
  expect((await newDeal(journey.seller, clientId, line(product))).body.approvalId).toBeDefined();
});

test("R72: nobody approves his own: the head's own deal goes to the admin, an admin's to nobody", async () => {
  const { body: deal } = await newDeal(journey.head, clientId);
  await journey.control.settle();
  expect(await journey.mail(HEAD, deal.name)).toEqual([]);
  const own = await journey.head(`POST /api/approvals/${deal.approvalId}/decision`, { body: { decision: 'approve' } });
  expect(own).toMatchObject({ status: 409, body: { code: 'own_approval' } });
  await press(await linkFor(journey, ADMIN, deal), 'approve');
  expect((await approvalOf(journey.head, deal.approvalId)).body).toMatchObject({ state: 'approved' });
  const body = {
    typeId: 'quick',
    name: unique('Сделка'),
    clientId,
    lines: [{ productId: PUMP, quantity: '1', discount: '50' }],
  };
  expect(await journey.admin('POST /api/deals', { body })).toMatchObject({
    status: 409,
    body: { code: 'no_approver' },
  });
});

test('R72: who is silent past the deadline is passed over; who it went up to decides, and both links say so', async () => {
  const { deal, link } = await asked();
  await journey.control.advance('23h');
  expect(await journey.mail(ADMIN, deal.name)).toEqual([]);
  await journey.control.advance('2h');
  const above = await linkFor(journey, ADMIN, deal);
  expect(above).not.toBe(link);
  expect(await journey.mail(ADMIN, deal.name)).toHaveLength(1);
  expect(await journey.mail(HEAD, deal.name)).toHaveLength(1);
  await press(above, 'approve');
  const { body } = await approvalOf(journey.head, deal.approvalId);
  expect(body).toMatchObject({ state: 'approved', decidedBy: { id: body.approvers[1]?.id } });
  expect(await pageOf(link)).toContain(body.approvers[1]?.name);
  await journey.control.settle();
  expect((await journey.mail(SELLER, deal.name)).map(({ subject }) => subject)).toEqual([`Согласовано: ${deal.name}`]);
});

test('R72: when both are silent the approval expires, the seller is told, and saving the terms asks anew', async () => {
  const { deal, link } = await asked();
  await journey.control.advance('49h');
  expect((await approvalOf(journey.head, deal.approvalId)).body.state).toBe('expired');
  expect((await press(link, 'approve')).page).toContain('Срок ответа истёк.');
  expect(await win(deal)).toMatchObject({ status: 409, body: { code: 'approval_needed' } });
  const told = await journey.mail(SELLER, deal.name);
  expect(told.map(({ subject }) => subject)).toEqual([`Нет ответа: ${deal.name}`]);
  const again = good(await save(deal, { lines: [{ productId: PUMP, quantity: '1', discount: '18' }] })).body;
  expect(again.approvalId).not.toBe(deal.approvalId);
  await journey.control.settle();
  await press(await linkFor(journey, HEAD, deal), 'approve');
  expect(await win(again)).toMatchObject({ status: 201 });
});

test('R1, R72: the history of a decision names each step, its actor and its cause, in order', async () => {
  const { deal, link } = await asked();
  await press(link, 'refuse', 'Нет');
  await journey.control.settle();
  const { events } = await storyOf(journey.head, deal.id);
  const of = events.filter(({ recordId }) => recordId === deal.approvalId);
  expect(of.map(({ type }) => type)).toEqual(['approval.asked', 'approval.awaited', 'approval.decided']);
  expect(of[0]?.by).toMatchObject({ kind: 'user', name: 'Иван Петров' });
  expect(of[1]?.data).toMatchObject({ round: 1 });
  expect(of[2]?.data).toMatchObject({ state: 'refused', subjectId: deal.id });
  expect(of[2]?.by).toMatchObject({ kind: 'link', name: 'Ольга Громова' });
  expect(of.every(({ requestId }) => requestId.length > 0)).toBe(true);
  const letters = await lettersOf(journey.head, deal.id);
  expect(letters.map(({ purpose, state }) => `${purpose} ${state}`).toSorted()).toEqual([
    'approval-ask delivered',
    'approval-refused delivered',
  ]);
  expect(JSON.stringify(letters)).not.toContain('/public/decisions/');
});
