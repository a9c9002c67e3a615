import type * as z from 'zod';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Activity as ActivitySchema } from '#functions/activities/activity.ts';
import type { NamedFilter } from '#functions/activities/work-list.ts';
import { worksDaily } from '#test/support/calendar.ts';
import { good, HEAD, openJourney, type Person, SELLER, unique, uniqueEmail } from '#test/support/journey.ts';
import { captured, type Deal, type Lead, newDeal, newForm, type Problem } from '#test/support/steps.ts';

type Activity = z.input<typeof ActivitySchema>;
type Page<T> = { items: T[]; cursor?: string };
type Entry = {
  id: string;
  at: string;
  kind: string;
  text: string;
  type?: string;
  by?: { kind: string; id: string; text: string };
  from?: { via?: string; channel?: string };
  changes: { field: string; name: string; from?: unknown; to?: unknown; personal?: true }[];
  count: number;
};
type Line = { id: string; at: string; recordId: string; text: string; activity?: Activity };

let journey: Awaited<ReturnType<typeof openJourney>>;
let form: string;
const ids: Record<string, string> = {};
beforeAll(async () => {
  journey = await openJourney();
  await worksDaily(journey, '00:00', '24:00');
  form = await newForm(journey, { welcome: undefined });
  for (const email of [HEAD, SELLER]) ids[email] = good(await journey.as(email)<{ id: string }>('GET /api/me')).body.id;
});
afterAll(() => journey.stop());

const timeline = async (by: Person, id: string, more = '', lang = 'en'): Promise<Page<Entry>> =>
  good(await by<Page<Entry>>(`GET /api/timeline/${id}${more}`, { headers: { 'accept-language': lang } })).body;
const newLead = () => captured(journey, form, { name: 'Ада', email: uniqueEmail() });
const change = async (by: Person, id: string, ifMatch: number | undefined, body: object) =>
  good(await by<Lead>(`PUT /api/leads/${id}`, { ifMatch, body }));
const inHours = async (hours: number): Promise<string> =>
  new Date((await journey.control.clock()).epochMs + hours * 3_600_000).toISOString();
const plan = async (by: Person, body: Record<string, unknown>) =>
  good(await by<Activity>('POST /api/activities', { body: { kind: 'task', ...body } }));

test('R51: quick edits of one person are one entry from first to last; another person, a later time and a move are their own', async () => {
  const { lead, version } = await newLead();
  let saved = await change(journey.head, lead.id, version, { company: 'Аврора', locale: 'en' });
  saved = await change(journey.head, lead.id, saved.version, { company: 'Борей', message: 'раз' });
  saved = await change(journey.head, lead.id, saved.version, { company: 'Вега', locale: 'ru' });
  saved = await change(journey.admin, lead.id, saved.version, { company: 'Гелиос' });
  await journey.control.advance('11m');
  saved = await change(journey.admin, lead.id, saved.version, { company: 'Дон' });
  good(await journey.head(`POST /api/leads/${lead.id}/contact`, { ifMatch: saved.version, body: { how: 'call' } }));
  await journey.control.settle();
  const { items } = await timeline(journey.head, lead.id);
  const told = items.filter(({ kind }) => kind === 'event');
  expect(told.map(({ type, count }) => [type, count])).toEqual([
    ['lead.contacted', 1],
    ['lead.changed', 1],
    ['lead.changed', 1],
    ['lead.changed', 3],
    ['lead.captured', 1],
  ]);
  const [contacted, late, other, quick, first] = told;
  expect(quick?.changes).toEqual(
    expect.arrayContaining([
      { field: 'company', name: 'company', personal: true, to: 'Вега' },
      { field: 'message', name: 'message', personal: true, to: 'раз' },
    ]),
  );
  expect(quick?.changes.map(({ field }) => field)).not.toContain('locale');
  expect(other?.changes).toEqual([{ field: 'company', name: 'company', personal: true, from: 'Вега', to: 'Гелиос' }]);
  expect(late?.changes).toEqual([{ field: 'company', name: 'company', personal: true, from: 'Гелиос', to: 'Дон' }]);
  expect(contacted).toMatchObject({
    text: 'First contact: call',
    by: { kind: 'user', id: ids[HEAD], text: 'Ольга Громова' },
    from: { via: 'POST /leads/{id}/contact' },
    changes: expect.arrayContaining([{ field: 'state', name: 'state', from: 'new', to: 'working' }]),
  });
  expect(first).toMatchObject({
    text: `Lead captured by channel ${form}`,
    by: { text: 'System' },
    from: { channel: form },
  });
  const ru = (await timeline(journey.head, lead.id, '', 'ru')).items.filter(({ kind }) => kind === 'event');
  expect(ru.map(({ text }) => text)).toEqual([
    'Первый контакт: call',
    'Лид изменён',
    'Лид изменён',
    'Лид изменён',
    `Лид получен, канал ${form}`,
  ]);
  expect(ru[1]?.changes[0]?.name).toBe('компания');
});

test('R51: a long history comes page by page, nothing twice and nothing missing, in the order of time, also with activities among it', async () => {
  const { lead, version } = await newLead();
  let saved: { version?: number | undefined } = { version };
  for (let step = 0; step < 6; step += 1) {
    const by = step % 2 ? journey.head : journey.admin;
    saved = await change(by, lead.id, saved.version, { company: `Фирма ${step}` });
    await plan(journey.head, { subject: `шаг ${step}`, recordId: lead.id, dueAt: await inHours(100 - step) });
    await journey.control.settle();
  }
  const whole = await timeline(journey.head, lead.id, '?limit=100');
  expect(whole.cursor).toBeUndefined();
  expect(whole.items.filter(({ kind }) => kind === 'activity')).toHaveLength(6);
  expect(whole.items.filter(({ type }) => type === 'lead.changed')).toHaveLength(6);
  expect(whole.items.map(({ at }) => at)).toEqual(
    whole.items
      .map(({ at }) => at)
      .toSorted()
      .reverse(),
  );
  for (const limit of [1, 4]) {
    const paged: Entry[] = [];
    let cursor: string | undefined;
    do {
      const more = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page = await timeline(journey.head, lead.id, `?limit=${limit}${more}`);
      expect(page.items.length).toBeLessThanOrEqual(limit);
      paged.push(...page.items);
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(paged).toEqual(whole.items);
  }
  const { cursor = '' } = await timeline(journey.head, lead.id, '?limit=1');
  const other = await newLead();
  const wrong = await journey.head<Problem>(`GET /api/timeline/${other.lead.id}?cursor=${encodeURIComponent(cursor)}`);
  expect(wrong).toMatchObject({ status: 400, body: { code: 'cursor_invalid' } });
});

test('R51: the history of a deal tells each move from and to; nobody changes it', async () => {
  const { lead, version } = await newLead();
  const body = { client: { kind: 'person' } };
  const { clientId = '' } = good(
    await journey.head<Lead>(`POST /api/leads/${lead.id}/convert`, { ifMatch: version, body }),
  ).body;
  const deal = await newDeal(journey.head, clientId, { lines: [] });
  const move = { stage: 'lost', lostReason: 'Дорого' };
  good(await journey.head<Deal>(`POST /api/deals/${deal.body.id}/stage`, { ifMatch: deal.version, body: move }));
  const { items } = await timeline(journey.head, deal.body.id, '', 'ru');
  expect(items[0]).toMatchObject({ type: 'deal.moved', text: 'Стадия: new → lost' });
  expect(items[0]?.changes).toEqual(
    expect.arrayContaining([{ field: 'lostReason', name: 'причина проигрыша', personal: true, to: 'Дорого' }]),
  );
  expect(await journey.visitor(`GET /api/timeline/${deal.body.id}`)).toMatchObject({ status: 401 });
  for (const call of ['PUT', 'POST', 'DELETE'])
    expect((await journey.admin(`${call} /api/timeline/${deal.body.id}`, { body: {} })).status).toBe(404);
  expect(await journey.head('GET /api/timeline/deal_00000000000000000000000000')).toMatchObject({ status: 404 });
});

test('R62, R2: today and overdue hold what is to be done, first steps of leads among it, and nothing of leads that were put off', async () => {
  const body = {
    name: 'Пятый',
    email: `${unique('s')}@sdelka.example`,
    roles: ['seller'],
    locale: 'ru',
    zone: 'Asia/Vladivostok',
  };
  const owner = good(await journey.admin<{ id: string }>('POST /api/users', { body })).body.id;
  const mine = async () => {
    const made = await newLead();
    return good(
      await journey.head<Lead>(`POST /api/leads/${made.lead.id}/owner`, {
        ifMatch: made.version,
        body: { ownerId: owner },
      }),
    );
  };
  const [fresh, planned, off] = [await mine(), await mine(), await mine()];
  const late = await plan(journey.head, {
    subject: 'late',
    recordId: planned.body.id,
    ownerId: owner,
    dueAt: await inHours(-30),
  });
  const over = await plan(journey.head, {
    subject: 'over',
    recordId: off.body.id,
    ownerId: owner,
    dueAt: await inHours(-2),
  });
  await plan(journey.head, { subject: 'far', recordId: planned.body.id, ownerId: owner, dueAt: await inHours(80) });
  await plan(journey.head, { subject: 'no time', recordId: planned.body.id, ownerId: owner });
  await journey.control.settle();
  const work = async (what: string, more = '') =>
    good(await journey.head<Page<Line>>(`GET /api/work/${what}?owner=${owner}${more}`)).body;
  const day = new Date((await journey.control.clock()).epochMs + 3 * 3_600_000).toISOString().slice(0, 10);
  const dayOf = (at: string) => new Date(Date.parse(at) + 3 * 3_600_000).toISOString().slice(0, 10);
  expect((await work('overdue')).items.map(({ id }) => id)).toEqual([late.body.id, over.body.id]);
  const first = await work('overdue', '&limit=1');
  expect(first.items.map(({ id }) => id)).toEqual([late.body.id]);
  const second = await work('overdue', `&limit=1&cursor=${encodeURIComponent(first.cursor ?? '')}`);
  expect(second.items.map(({ id }) => id)).toEqual([over.body.id]);
  for (const { at } of (await work('today')).items) expect(dayOf(at)).toBe(day);
  const until = (await inHours(24 * 5)).slice(0, 10);
  good(
    await journey.head(`POST /api/leads/${off.body.id}/postpone`, {
      ifMatch: off.version,
      body: { until, reason: 'season' },
    }),
  );
  expect((await work('overdue')).items.map(({ id }) => id)).toEqual([late.body.id]);
  await journey.control.advance('1h');
  const overdue = (await work('overdue')).items;
  expect(overdue.map(({ recordId }) => recordId)).toContain(fresh.body.id);
  expect(overdue.find(({ recordId }) => recordId === fresh.body.id)?.text).toBe('Первый контакт');
  expect(overdue.map(({ recordId }) => recordId)).not.toContain(off.body.id);
});

test('R2, R62: leads and deals without a next action and forgotten ones are lists anybody opens by name', async () => {
  const lists = good(await journey.head<{ items: z.output<typeof NamedFilter>[] }>('GET /api/activities/lists')).body
    .items;
  const open = async (id: string): Promise<string[]> => {
    const { list, filter, sort } = lists.find((one) => one.id === id) ?? { list: '', filter: '', sort: '' };
    const query = `filter=${encodeURIComponent(filter)}&sort=${sort}&limit=100`;
    return good(await journey.head<Page<{ id: string }>>(`GET /api/lists/${list}?${query}`)).body.items.map(
      (one) => one.id,
    );
  };
  const [bare, busy] = [await newLead(), await newLead()];
  for (const { lead } of [bare, busy])
    await plan(journey.head, { kind: 'call', subject: 'звонок', recordId: lead.id, done: true });
  await plan(journey.head, { subject: 'дальше', recordId: busy.lead.id, dueAt: await inHours(24) });
  await journey.control.settle();
  const none = await open('leads-no-next-action');
  expect(none).toContain(bare.lead.id);
  expect(none).not.toContain(busy.lead.id);
  expect(await open('leads-forgotten')).not.toContain(bare.lead.id);
  const rules = good(await journey.admin<{ body: object }>('GET /api/settings/work-rules/main'));
  const save = { name: 'Правила', body: { ...rules.body.body, forgottenDays: 1 } };
  good(await journey.admin('PUT /api/settings/work-rules/main', { ifMatch: rules.version, body: save }));
  await journey.control.advance('25h');
  const shorter = good(await journey.head<{ items: z.output<typeof NamedFilter>[] }>('GET /api/activities/lists')).body
    .items;
  lists.splice(0, lists.length, ...shorter);
  await plan(journey.head, { kind: 'call', subject: 'снова', recordId: busy.lead.id, done: true });
  await journey.control.settle();
  const forgotten = await open('leads-forgotten');
  expect(forgotten).toContain(bare.lead.id);
  expect(forgotten).not.toContain(busy.lead.id);
  for (const { id } of lists) expect(Array.isArray(await open(id))).toBe(true);
});
