import { afterAll, beforeAll, expect, test } from 'vitest';
import type * as z from 'zod';
import type { Client as ClientSchema } from '#functions/clients/client.ts';
import type { Member as MemberSchema } from '#functions/clients/member.ts';
import type { Person as PersonSchema } from '#functions/clients/person.ts';
import { good, openJourney, unique, uniqueEmail, uniquePhone } from '#test/support/journey.ts';
import { captured, newForm, storyOf, type Lead, type Problem } from '#test/support/steps.ts';

type Client = z.output<typeof ClientSchema>;
type Human = z.output<typeof PersonSchema>;
type Member = z.output<typeof MemberSchema>;
type People = { items: (Human & { membership: Member })[] };
type Clients = { items: (Member & { client: { id: string; name: string } })[] };

let journey: Awaited<ReturnType<typeof openJourney>>;
let form: string;
beforeAll(async () => {
  journey = await openJourney();
  form = await newForm(journey);
});
afterAll(() => journey.stop());

const taxId = (): string => `77${String(Math.floor(Math.random() * 1e8)).padStart(8, '0')}`;
const newClient = async (body: Record<string, unknown> = {}) =>
  good(
    await journey.seller<Client>('POST /api/clients', { body: { kind: 'organisation', name: unique('ООО'), ...body } }),
  );
const newPerson = async (body: Record<string, unknown> = {}) =>
  good(await journey.seller<Human>('POST /api/people', { body: { name: unique('Иван'), ...body } }));
const join = async (clientId: string, body: Record<string, unknown>) =>
  good(await journey.seller<Member>(`POST /api/clients/${clientId}/people`, { body }));

test('R24: organisations, persons and households are clients; a private person is asked for nothing of a firm', async () => {
  for (const kind of ['organisation', 'person', 'household']) {
    const made = await newClient({ kind, name: 'Ивановы' });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ kind, name: 'Ивановы', standing: 'prospect' });
    expect(made.body.taxId).toBeUndefined();
  }
  const wrong = await journey.seller<Problem>('POST /api/clients', { body: { kind: 'club', name: '' } });
  expect(wrong.body.errors.map(({ pointer }) => pointer).toSorted()).toEqual(['/body/kind', '/body/name']);
});

test('R24: a tax number has one owner: a second one is told who, a number given up is free', async () => {
  const number = taxId();
  const { body: first, version } = await newClient({ taxId: number });
  const spaced = `${number.slice(0, 4)} ${number.slice(4)}`;
  const second = await journey.seller<Problem>('POST /api/clients', {
    body: { kind: 'organisation', name: 'ООО «Двойник»', taxId: spaced },
  });
  expect(second).toMatchObject({ status: 409, body: { code: 'taken', detail: expect.stringContaining(first.id) } });
  const freed = good(
    await journey.seller<Client>(`PUT /api/clients/${first.id}`, { ifMatch: version, body: { taxId: null } }),
  );
  expect(freed.body.taxId).toBeUndefined();
  expect((await newClient({ taxId: spaced })).body.taxId).toBe(spaced);
});

test('R24: twenty who type the same tax number at once make one client', async () => {
  const number = taxId();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () =>
      journey.seller<Client & Problem>('POST /api/clients', {
        body: { kind: 'organisation', name: unique('ООО'), taxId: number },
      }),
    ),
  );
  const made = answers.filter(({ status }) => status === 201);
  expect(made).toHaveLength(1);
  for (const { status, body } of answers.filter(({ status }) => status !== 201))
    expect([status, body.code === 'conflict' || body.detail.includes(made[0]?.body.id ?? '-')]).toEqual([409, true]);
});

test('R24: a client is changed, given away, put away and taken back, each told in its history and never over a newer version', async () => {
  const { body: client, version } = await newClient();
  const put = (body: Record<string, unknown>, ifMatch: number | undefined) =>
    journey.seller<Client & Problem>(`PUT /api/clients/${client.id}`, { ifMatch, body });
  const renamed = good(await put({ name: 'ООО «Новое имя»' }, version));
  expect(await put({ name: 'ООО «Старое»' }, version)).toMatchObject({
    status: 412,
    body: { changes: [{ type: 'client.changed', fields: [{ field: 'name', personal: true }] }] },
  });
  expect((await put({ name: 'x' }, undefined)).status).toBe(428);
  const away = good(await put({ archived: true }, renamed.version));
  expect(away.body.archivedAt).toBeDefined();
  const back = good(await put({ archived: false }, away.version));
  expect(back.body.archivedAt).toBeUndefined();
  const same = good(await put({ name: 'ООО «Новое имя»' }, back.version));
  expect(same.version).toBe(back.version);
  expect(await put({ ownerId: 'user_00000000000000000000000000' }, back.version)).toMatchObject({
    body: { code: expect.stringMatching(/out_of_reach|not_found/) },
  });
});

test('R26: a person keeps e-mails and phones that are his alone; one he gives up is free for another', async () => {
  const [email, other, phone] = [uniqueEmail(), uniqueEmail(), uniquePhone()];
  const { body: person, version } = await newPerson({ emails: [email, other], phones: [`8${phone.slice(2)}`] });
  expect(person).toMatchObject({ emails: [email, other], phones: [phone] });
  const taken = await journey.seller<Problem>('POST /api/people', { body: { emails: [email.toUpperCase()] } });
  expect(taken).toMatchObject({ status: 409, body: { code: 'taken', detail: expect.stringContaining(person.id) } });
  const found = await journey.seller<{ items: Human[] }>(`GET /api/people?phone=${encodeURIComponent(phone)}`);
  expect(found.body.items.map(({ id }) => id)).toEqual([person.id]);
  const less = good(
    await journey.seller<Human>(`PUT /api/people/${person.id}`, { ifMatch: version, body: { emails: [other] } }),
  );
  expect(less.body.emails).toEqual([other]);
  const { body: second } = await newPerson({ emails: [email] });
  expect(second.id).not.toBe(person.id);
  const wrong = await journey.seller<Problem>('POST /api/people', { body: { phones: [phone, '12'] } });
  expect(wrong.body.errors[0]).toMatchObject({ pointer: '/body/phones/1' });
  const { lead } = await captured(journey, form, { email });
  expect(lead.personId).toBe(second.id);
});

test('R26: an organisation has many people and a person many organisations, each with position and period, past ones too', async () => {
  const [firm, family] = [await newClient(), await newClient({ kind: 'household', name: 'Семья' })];
  const [ivan, anna] = [await newPerson(), await newPerson()];
  const first = await join(firm.body.id, { personId: ivan.body.id, position: 'Инженер', since: '2020-02-01' });
  expect(first).toMatchObject({ status: 201, body: { position: 'Инженер', since: '2020-02-01' } });
  await join(firm.body.id, { personId: anna.body.id, position: 'Бухгалтер', since: '2021-01-01' });
  await join(family.body.id, { personId: ivan.body.id, position: 'Муж', since: '2015-06-01' });
  const link = `/api/clients/${firm.body.id}/people/${ivan.body.id}`;

  const promoted = good(
    await journey.seller<Member>(`POST ${link}/position`, {
      ifMatch: first.version,
      body: { position: 'Директор', on: '2022-03-01' },
    }),
  );
  const gone = good(
    await journey.seller<Member>(`POST ${link}/leave`, { ifMatch: promoted.version, body: { on: '2023-05-31' } }),
  );
  expect(gone.body).toMatchObject({ position: 'Директор', since: '2022-03-01', until: '2023-05-31' });
  const again = await journey.seller<Problem>(`POST ${link}/leave`, {
    ifMatch: gone.version,
    body: { on: '2023-06-30' },
  });
  expect(again).toMatchObject({ status: 409, body: { code: 'wrong_state' } });

  const people = async (when: string) =>
    good(await journey.seller<People>(`GET /api/clients/${firm.body.id}/people?when=${when}`)).body.items.map(
      ({ id, membership }) => [id, membership.position],
    );
  expect(await people('current')).toEqual([[anna.body.id, 'Бухгалтер']]);
  expect(await people('past')).toEqual([[ivan.body.id, 'Директор']]);
  const clients = good(await journey.seller<Clients>(`GET /api/people/${ivan.body.id}/clients`)).body.items;
  expect(clients.map(({ client, until }) => [client.id, until])).toEqual([
    [family.body.id, undefined],
    [firm.body.id, '2023-05-31'],
  ]);

  const early = await journey.seller<Problem>(`POST /api/clients/${firm.body.id}/people`, {
    body: { personId: ivan.body.id, since: '2023-01-01' },
  });
  expect(early.status).toBe(201); // he stood for it on that day: the link as it is
  const back = await join(firm.body.id, { personId: ivan.body.id, position: 'Советник', since: '2024-01-10' });
  expect(back.body).toMatchObject({
    position: 'Советник',
    since: '2024-01-10',
    earlier: [
      { position: 'Инженер', since: '2020-02-01', until: '2022-02-28' },
      { position: 'Директор', since: '2022-03-01', until: '2023-05-31' },
    ],
  });
  expect(back.body.until).toBeUndefined();
  await journey.control.settle();
  const { events } = await storyOf(journey.seller, firm.body.id);
  const told = events.filter(({ recordId }) => recordId === `${firm.body.id}/${ivan.body.id}`).map(({ type }) => type);
  expect(told).toEqual(['member.joined', 'member.changed', 'member.left', 'member.joined']);
});

test('R26: a contact with a known e-mail or phone is recognised: he joins as who he is', async () => {
  const { lead } = await captured(journey, form, { email: uniqueEmail(), name: 'Пётр' });
  const { body: firm } = await newClient();
  const joined = await join(firm.id, { email: lead.email, position: 'Закупки' });
  expect(joined.body.personId).toBe(lead.personId);
  const fresh = await join(firm.id, { email: uniqueEmail(), name: 'Новый' });
  expect(fresh.body.personId).not.toBe(lead.personId);
  expect((await journey.seller(`POST /api/clients/${firm.id}/people`, { body: { name: 'Никто' } })).status).toBe(400);
});

test('R24: converting a lead claims the tax number, and joins a client that has it instead of making a second', async () => {
  const number = taxId();
  const { body: firm } = await newClient({ taxId: number });
  const { lead, version } = await captured(journey, form, { email: uniqueEmail(), company: 'ООО «Ромашка»' });
  const convert = (client: Record<string, unknown>) =>
    journey.seller<Lead & Problem>(`POST /api/leads/${lead.id}/convert`, { ifMatch: version, body: { client } });
  expect(await convert({ kind: 'organisation', taxId: number })).toMatchObject({
    status: 409,
    body: { code: 'taken', detail: expect.stringContaining(firm.id) },
  });
  expect(good(await convert({ id: firm.id })).body.clientId).toBe(firm.id);
});

type Duplicates = {
  items: { id: string; score: number; reasons: { by: string; weight: number; detail?: string }[] }[];
};
const reasonsOf = ({ items }: Duplicates, id: string) =>
  items.find((one) => one.id === id)?.reasons.map(({ by }) => by);

test('R25: two people whose addresses came together are proposed for a merge, until somebody says they are two', async () => {
  const [email, phone] = [uniqueEmail(), uniquePhone()];
  const { body: one } = await newPerson({ emails: [email], name: 'Пётр Ильин' });
  const { body: two } = await newPerson({ phones: [phone], name: 'Семён Громов' });
  const { lead } = await captured(journey, form, { email, phone });
  expect(lead.personId).toBe(one.id);
  const asked = async (id: string) => good(await journey.seller<Duplicates>(`GET /api/people/${id}/duplicates`)).body;
  expect(reasonsOf(await asked(one.id), two.id)).toEqual(['phone']);
  expect(reasonsOf(await asked(two.id), one.id)).toEqual(['phone']);
  const dismiss = (body: object) => journey.seller('POST /api/duplicates/dismiss', { body });
  expect(good(await dismiss({ a: two.id, b: one.id })).body).toMatchObject({ state: 'distinct' });
  expect((await dismiss({ a: two.id, b: two.id })).status).toBe(400);
  expect((await asked(one.id)).items).toEqual([]);
  await captured(journey, form, { email, phone });
  expect((await asked(two.id)).items).toEqual([]);
  good(await dismiss({ a: one.id, b: two.id, distinct: false }));
  expect(reasonsOf(await asked(one.id), two.id)).toEqual(['phone']);
});

test('R25: similar names are proposed with their reasons: legal form, letters of either alphabet, order of words, a typo', async () => {
  const word = `Крондштейн${Math.floor(Math.random() * 1e6)}`;
  const { body: firm } = await newClient({ name: `ООО «${word}»` });
  const { body: latin } = await newClient({ name: `${word.replace('Крондштейн', 'Krondshteyn')} LLC` });
  const { body: typo } = await newClient({ name: `АО ${word.replace('онд', 'однд')}` });
  const { body: other } = await newClient({ name: 'ООО «Совсем другое»' });
  const surname = `Щербак${Math.floor(Math.random() * 1e6)}`;
  const { body: ivan } = await newPerson({ name: `Иван ${surname}` });
  const { body: swapped, eventId = '' } = await newPerson({ name: `${surname} Иван Сергеевич` });
  await journey.control.settle();
  const search = async (id: string) =>
    good(
      await journey.seller<Duplicates & { behind: boolean }>(`GET /api/search/duplicates/${id}`, {
        headers: { 'x-after-event': eventId },
      }),
    ).body;
  const firms = await search(firm.id);
  expect(firms.behind).toBe(false);
  for (const { id } of [latin, typo]) expect(reasonsOf(firms, id)).toEqual(['name']);
  expect(firms.items.map(({ id }) => id)).not.toContain(other.id);
  expect(firms.items[0]).toMatchObject({ id: latin.id, score: 50, reasons: [{ weight: 50 }] });
  expect(reasonsOf(await search(latin.id), firm.id)).toEqual(['name']);
  expect(reasonsOf(await search(ivan.id), swapped.id)).toEqual(['name']);
  good(await journey.seller('POST /api/duplicates/dismiss', { body: { a: ivan.id, b: swapped.id } }));
  expect((await search(ivan.id)).items.map(({ id }) => id)).not.toContain(swapped.id);
});
