import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dateIn } from '#shared/time.ts';
import { good, openJourney, type Person, unique, uniqueEmail } from '#test/support/journey.ts';
import { allOf, askList, listed, lonelySeller } from '#test/support/list.ts';
import { captured, changeSetting, type Deal, type Lead, newForm, PUMP } from '#test/support/steps.ts';

type Opens = { list: string; filter: string; archived?: true };
type Counted = { count: number; opens: Opens };
type Money = { amount: string; currency: string };
type Channel = {
  channel: string;
  on?: boolean;
  leads: Counted;
  days: (Counted & { from: string })[];
  weeks: (Counted & { from: string })[];
  lastAt?: string;
  silentMinutes?: number;
  usual?: { gaps: number; median: number; p90: number; limit: number };
  silent: boolean;
};
type Entry = {
  id: string;
  at: string;
  type: string;
  text: string;
  record: { kind: string; id: string };
  by: { kind: string; id: string; name?: string };
  changes: { field: string; name: string; from?: unknown; to?: unknown; personal?: true }[];
};
type Counts = {
  items: { by: string; name?: string; day: string; type: string; count: number }[];
  users: { by: string; name?: string; count: number }[];
};
type Waiting = {
  id: string;
  name: { ru: string; en: string };
  count: number;
  opens: Opens;
  owners: (Counted & { ownerId?: string; name?: string })[];
};

let journey: Awaited<ReturnType<typeof openJourney>>;
let market: Person;
const ids: Record<'seller' | 'anna', string> = { seller: '', anna: '' };

beforeAll(async () => {
  journey = await openJourney();
  market = journey.as('market@sdelka.example');
  for (const who of ['seller', 'anna'] as const)
    ids[who] = good(await journey[who]<{ id: string }>('GET /api/me')).body.id;
});
afterAll(() => journey.stop());

const report = async <T>(who: Person, path: string, query: Record<string, string> = {}): Promise<T> =>
  good(await askList<T>(who, `reports/${path}`, query)).body;
/** How many rows the list behind a number has, counted one by one. */
const rowsBehind = async (who: Person, { list, filter, archived }: Opens): Promise<string[]> =>
  (await allOf(who, `lists/${list}`, { filter, limit: '100', ...(archived && { archived: 'true' }) })).map(
    ({ id }) => id,
  );
const today = async (): Promise<string> => dateIn('Europe/Moscow', (await journey.control.clock()).now);
const newLead = async (by: Person, change: object = {}) =>
  good(await by<Lead>('POST /api/leads', { body: { name: unique('Лид'), email: uniqueEmail(), ...change } }));

describe('R2: channels', () => {
  const channelOf = async (id: string, who: Person = journey.head, days = '14'): Promise<Channel> => {
    const { items } = await report<{ items: Channel[] }>(who, 'channels', { days });
    const found = items.find(({ channel }) => channel === id);
    if (!found) throw new Error(`There is no channel ${id}.`);
    return found;
  };
  const newChannel = async (name: string, on = true): Promise<string> => {
    const id = unique('channel');
    good(await journey.admin(`PUT /api/settings/channels/${id}`, { body: { name, body: { kind: 'form', on } } }));
    return id;
  };
  const told = async (to: string, name: string): Promise<number> => (await journey.mail(to, name)).length;
  const history = async (channel: string): Promise<string[]> =>
    (await report<{ items: Entry[] }>(journey.head, 'history', { record: `channel.${channel}` })).items
      .map(({ type }) => type)
      .filter((type) => type.startsWith('channel.'));

  test('one that is silent for longer than its usual gap is told of, exactly once for each silence', async () => {
    const [name, offName, fewName] = [unique('Выставка'), unique('Старый'), unique('Редкий')];
    const [busy, off, few] = [await newChannel(name), await newChannel(offName, false), await newChannel(fewName)];
    await journey.inForce();
    for (let turn = 0; turn < 8; turn += 1) {
      for (const channel of [busy, off]) await newLead(journey.seller, { channel });
      if (turn < 2) await newLead(journey.seller, { channel: few });
      if (turn < 7) await journey.control.advance('2h');
    }
    await journey.control.settle();
    const usual = await channelOf(busy);
    expect(usual).toMatchObject({ on: true, silent: false, silentMinutes: 0, leads: { count: 8 } });
    expect(usual.usual).toMatchObject({ gaps: 7, median: 120, p90: 120, limit: 180 });
    expect(await channelOf(few)).toMatchObject({ silent: false, leads: { count: 2 } });
    expect((await channelOf(few)).usual).toBeUndefined();
    await journey.control.advance('2h');
    expect(await told('market@sdelka.example', name)).toBe(0);

    await journey.control.advance('3h');
    const silent = await channelOf(busy);
    expect(silent).toMatchObject({ silent: true, lastAt: usual.lastAt });
    expect(Math.abs((silent.silentMinutes ?? 0) - 300)).toBeLessThanOrEqual(5);
    const [letter] = await journey.mail('market@sdelka.example', name);
    expect(letter?.subject).toBe(`Канал молчит: ${name}`);
    expect(letter?.text).toContain('не дольше 3 ч');
    await journey.control.advance('5h');
    for (const to of ['market@sdelka.example', 'head@sdelka.example'])
      expect([to, await told(to, name)]).toEqual([to, 1]);
    expect(await told('seller@sdelka.example', name)).toBe(0);
    expect(await history(busy)).toEqual(['channel.silent']);

    await newLead(journey.seller, { channel: busy });
    await journey.control.advance('1h');
    expect(await channelOf(busy)).toMatchObject({ silent: false });
    expect(await history(busy)).toEqual(['channel.heard', 'channel.silent']);
    await journey.control.advance('6h');
    expect(await history(busy)).toEqual(['channel.silent', 'channel.heard', 'channel.silent']);
    for (const to of ['market@sdelka.example', 'head@sdelka.example'])
      expect([to, await told(to, name)]).toEqual([to, 2]);
    expect(await channelOf(off)).toMatchObject({ on: false, silent: true });
    for (const quiet of [offName, fewName]) expect(await told('market@sdelka.example', quiet)).toBe(0);
    expect([...(await history(off)), ...(await history(few))]).toEqual([]);
  });

  test('leads by day and week add up, each number opens the leads behind it, and a seller counts what he may see', async () => {
    const form = await newForm(journey);
    const { lead } = await captured(journey, form, { name: 'Ада', email: uniqueEmail() });
    await newLead(journey.seller, { channel: 'site' });
    const away = await newLead(journey.seller, { channel: 'site' });
    good(await journey.seller(`PUT /api/leads/${away.body.id}`, { ifMatch: away.version, body: { archived: true } }));
    await journey.control.settle();
    const found = await channelOf(form);
    expect([found.on, found.leads.count]).toEqual([undefined, 1]);
    expect(await rowsBehind(journey.head, found.leads.opens)).toEqual([lead.id]);
    const { items } = await report<{ items: Channel[] }>(journey.head, 'channels', { days: '9' });
    for (const { leads, days, weeks } of items) {
      expect(days).toHaveLength(9);
      expect(days.reduce((sum, { count }) => sum + count, 0)).toBe(leads.count);
      expect(weeks.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThanOrEqual(leads.count);
      for (const number of [leads, ...days.slice(-2), ...weeks])
        expect(await rowsBehind(journey.head, number.opens)).toHaveLength(number.count);
    }
    expect(items.find(({ channel }) => channel === 'site')?.leads.count).toBe(2);
    const all = items.reduce((sum, { leads }) => sum + leads.count, 0);
    const day = (await journey.control.clock()).now;
    expect(day > found.lastAt!).toBe(true);
    expect((await listed(journey.head, 'lists/leads', { totals: '', archived: 'true' })).totals?.count).toBe(all);
    const far = await lonelySeller(journey);
    expect((await channelOf('site', far.as)).leads.count).toBe(0);
    expect(await askList(journey.head, 'reports/channels', { days: '0' })).toMatchObject({ status: 400 });
    expect(await askList(journey.as('books@sdelka.example'), 'reports/channels')).toMatchObject({ status: 403 });
  });
});

test('R46: postponed, returned, won after return and the money from it, each with the records behind it', async () => {
  type Postponed = { postponed: Counted; returned: Counted; away: Counted; won?: Counted & { money: Money[] } };
  const before = await report<Postponed>(journey.head, 'postponed');
  expect(before).toMatchObject({ postponed: { count: 0 }, returned: { count: 0 }, won: { count: 0, money: [] } });
  const [back, early, late, never] = [
    await newLead(journey.seller),
    await newLead(journey.anna),
    await newLead(journey.seller),
    await newLead(journey.seller),
  ];
  const clock = (await journey.control.clock()).epochMs;
  const postpone = async ({ body: { id }, version }: typeof back, days: number) => {
    const until = new Date(clock + days * 86_400_000).toISOString().slice(0, 10);
    return good(
      await journey.seller<Lead>(`POST /api/leads/${id}/postpone`, {
        ifMatch: version,
        body: { until, reason: 'season' },
      }),
    );
  };
  await postpone(back, 1);
  const put = await postpone(early, 30);
  good(await journey.seller(`POST /api/leads/${early.body.id}/resume`, { ifMatch: put.version }));
  await postpone(late, 60);
  const first = await today();
  const isBack = async (): Promise<boolean> =>
    good(await journey.seller<Lead>(`GET /api/leads/${back.body.id}`)).body.returnedAt !== undefined;
  // When work begins on that day, or on the first working day after it.
  for (let day = 0; day < 14 && !(await isBack()); day += 1) await journey.control.advance('1d');
  expect(await isBack()).toBe(true);
  const body = {
    client: { kind: 'person' },
    deal: { typeId: 'quick', lines: [{ productId: PUMP, quantity: '2' }] },
  };
  const winning = async ({ body: { id } }: { body: { id: string } }): Promise<string> => {
    const { version } = good(await journey.seller<Lead>(`GET /api/leads/${id}`));
    const { dealId = '' } = good(
      await journey.seller<Lead>(`POST /api/leads/${id}/convert`, { ifMatch: version, body }),
    ).body;
    const deal = good(await journey.seller<Deal>(`GET /api/deals/${dealId}`));
    good(await journey.seller(`POST /api/deals/${dealId}/win`, { ifMatch: deal.version, body: {} }));
    return dealId;
  };
  const won = await winning(back);
  await winning(never);
  await journey.control.settle();
  const found = await report<Postponed>(journey.head, 'postponed');
  const rows = async (number: Counted | undefined, who = journey.head): Promise<string[]> => {
    const behind = await rowsBehind(who, number?.opens ?? { list: '', filter: '' });
    expect(behind).toHaveLength(number?.count ?? -1);
    return behind;
  };
  const of = (...records: { body: { id: string } }[]) => new Set(records.map((one) => one.body.id));
  expect(new Set(await rows(found.postponed))).toEqual(of(back, early, late));
  expect(new Set(await rows(found.returned))).toEqual(of(back, early));
  expect(await rows(found.away)).toEqual([late.body.id]);
  expect(await rows(found.won)).toEqual([won]);
  expect(found.won?.money).toEqual([{ amount: '97000.00', currency: 'RUB' }]);
  const then = await report<Postponed>(journey.head, 'postponed', { from: first, to: first });
  expect([then.postponed.count, then.returned.count, then.won?.count]).toEqual([3, 1, 0]);
  const forMarket = await report<Postponed>(market, 'postponed');
  expect([forMarket.postponed.count, forMarket.won]).toEqual([3, undefined]);
  const far = await lonelySeller(journey);
  expect(await report<Postponed>(far.as, 'postponed')).toMatchObject({
    postponed: { count: 0 },
    away: { count: 0 },
    won: { count: 0, money: [] },
  });
  expect(await askList(journey.head, 'reports/postponed', { from: '2026-12-02', to: '2026-12-01' })).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '/query/from' }] },
  });
});

describe('R51: the history of what people did', () => {
  const historyOf = async (who: Person, query: Record<string, string>): Promise<Entry[]> =>
    (await allOf(who, 'reports/history', { limit: '7', ...query })) as unknown as Entry[];

  test('says who, when, from what to what, by seller and day; the count of each seller equals his entries', async () => {
    const { body: client } = good(
      await journey.seller<{ id: string }>('POST /api/clients', { body: { kind: 'person', name: unique('Клиент') } }),
    );
    const deal = good(
      await journey.seller<Deal>('POST /api/deals', {
        body: {
          typeId: 'quick',
          name: unique('Сделка'),
          clientId: client.id,
          lines: [{ productId: PUMP, quantity: '1' }],
        },
      }),
    );
    const asked = good(
      await journey.anna<Deal>(`PUT /api/deals/${deal.body.id}`, {
        ifMatch: deal.version,
        body: { name: 'Другая', lines: [{ productId: PUMP, quantity: '1', discount: '18' }] },
      }),
    );
    const moved = good(
      await journey.seller<Deal>(`POST /api/deals/${deal.body.id}/stage`, {
        ifMatch: asked.version,
        body: { stage: 'agreed' },
      }),
    );
    await journey.control.settle();
    const day = await today();
    const [entry] = await historyOf(journey.head, { record: deal.body.id, type: 'deal.moved', day });
    expect(entry).toMatchObject({
      text: 'Стадия: new → agreed',
      at: moved.body.stageSince,
      record: { kind: 'deal', id: deal.body.id },
      by: { kind: 'user', id: ids.seller, name: 'Иван Петров' },
      changes: expect.arrayContaining([{ field: 'stage', name: 'стадия', from: 'new', to: 'agreed' }]),
    });
    const [changed] = await historyOf(journey.anna, { record: deal.body.id, type: 'deal.changed', by: ids.anna });
    expect(changed?.text).toBe('Deal changed');
    expect(changed?.changes).toContainEqual({ field: 'name', name: 'name', personal: true });
    expect(changed?.changes.find(({ field }) => field === 'amount')).toMatchObject({
      from: { amount: '48500.00', currency: 'RUB' },
      to: { amount: '39770.00', currency: 'RUB' },
    });
    expect(changed?.changes.find(({ field }) => field === 'margin')).toEqual({ field: 'margin', name: 'margin' });

    const from = dateIn(
      'Europe/Moscow',
      new Date((await journey.control.clock()).epochMs - 6 * 86_400_000).toISOString(),
    );
    for (const who of [journey.head, journey.seller, market]) {
      const counts = await report<Counts>(who, 'history/counts', { from });
      for (const { by, count } of counts.users) {
        const entries = await historyOf(who, { by, from });
        expect([by, entries.length]).toEqual([by, count]);
        const days = Map.groupBy(entries, ({ at, type }) => `${dateIn('Europe/Moscow', at)} ${type}`);
        const mine = counts.items.filter((one) => one.by === by);
        expect(new Map(mine.map((one) => [`${one.day} ${one.type}`, one.count]))).toEqual(
          new Map([...days].map(([key, some]) => [key, some.length])),
        );
      }
      const one = await report<Counts>(who, 'history/counts', { from, type: 'lead.captured', by: ids.seller });
      expect(one.users.map(({ by, name }) => [by, name])).toEqual([[ids.seller, 'Иван Петров']]);
    }
    const kinds = new Set((await historyOf(journey.head, { by: ids.anna, day })).map(({ type }) => type));
    expect([...kinds]).toEqual(expect.arrayContaining(['deal.changed', 'approval.asked']));
    expect(new Set((await historyOf(journey.seller, { by: ids.anna, day })).map(({ type }) => type))).toEqual(kinds);
  });

  test('tells of nothing beyond reach, and nobody can change it', async () => {
    const far = await lonelySeller(journey);
    const own = await newLead(far.as);
    await journey.control.settle();
    const about = (entries: Entry[]) => new Set(entries.map(({ record }) => record.kind));
    const theirs = await historyOf(far.as, {});
    expect(theirs.filter(({ by }) => by.id === far.id).map(({ record }) => record.id)).toContain(own.body.id);
    for (const kind of ['deal', 'dealWork', 'approval', 'order', 'letter']) expect(about(theirs)).not.toContain(kind);
    expect(theirs.filter(({ record }) => record.kind === 'lead').map(({ record }) => record.id)).toEqual([own.body.id]);
    // What nobody owns is everybody's: the people leads came from, settings, products.
    const unowned = new Set(['person', 'product', 'setting']);
    const sellers = [...about(theirs.filter(({ by }) => by.id === ids.seller))];
    expect(sellers.filter((kind) => !unowned.has(kind))).toEqual([]);
    expect(await historyOf(journey.seller, { record: own.body.id })).toEqual([]);
    expect((await historyOf(journey.head, { record: own.body.id })).length).toBeGreaterThan(0);
    const seen = about(await historyOf(market, {}));
    expect(seen).toContain('lead');
    expect(seen).not.toContain('deal');
    for (const method of ['PUT', 'POST', 'DELETE'])
      expect((await journey.admin(`${method} /api/reports/history`, { body: {} })).status).toBe(404);
    expect(await askList(journey.head, 'reports/history', { day: '2026-11-23', from: '2026-11-23' })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/query/day' }] },
    });
  });
});

describe('R2, R62: what waits for somebody', () => {
  const waiting = async (who: Person, query: Record<string, string> = {}): Promise<Map<string, Waiting>> => {
    const { items } = await report<{ items: Waiting[] }>(who, 'attention', query);
    return new Map(items.map((one) => [one.id, one]));
  };

  test('no owner or next action, overdue, today, forgotten: counts of each seller, each opening exactly its records', async () => {
    const [planless, calm, leaving] = [
      await newLead(journey.anna),
      await newLead(journey.seller),
      await lonelySeller(journey),
    ];
    const call = { kind: 'call', subject: 'Звонок', recordId: planless.body.id, done: true };
    good(await journey.anna('POST /api/activities', { body: call }));
    const left = await newLead(leaving.as);
    const user = good(await journey.admin(`GET /api/users/${leaving.id}`));
    good(await journey.admin(`POST /api/users/${leaving.id}/switch-off`, { ifMatch: user.version }));
    const soon = new Date((await journey.control.clock()).epochMs + 40 * 3_600_000).toISOString();
    const task = { kind: 'task', subject: 'Потом', recordId: calm.body.id, dueAt: soon };
    good(await journey.seller('POST /api/activities', { body: task }));
    await changeSetting(journey, 'work-rules/main', { forgottenDays: 1 });
    await journey.control.advance('26h');
    const { body: fresh } = await newLead(journey.seller);
    await journey.control.settle();
    const lists = await waiting(journey.head);
    expect(lists.get('leads-no-next-action')?.name).toEqual({
      ru: 'Лиды без ответственного или следующего шага',
      en: 'Leads without an owner or a next action',
    });
    for (const { opens, count, owners } of lists.values()) {
      expect([opens, (await rowsBehind(journey.head, opens)).length]).toEqual([opens, count]);
      expect(owners.reduce((sum, one) => sum + one.count, 0)).toBe(count);
      for (const one of owners) expect(await rowsBehind(journey.head, one.opens)).toHaveLength(one.count);
    }
    const rows = async (id: string): Promise<string[]> =>
      rowsBehind(journey.head, lists.get(id)?.opens ?? { list: '', filter: '' });
    expect(await rows('leads-no-next-action')).toEqual(expect.arrayContaining([planless.body.id, left.body.id]));
    expect(await rows('leads-no-next-action')).not.toContain(fresh.id);
    expect(await rows('leads-forgotten')).toEqual(expect.arrayContaining([calm.body.id, planless.body.id]));
    expect(await rows('leads-forgotten')).not.toContain(fresh.id);
    expect(lists.get('deals-no-next-action')?.count).toBeGreaterThan(0);
    const ofAnna = lists.get('leads-forgotten')?.owners.find(({ ownerId }) => ownerId === ids.anna);
    expect([ofAnna?.name, (ofAnna?.count ?? 0) > 0]).toEqual(['Anna Meyer', true]);

    const annas = await waiting(journey.head, { owner: ids.anna });
    expect(annas.get('leads-forgotten')?.count).toBe(ofAnna?.count);
    for (const { count, opens } of annas.values())
      for (const id of await rowsBehind(journey.head, opens)) {
        expect(count).toBeGreaterThan(0);
        const { items } = await listed(journey.head, `lists/${opens.list}`, { filter: `id == "${id}"` });
        expect(items[0]?.['ownerId']).toBe(ids.anna);
      }
    const seen = await waiting(journey.seller);
    expect(
      await rowsBehind(journey.seller, seen.get('leads-no-next-action')?.opens ?? { list: '', filter: '' }),
    ).not.toContain(left.body.id);
    for (const { count, opens } of seen.values()) expect(await rowsBehind(journey.seller, opens)).toHaveLength(count);
    expect(await askList(journey.seller, 'reports/attention', { owner: leaving.id })).toMatchObject({
      status: 403,
      body: { code: 'out_of_reach' },
    });
    expect([...(await waiting(market)).keys()].filter((id) => id.startsWith('deals'))).toEqual([]);
  });
});

describe('R66: which fields a list has', () => {
  type Field = {
    field: string;
    name: { ru: string; en: string };
    kind: string;
    values?: string[];
    indexed: boolean;
    searched: boolean;
  };
  type Custom = { field: string; name: { ru: string; en: string }; kind: string; options?: object[]; retired: boolean };
  type List = { name: string; fields: Field[]; custom: Custom[] };
  const listsOf = async (who: Person): Promise<Map<string, List>> =>
    new Map(good(await who<{ items: List[] }>('GET /api/lists')).body.items.map((one) => [one.name, one]));

  test('every field that is named can be filtered by, sorted by where it is indexed, and is shown to who may see it', async () => {
    const name = { ru: 'Размер', en: 'Size' };
    const options = [{ id: 'big', name: { ru: 'Большой', en: 'Big' } }];
    const fields = [{ id: 'size', kind: 'choice', name, options }];
    good(await journey.admin('PUT /api/settings/field-sets/lead', { body: { name: 'lead', body: { fields } } }));
    await journey.inForce();
    const heads = await listsOf(journey.head);
    for (const list of heads.values()) {
      const all = [...list.fields, ...list.custom].map(({ field }) => field);
      for (let at = 0; at < all.length; at += 20) {
        const filter = all
          .slice(at, at + 20)
          .map((field) => `has(${field})`)
          .join(' || ');
        expect([filter, (await askList(journey.head, `lists/${list.name}`, { filter, limit: '1' })).status]).toEqual([
          filter,
          200,
        ]);
      }
      for (const { field, indexed } of list.fields)
        if (indexed)
          expect((await askList(journey.head, `lists/${list.name}`, { sort: field, limit: '1' })).status).toBe(200);
    }
    for (const { name: list, fields: all } of heads.values())
      for (const { field, name: text } of all) expect([list, field, text.ru]).not.toEqual([list, field, field]);
    const leads = heads.get('leads');
    expect(leads?.custom).toEqual([
      { field: 'custom.size', name, kind: 'choice', options, retired: false, searched: true },
    ]);
    expect(leads?.fields.find(({ field }) => field === 'state')).toMatchObject({
      kind: 'text',
      name: { ru: 'состояние', en: 'state' },
      values: ['new', 'working', 'qualified', 'converted', 'rejected'],
    });
    const namesOf = (lists: Map<string, List>, list: string) => lists.get(list)?.fields.map(({ field }) => field) ?? [];
    expect(namesOf(heads, 'products')).toContain('cost');
    const sellers = await listsOf(journey.seller);
    expect(namesOf(sellers, 'products')).toContain('sku');
    for (const list of ['products', 'deals']) expect(namesOf(sellers, list).join()).not.toMatch(/cost|margin/);
    expect((await listsOf(market)).has('deals')).toBe(false);
  });
});
