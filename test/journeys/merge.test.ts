import { afterAll, beforeAll, expect, test } from 'vitest';
import type * as z from 'zod';
import type { Client as ClientSchema } from '#functions/clients/client.ts';
import type { Member as MemberSchema } from '#functions/clients/member.ts';
import type { Person as PersonSchema } from '#functions/clients/person.ts';
import type { Merge as MergeSchema } from '#functions/exchange/merge.ts';
import { good, openJourney, unique, uniqueEmail, uniquePhone } from '#test/support/journey.ts';
import {
  approvalOf,
  captured,
  dealOf,
  newDeal,
  newForm,
  post,
  leadOf,
  storyOf,
  type Order,
  type Lead,
  type Problem,
} from '#test/support/steps.ts';

type Client = z.output<typeof ClientSchema>;
type Human = z.output<typeof PersonSchema>;
type Merge = z.output<typeof MergeSchema>;
type Member = z.output<typeof MemberSchema>;
type Preview = {
  fields: { field: string; values: { recordId: string; value?: unknown }[]; result?: unknown; from: string }[];
  moves: { kind: string; from: string; count: number }[];
};

let journey: Awaited<ReturnType<typeof openJourney>>;
let form: string;
beforeAll(async () => {
  journey = await openJourney();
  form = await newForm(journey, { welcome: undefined });
});
afterAll(() => journey.stop());

const person = async (body: Record<string, unknown> = {}) =>
  good(await journey.head<Human>('POST /api/people', { body: { name: unique('Иван'), ...body } })).body;
const client = async (body: Record<string, unknown> = {}) =>
  good(
    await journey.head<Client>('POST /api/clients', { body: { kind: 'organisation', name: unique('ООО'), ...body } }),
  ).body;
const join = async (clientId: string, personId: string, body: Record<string, unknown> = {}) =>
  good(await journey.head<Member>(`POST /api/clients/${clientId}/people`, { body: { personId, ...body } }));
const personOf = async (id: string) => good(await journey.head<Human>(`GET /api/people/${id}`)).body;
const clientOf = async (id: string) => good(await journey.head<Client>(`GET /api/clients/${id}`)).body;
const ask = (survivor: string, others: string[], choose?: Record<string, string>) => ({
  body: { survivor, others, ...(choose && { choose }) },
});
const mergeOf = async (id: string) => good(await journey.head<Merge>(`GET /api/merges/${id}`)).body;

/** Merges, and answers when everything has moved. */
async function merged(survivor: string, others: string[], choose?: Record<string, string>): Promise<Merge> {
  const { body } = good(await journey.head<Merge>('POST /api/merges', ask(survivor, others, choose)));
  await journey.control.settle();
  return mergeOf(body.id);
}
async function undone(id: string): Promise<Merge> {
  good(await journey.head<Merge>(`POST /api/merges/${id}/undo`));
  await journey.control.settle();
  return mergeOf(id);
}
const clientsOf = async (id: string) =>
  good(await journey.head<{ items: Member[] }>(`GET /api/people/${id}/clients`)).body.items;

test('R25: three people are made one: a preview says field by field what will be, and all that was theirs moves', async () => {
  const [first, second, third] = [uniqueEmail(), uniqueEmail(), uniqueEmail()];
  const phone = uniquePhone();
  const a = await captured(journey, form, { email: first, name: 'Иван Петров' });
  const b = await captured(journey, form, { email: second, phone, name: 'Петров Иван' });
  const c = await captured(journey, form, { email: third });
  const [one, two, three] = [a.lead.personId, b.lead.personId, c.lead.personId];
  const firm = await client();
  await join(firm.id, one, { position: 'Инженер', since: '2020-01-01' });
  await join(firm.id, two, { position: 'Директор', since: '2023-01-01' });
  const family = await client({ kind: 'household' });
  await join(family.id, three, { since: '2019-05-05' });

  const preview = good(
    await journey.head<Preview>('POST /api/merges/preview', ask(one, [two, three], { name: two })),
  ).body;
  const field = (name: string) => preview.fields.find((shown) => shown.field === name);
  expect(field('name')).toMatchObject({ result: 'Петров Иван', from: two });
  expect(field('name')?.values.map(({ value }) => value)).toEqual(['Иван Петров', 'Петров Иван', undefined]);
  expect(field('emails')).toMatchObject({ result: [first, second, third], from: 'all' });
  expect(preview.moves.toSorted((x, y) => (x.kind + x.from < y.kind + y.from ? -1 : 1))).toEqual(
    [
      { kind: 'client-link', from: two, count: 1 },
      { kind: 'client-link', from: three, count: 1 },
      { kind: 'lead', from: two, count: 1 },
      { kind: 'lead', from: three, count: 1 },
    ].toSorted((x, y) => (x.kind + x.from < y.kind + y.from ? -1 : 1)),
  );
  const wrong = await journey.head<Problem>('POST /api/merges/preview', ask(one, [two], { emails: two }));
  expect(wrong).toMatchObject({ status: 400, body: { errors: [{ pointer: '/body/choose/emails' }] } });

  const merge = await merged(one, [two, three], { name: two });
  expect(merge).toMatchObject({ state: 'done', survivorId: one, otherIds: [two, three] });
  expect(await personOf(one)).toMatchObject({ name: 'Петров Иван', emails: [first, second, third], phones: [phone] });
  expect(await personOf(two)).toMatchObject({ id: two, mergedInto: one, archivedAt: expect.any(String) });
  for (const { lead } of [b, c])
    expect(good(await journey.head<Lead>(`GET /api/leads/${lead.id}`)).body.personId).toBe(one);
  expect((await clientsOf(one)).map((link) => [link.clientId, link.position, link.earlier.length])).toEqual(
    [
      [firm.id, 'Директор', 1],
      [family.id, undefined, 0],
    ].toSorted(([x], [y]) => (String(x) < String(y) ? -1 : 1)),
  );
  expect(await clientsOf(two)).toEqual([]);
  const chain = (await storyOf(journey.head, one)).chain.map(({ id }) => id);
  expect(chain).toEqual(expect.arrayContaining([one, two, three, a.lead.id, b.lead.id, c.lead.id]));
  const again = await captured(journey, form, { email: third });
  expect(again.lead.personId).toBe(one);
  const change = await journey.head<Problem>(`PUT /api/people/${two}`, { ifMatch: 99, body: { name: 'x' } });
  expect(change.status).toBe(412);

  const back = await undone(merge.id);
  expect(back).toMatchObject({ state: 'undone', kept: [] });
  expect(await personOf(one)).toMatchObject({ name: 'Иван Петров', emails: [first], phones: [] });
  const restored = await personOf(two);
  expect(restored).toMatchObject({ emails: [second], phones: [phone] });
  expect([restored.mergedInto, restored.archivedAt]).toEqual([undefined, undefined]);
  expect(good(await journey.head<Lead>(`GET /api/leads/${b.lead.id}`)).body.personId).toBe(two);
  expect((await clientsOf(one)).map((link) => [link.position, link.earlier])).toEqual([['Инженер', []]]);
  expect((await clientsOf(two)).map(({ position }) => position)).toEqual(['Директор']);
  expect((await clientsOf(three)).map(({ clientId }) => clientId)).toEqual([family.id]);
  expect((await captured(journey, form, { email: second })).lead.personId).toBe(two);
});

test('R25: two of the same name with children: orders, deals, approvals, tasks and names of other systems go along and come back', async () => {
  const [keep, double] = [await client({ name: 'ООО «Ромашка»' }), await client({ name: 'ООО «Ромашка»' })];
  const deal = await newDeal(journey.seller, (await sellersClient()).id);
  const own = await newDeal(journey.head, double.id);
  const approval = await approvalOf(journey.head, own.body.approvalId);
  const plain = await newDeal(journey.head, double.id, { lines: [{ name: 'Насос', quantity: '1', price: '100' }] });
  const won = good(
    await journey.head<Order>(`POST /api/deals/${plain.body.id}/win`, { ifMatch: plain.version, body: {} }),
  );
  const task = good(
    await journey.head<{ id: string }>('POST /api/activities', {
      body: { kind: 'task', subject: 'Позвонить', recordId: double.id },
    }),
  ).body;
  const named = unique('1c');
  good(await journey.admin(`PUT /api/external-ids/1c/${named}`, { body: { recordId: double.id } }));

  const merge = await merged(keep.id, [double.id]);
  expect(merge.state).toBe('done');
  const moved = await dealOf(journey.head, own.body.id);
  expect(moved.body.clientId).toBe(keep.id);
  expect((await approvalOf(journey.head, moved.body.approvalId)).body).toMatchObject({
    id: approval.body.id,
    state: 'pending',
  });
  const orders = async (id: string) =>
    good(await journey.head<{ items: Order[] }>(`GET /api/clients/${id}/orders`)).body.items.map((order) => order.id);
  expect(await orders(keep.id)).toEqual([won.body.id]);
  expect(good(await journey.head<{ recordId: string }>(`GET /api/activities/${task.id}`)).body.recordId).toBe(keep.id);
  expect(good(await journey.admin<{ recordId: string }>(`GET /api/external-ids/1c/${named}`)).body.recordId).toBe(
    keep.id,
  );
  expect((await dealOf(journey.seller, deal.body.id)).body.clientId).not.toBe(keep.id);

  // What was approved for the double is approved for the one it became: a change of other things asks nobody anew.
  const renamed = good(
    await journey.head<{ approvalId?: string }>(`PUT /api/deals/${own.body.id}`, {
      ifMatch: moved.version,
      body: { name: 'Ромашка, насосы' },
    }),
  );
  expect(renamed.body.approvalId).toBe(approval.body.id);

  // One deal goes to somebody else meanwhile: it stays there, and the undo says so.
  const other = await client();
  const now = await dealOf(journey.head, own.body.id);
  good(await journey.head(`PUT /api/deals/${own.body.id}`, { ifMatch: now.version, body: { clientId: other.id } }));
  const back = await undone(merge.id);
  expect(back).toMatchObject({
    state: 'undone',
    kept: [{ recordId: own.body.id, why: expect.stringContaining('another') }],
  });
  expect((await dealOf(journey.head, own.body.id)).body.clientId).toBe(other.id);
  expect((await dealOf(journey.head, plain.body.id)).body.clientId).toBe(double.id);
  expect(await orders(double.id)).toEqual([won.body.id]);
  expect(good(await journey.head<{ recordId: string }>(`GET /api/activities/${task.id}`)).body.recordId).toBe(
    double.id,
  );
  expect(good(await journey.admin<{ recordId: string }>(`GET /api/external-ids/1c/${named}`)).body.recordId).toBe(
    double.id,
  );
  const twice = await journey.head<Problem>(`POST /api/merges/${merge.id}/undo`);
  expect(twice).toMatchObject({ status: 409, body: { code: 'wrong_state' } });
});

const sellersClient = async () =>
  good(await journey.seller<Client>('POST /api/clients', { body: { kind: 'person', name: unique('Клиент') } })).body;

test('R25: tax numbers of all lead to the one that stays, a counterparty stays one, and a second merge is undone before the first', async () => {
  const digits = (): string => String(Math.floor(1e9 + Math.random() * 9e9));
  const [n1, n2, n3] = [digits(), digits(), digits()];
  const [a, b, c] = [await client({ taxId: n1 }), await client({ taxId: n2 }), await client({ taxId: n3 })];
  const first = await merged(a.id, [b.id], { taxId: b.id });
  expect(await clientOf(a.id)).toMatchObject({ taxId: n2, otherTaxIds: [n1] });
  const second = await merged(c.id, [a.id]);
  expect(await clientOf(c.id)).toMatchObject({ taxId: n3 });
  expect((await clientOf(c.id)).otherTaxIds?.toSorted()).toEqual([n1, n2].toSorted());
  const taken = await journey.head<Problem>('POST /api/clients', {
    body: { kind: 'organisation', name: 'Третий', taxId: n2 },
  });
  expect(taken.body.detail).toContain(c.id);
  const early = await journey.head<Problem>(`POST /api/merges/${first.id}/undo`);
  expect(early).toMatchObject({ status: 409, body: { detail: expect.stringContaining(second.id) } });
  expect((await undone(second.id)).kept).toEqual([]);
  expect((await undone(first.id)).kept).toEqual([]);
  expect(await clientOf(a.id)).toMatchObject({ taxId: n1 });
  expect((await clientOf(a.id)).otherTaxIds ?? []).toEqual([]);
  expect(await clientOf(b.id)).toMatchObject({ taxId: n2 });
});

test('R25: merged twice at once is merged once, a repeat with its key answers the same, and what does not go together is refused', async () => {
  const [a, b, c] = [await person(), await person(), await person()];
  const firm = await client();
  const both = await Promise.all([
    journey.head<Merge & Problem>('POST /api/merges', ask(a.id, [b.id])),
    journey.head<Merge & Problem>('POST /api/merges', ask(b.id, [a.id])),
    journey.head<Merge & Problem>('POST /api/merges', ask(c.id, [b.id])),
  ]);
  expect(both.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(both.filter(({ status }) => status === 409)).toHaveLength(2);
  await journey.control.settle();
  const key = unique('merge');
  const [x, y] = [await person(), await person()];
  const once = good(await journey.head<Merge>('POST /api/merges', { ...ask(x.id, [y.id]), key }));
  await journey.control.settle();
  const repeat = good(await journey.head<Merge>('POST /api/merges', { ...ask(x.id, [y.id]), key }));
  expect([repeat.body.id, repeat.status]).toEqual([once.body.id, 201]);
  for (const others of [[x.id], [firm.id], [y.id]])
    expect((await journey.head<Problem>('POST /api/merges', ask(x.id, others))).status).toBeGreaterThanOrEqual(400);
  const gone = await journey.head<Problem>('POST /api/merges', ask(x.id, [y.id]));
  expect(gone).toMatchObject({ status: 409, body: { detail: expect.stringContaining(x.id) } });
});

test('R25: leads that arrive while many others move land on the one that stays', async () => {
  const [kept, gone] = [uniqueEmail(), uniqueEmail()];
  const a = await captured(journey, form, { email: kept });
  const b = await captured(journey, form, { email: gone });
  const ids: string[] = [];
  for (let round = 0; round < 3; round += 1)
    ids.push(
      ...(await Promise.all(
        Array.from(
          { length: 20 },
          async (_, n) => good(await post(journey, form, { email: gone, message: `${round}.${n}` })).body.id,
        ),
      )),
    );
  await journey.control.settle();
  const merge = good(await journey.head<Merge>('POST /api/merges', ask(a.lead.personId, [b.lead.personId]))).body;
  for (let n = 0; n < 5; n += 1)
    ids.push(good(await post(journey, form, { email: gone, message: `late ${n}` })).body.id);
  await journey.control.settle();
  expect((await mergeOf(merge.id)).state).toBe('done');
  const owners = await Promise.all(ids.map(async (id) => (await leadOf(journey, id)).lead.personId));
  expect(new Set(owners)).toEqual(new Set([a.lead.personId]));
  const job = good(
    await journey.head<{ state: string; done: number; failed: number }>(`GET /api/jobs/${merge.jobId}`),
  ).body;
  expect(job).toMatchObject({ state: 'done', failed: 0 });
  expect(job.done).toBeGreaterThanOrEqual(61);
  const back = await undone(merge.id);
  expect(back.state).toBe('undone');
  const first = good(await journey.head<Lead>(`GET /api/leads/${b.lead.id}`)).body;
  expect(first.personId).toBe(b.lead.personId);
});
