import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fold } from '#shared/text.ts';
import { dateIn } from '#shared/time.ts';
import { good, openJourney, type Person, unique, uniqueEmail, uniquePhone } from '#test/support/journey.ts';
import { allOf, askList, type Group, listed, lonelySeller, type Row } from '#test/support/list.ts';
import { changeSetting, type Deal, dealOf, type Lead, PUMP } from '#test/support/steps.ts';

let journey: Awaited<ReturnType<typeof openJourney>>;
let clientId: string;

const both = (en: string) => ({ ru: en, en });
const options = (...ids: string[]) => ids.map((id) => ({ id, name: both(id) }));
const FIELDS = [
  { id: 'staff', kind: 'number', name: both('Staff') },
  { id: 'budget', kind: 'money', name: both('Budget') },
  { id: 'due', kind: 'date', name: both('Due') },
  { id: 'size', kind: 'choice', name: both('Size'), options: options('small', 'big') },
  { id: 'uses', kind: 'multi-choice', name: both('Uses'), options: options('water', 'oil') },
  { id: 'note', kind: 'text', name: both('Note') },
];

/** Leads with every mixture of having, lacking and sharing values. */
const GIVEN = [
  { name: 'ООО «Ромашка»', custom: { staff: '12.5', budget: rub('100.10'), size: 'big', uses: ['water'] } },
  { name: 'ромашки и Ко', custom: { staff: '7', budget: rub('0.20'), size: 'small', uses: ['water', 'oil'] } },
  { name: 'Ёлки', custom: { staff: '-3', budget: { amount: '5.55', currency: 'EUR' }, due: '2026-12-01' } },
  { name: 'Acme GmbH', custom: { staff: '100', due: '2026-12-24', size: 'big' } },
  { name: 'acme Two', custom: { budget: rub('100.10'), due: '2026-12-01', note: 'ДОСТАВКА до ёлки' } },
  { name: 'Zeta', custom: { staff: '7', size: 'big', uses: ['oil'] } },
  { name: 'Без полей' },
  { name: 'Без почты', phone: uniquePhone(), email: undefined, custom: { size: 'small' } },
];
type Given = { name: string; custom?: Record<string, unknown> };
function rub(amount: string) {
  return { amount, currency: 'RUB' };
}

let channel: string;
let made: Row[];

beforeAll(async () => {
  journey = await openJourney();
  for (const kind of ['lead', 'deal'])
    good(
      await journey.admin(`PUT /api/settings/field-sets/${kind}`, { body: { name: kind, body: { fields: FIELDS } } }),
    );
  channel = unique('channel');
  const body = { name: channel, body: { kind: 'form', on: true } };
  good(await journey.admin(`PUT /api/settings/channels/${channel}`, { body }));
  await journey.inForce();
  for (const given of GIVEN)
    good(await journey.seller('POST /api/leads', { body: { email: uniqueEmail(), channel, ...given } }));
  const client = { kind: 'organisation', name: unique('Завод'), taxId: '7707 083 893' };
  clientId = good(await journey.seller<{ id: string }>('POST /api/clients', { body: client })).body.id;
  await journey.control.settle();
  made = await allOf(journey.head, 'lists/leads', { filter: `channel == "${channel}"` });
});
afterAll(() => journey.stop());

const own = (row: Row, field: string): unknown =>
  field.startsWith('custom.') ? (row['custom'] as Record<string, unknown> | undefined)?.[field.slice(7)] : row[field];
const amountOf = (value: unknown): number | undefined =>
  value === undefined ? undefined : Number((value as { amount: string }).amount);
/** What a value is compared by. */
const comparable = (value: unknown): string | number | undefined => {
  if (value === undefined || typeof value === 'number') return value;
  if (typeof value === 'object') return amountOf(value);
  const text = fold(value as string);
  return text !== '' && !Number.isNaN(Number(text)) ? Number(text) : text;
};
const byName = (name: string) => (row: Row) => fold(String(row['name'])).includes(name);

/** Filters, and the same said of a row. */
const FILTERS: [string, (row: Row, now: string) => boolean][] = [
  ['state == "new"', ({ state }) => state === 'new'],
  ['name.contains("РОМАШ")', byName('ромаш')],
  ['name.startsWith("acme") || name.contains("ёлк")', (row) => byName('acme')(row) || byName('елк')(row)],
  ['!(name.contains("ромаш"))', (row) => !byName('ромаш')(row)],
  ['custom.staff > 7', (row) => Number(own(row, 'custom.staff')) > 7],
  [
    'custom.staff <= 7 && has(custom.size)',
    (row) => Number(own(row, 'custom.staff')) <= 7 && !!own(row, 'custom.size'),
  ],
  ['custom.size == "big" && score >= 0', (row) => own(row, 'custom.size') === 'big'],
  ['custom.size in ["small", "huge"]', (row) => own(row, 'custom.size') === 'small'],
  ['!has(custom.size)', (row) => own(row, 'custom.size') === undefined],
  ['"water" in custom.uses', (row) => [own(row, 'custom.uses')].flat().includes('water')],
  ['custom.budget > 5.5', (row) => (amountOf(own(row, 'custom.budget')) ?? 0) > 5.5],
  ['custom.due < "2026-12-10"', (row) => ((own(row, 'custom.due') as string | undefined) ?? '9') < '2026-12-10'],
  ['custom.note.contains("доставка до елки")', (row) => own(row, 'custom.note') !== undefined],
  ['has(phone) && email == null', ({ phone, email }) => phone !== undefined && email === undefined],
  [
    'capturedAt < now && capturedAt > daysAgo(1) && custom["size"] != "big"',
    (row) => own(row, 'custom.size') !== 'big',
  ],
  ['ownerId == me', () => false],
];
const SORTS = ['name', 'capturedAt', 'score', 'madeAt', 'email', 'custom.staff', 'custom.budget', 'custom.due'];

const ofChannel = (filter: string): string => `channel == "${channel}" && (${filter})`;

describe('R66: a list', () => {
  test.each(SORTS)('is the same rows in the same order for every filter, sorted by %s both ways', async (sort) => {
    const field = sort === 'madeAt' ? 'capturedAt' : sort;
    for (const [filter, fits] of FILTERS)
      for (const down of [false, true]) {
        const sign = down ? -1 : 1;
        const found = await listed(journey.head, 'lists/leads', {
          filter: ofChannel(filter),
          sort: `${down ? '-' : ''}${sort}`,
          totals: 'custom.budget,custom.staff,score',
        });
        const wanted = made
          .filter((row) => fits(row, found.asOf))
          .toSorted((a, b) => {
            const [x, y] = [comparable(own(a, field)), comparable(own(b, field))];
            if (x === y) return a.id < b.id ? -sign : sign;
            if (x === undefined || y === undefined) return x === undefined ? -sign : sign;
            return x < y ? -sign : sign;
          });
        expect([filter, down, found.items.map(({ name }) => name)]).toEqual([
          filter,
          down,
          wanted.map(({ name }) => name),
        ]);
        const budgets = wanted.flatMap((row) => (own(row, 'custom.budget') ?? []) as ReturnType<typeof rub>[]);
        const sum = (currency: string) =>
          budgets
            .filter((one) => one.currency === currency)
            .reduce((cents, { amount }) => cents + Math.round(Number(amount) * 100), 0);
        const money = ['EUR', 'RUB']
          .filter((currency) => budgets.some((one) => one.currency === currency))
          .map((currency) => ({ amount: (sum(currency) / 100).toFixed(2), currency }));
        expect(found.totals).toEqual({
          count: wanted.length,
          sums: {
            'custom.budget': { money },
            'custom.staff': { number: wanted.reduce((all, row) => all + Number(own(row, 'custom.staff') ?? 0), 0) },
            score: { number: wanted.reduce((all, row) => all + Number(row['score']), 0) },
          },
        });
      }
  });

  test('was told by filters that tell rows apart', () => {
    expect(new Set(made.map(({ name }) => name))).toEqual(new Set(GIVEN.map(({ name }: Given) => name)));
    expect(made).toHaveLength(GIVEN.length);
    const counts = FILTERS.map(([, fits]) => made.filter((row) => fits(row, '')).length);
    expect(new Set(counts).size).toBeGreaterThan(4);
    expect(made.every(({ ownerId }) => typeof ownerId === 'string')).toBe(true);
  });

  test('is walked by its cursor from end to end once, whatever the sort and the size of a page', async () => {
    for (const sort of ['-madeAt', 'name', '-custom.staff', 'custom.due'])
      for (const limit of ['1', '3', '100']) {
        const query = { filter: ofChannel('true'), sort, limit };
        const whole = (await listed(journey.head, 'lists/leads', { ...query, limit: '100' })).items;
        const walked = await allOf(journey.head, 'lists/leads', query);
        expect(walked.map(({ id }) => id)).toEqual(whole.map(({ id }) => id));
        expect(walked).toHaveLength(GIVEN.length);
      }
    const { cursor = '' } = await listed(journey.head, 'lists/leads', { limit: '1' });
    for (const [who, query] of [
      [journey.admin, { limit: '1', cursor }],
      [journey.head, { limit: '1', cursor, sort: 'name' }],
      [journey.head, { limit: '1', cursor: `${cursor}x` }],
    ] as const)
      expect(await askList(who, 'lists/leads', query)).toMatchObject({ status: 400, body: { code: 'cursor_invalid' } });
  });

  test('answers no more than the fields asked for, and always the id', async () => {
    const { items } = await listed(journey.head, 'lists/leads', {
      filter: ofChannel('name == "zeta"'),
      fields: 'name,custom.size',
    });
    expect(items).toEqual([
      { id: expect.stringMatching(/^lead_/), name: 'Zeta', custom: { staff: '7', size: 'big', uses: ['oil'] } },
    ]);
  });

  test('groups by a field of the firm, by day and by owner, and the groups add up to the whole', async () => {
    const groups = async (by: string): Promise<Group[]> =>
      good(
        await askList<{ groups: Group[] }>(journey.head, 'lists/leads/groups', {
          filter: ofChannel('true'),
          by,
          totals: 'custom.budget',
        }),
      ).body.groups;
    expect((await groups('custom.size')).map(({ keys: [size], count }) => [size, count])).toEqual([
      [null, 3],
      ['big', 3],
      ['small', 2],
    ]);
    for (const by of ['custom.size', 'day(capturedAt)', 'week(capturedAt),state', 'month(custom.due)', 'ownerId']) {
      const all = await groups(by);
      expect(all.reduce((sum, { count }) => sum + count, 0)).toBe(GIVEN.length);
      const roubles = all.flatMap(({ sums }) => {
        const total = sums['custom.budget'];
        return total && 'money' in total ? total.money.filter(({ currency }) => currency === 'RUB') : [];
      });
      expect(roubles.reduce((cents, { amount }) => cents + Math.round(Number(amount) * 100), 0)).toBe(20_040);
    }
  });

  test('says of a filter that does not hold what is wrong, at which character, and which fields there are', async () => {
    const wrong: [string, number, string][] = [
      ['state == ', 10, ''],
      ['nothing == "x"', 1, 'state'],
      ['state == "new" && nothing > 1', 19, 'capturedAt'],
      ['custom.nothing == "x"', 1, 'custom.staff'],
      ['score > "x"', 9, 'a number'],
      ['custom.staff > "x"', 16, 'a number'],
      ['name.matches("(a+)+$")', 1, 'contains'],
      ['score', 1, 'true or false'],
      ['1 == 1', 1, 'field'],
      ['state == nothing()', 10, 'value'],
    ];
    for (const [filter, at, says] of wrong) {
      const { status, body } = await askList(journey.head, 'lists/leads', { filter });
      expect([filter, status, body.code]).toEqual([filter, 400, 'invalid']);
      expect(body.errors[0]?.pointer).toBe('/query/filter');
      expect([filter, body.errors[0]?.detail]).toEqual([filter, expect.stringMatching(`^Character ${at}: .*${says}`)]);
    }
    for (const query of [{ sort: 'nothing' }, { sort: 'custom.uses' }, { totals: 'name' }, { limit: '101' }]) {
      const { status, body } = await askList(journey.head, 'lists/leads', query);
      expect([status, body.errors[0]?.pointer]).toEqual([400, `/query/${Object.keys(query)[0]}`]);
    }
    expect(await askList(journey.head, 'lists/nothing')).toMatchObject({ status: 404 });
  });
});

describe('R62: search', () => {
  type Hit = { list: string; id: string; title: string; field: string; text: string };
  const search = async (q: string, who: Person = journey.head): Promise<Hit[]> =>
    good(await askList<{ items: Hit[] }>(who, 'search', { q })).body.items;

  test('finds by a part of a name in Cyrillic and Latin without case, ё as е', async () => {
    const titles = async (q: string) =>
      (await search(q)).filter(({ list }) => list === 'leads').map(({ title }) => title);
    expect((await titles('РОМАШ')).toSorted()).toEqual(['ООО «Ромашка»', 'ромашки и Ко']);
    expect((await titles('омашк')).toSorted()).toEqual(['ООО «Ромашка»', 'ромашки и Ко']);
    expect(await titles('елки')).toContain('Ёлки');
    expect((await titles('ACM')).toSorted()).toEqual(['Acme GmbH', 'acme Two']);
    expect(await titles('two acme')).toEqual(['acme Two']);
    expect(await titles('такого нет')).toEqual([]);
  });

  test('finds by a part of a phone or an e-mail however it is typed, a tax number, and a SKU', async () => {
    const phone = uniquePhone();
    const email = uniqueEmail();
    const { body: lead } = good(await journey.seller<Lead>('POST /api/leads', { body: { name: 'X', phone, email } }));
    await journey.control.settle();
    const digits = phone.slice(2);
    const typed = [
      phone,
      digits,
      `8 (${digits.slice(0, 3)}) ${digits.slice(3, 6)}-${digits.slice(6)}`,
      digits.slice(3),
    ];
    for (const q of [...typed, email, email.slice(3, 18), email.toUpperCase()]) {
      const hits = await search(q);
      expect([q, hits.map(({ id }) => id)]).toEqual([q, expect.arrayContaining([lead.id, lead.personId])]);
    }
    for (const q of ['7707083893', '7707 083 893', '70838', '083893'])
      expect([q, (await search(q)).map(({ id }) => id)]).toEqual([q, [clientId]]);
    for (const q of ['PUMP-10', 'pump-1', 'ump', 'насос цн-10'])
      expect([q, (await search(q)).map(({ id }) => id)]).toEqual([q, expect.arrayContaining([PUMP])]);
    const [hit] = await search('PUMP-10');
    expect(hit).toMatchObject({ list: 'products', title: 'Насос ЦН-10', field: 'sku', text: 'PUMP-10' });
  });

  test('finds a record by its own fields, and within a list together with a filter', async () => {
    expect((await search('доставка')).map(({ title }) => title)).toEqual(['acme Two']);
    const { items } = await listed(journey.head, 'lists/leads', { search: 'ромаш', filter: 'custom.size == "big"' });
    expect(items.map(({ name }) => name)).toEqual(['ООО «Ромашка»']);
  });
});

const newDeal = async (by: Person, change: object = {}) =>
  good(
    await by<Deal>('POST /api/deals', {
      body: { typeId: 'quick', name: unique('Сделка'), clientId, lines: [], ...change },
    }),
  );
const day = (at: string): string => dateIn('Europe/Moscow', at);
const line = (quantity: string) => ({ productId: PUMP, quantity });

test('R26: whoever has just written finds what he wrote, by the event his write was answered with', async () => {
  for (let turn = 0; turn < 5; turn += 1) {
    const name = unique('Сразу');
    const { body, eventId, version } = good(
      await journey.seller<Lead>('POST /api/leads', { body: { name, email: uniqueEmail() } }),
    );
    expect(eventId).toBeDefined();
    const found = await listed(journey.seller, 'lists/leads', { filter: `name == "${name}"` }, eventId);
    expect([found.behind, found.items.map(({ id }) => id)]).toEqual([false, [body.id]]);
    const changed = good(
      await journey.seller<Lead>(`PUT /api/leads/${body.id}`, { ifMatch: version, body: { custom: { staff: '41' } } }),
    );
    const again = await listed(
      journey.seller,
      'lists/leads',
      { filter: `id == "${body.id}" && custom.staff == 41`, totals: '' },
      changed.eventId,
    );
    expect([again.behind, again.totals?.count]).toEqual([false, 1]);
    const hits = good(await askList<{ items: Row[] }>(journey.seller, 'search', { q: name }, changed.eventId)).body
      .items;
    expect(hits.map(({ id }) => id)).toEqual(expect.arrayContaining([body.id]));
  }
  const never = await listed(journey.seller, 'lists/leads', { limit: '1' }, 'lead_00000000000000000000000000.r1.0');
  expect(never.behind).toBe(true);
});

test('R1: a list as of a past day has the stages and amounts of then, and adds them up', async () => {
  const mark = unique('Прошлое');
  const deal = await newDeal(journey.seller, { name: mark, lines: [line('1')], custom: { size: 'small' } });
  const then = { stage: deal.body.stage, amount: deal.body.amount };
  const first = (await journey.control.clock()).now;
  await journey.control.advance('1d');
  const moved = good(
    await journey.seller<Deal>(`PUT /api/deals/${deal.body.id}`, {
      ifMatch: deal.version,
      body: { lines: [line('2')] },
    }),
  );
  const second = (await journey.control.clock()).now;
  await journey.control.advance('1d');
  good(
    await journey.seller(`POST /api/deals/${deal.body.id}/stage`, {
      ifMatch: moved.version,
      body: { stage: 'agreed' },
    }),
  );
  const later = await newDeal(journey.seller, { name: `${mark} 2`, lines: [line('5')] });
  await journey.control.settle();
  const seen = async (asOf: string | undefined, filter: string) => {
    const found = await listed(journey.head, 'lists/deals', { filter, asOf, totals: 'amount', sort: 'createdAt' });
    return [found.items.map(({ stage, amount }) => ({ stage, amount })), found.totals?.sums['amount']];
  };
  const ids = `id in ["${deal.body.id}", "${later.body.id}"]`;
  const total = (amount: string) => ({ money: [rub(amount)] });
  expect(await seen(day(first), ids)).toEqual([[then], total('48500.00')]);
  expect(await seen(second, ids)).toEqual([[{ stage: 'new', amount: rub('97000.00') }], total('97000.00')]);
  expect(await seen(undefined, ids)).toEqual([
    [
      { stage: 'agreed', amount: rub('97000.00') },
      { stage: 'new', amount: rub('242500.00') },
    ],
    total('339500.00'),
  ]);
  expect(await seen(day(second), `${ids} && stage == "agreed"`)).toEqual([[], { money: [] }]);
  const groups = good(
    await askList<{ groups: Group[]; asOf: string }>(journey.head, 'lists/deals/groups', {
      by: 'stage',
      totals: 'amount',
      filter: ids,
      asOf: day(second),
    }),
  ).body;
  expect(groups.groups).toEqual([{ keys: ['new'], count: 1, sums: { amount: total('97000.00') } }]);
  expect(groups.asOf > second).toBe(true);
});

describe("R62: a seller's lists, totals, groups and search", () => {
  test('hold what his team owns and nothing else, and after the firm narrowed his reach, what is his own', async () => {
    const far = await lonelySeller(journey);
    const mark = unique('Граница');
    const mine = await newDeal(journey.seller, { name: mark, lines: [line('1')] });
    const mates = await newDeal(journey.anna, { name: mark, lines: [line('2')] });
    const { id: farClient } = good(
      await far.as<{ id: string }>('POST /api/clients', { body: { kind: 'person', name: unique('Чужой') } }),
    ).body;
    const theirs = await newDeal(far.as, { name: mark, lines: [line('4')], clientId: farClient });
    await journey.control.settle();
    const seen = async (who: Person) => {
      const query = { filter: `name == "${mark}"`, totals: 'amount' };
      const { items, totals } = await listed(who, 'lists/deals', query);
      const { groups } = good(
        await askList<{ groups: Group[] }>(who, 'lists/deals/groups', { ...query, by: 'name' }),
      ).body;
      const { items: hits } = good(await askList<{ items: Row[] }>(who, 'search', { q: mark })).body;
      expect(hits.map(({ id }) => id).toSorted()).toEqual(items.map(({ id }) => id).toSorted());
      expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(items.length);
      expect(totals?.count).toBe(items.length);
      const past = await listed(who, 'lists/deals', { ...query, asOf: (await journey.control.clock()).now });
      expect(past.items.map(({ id }) => id)).toEqual(items.map(({ id }) => id));
      return [items.map(({ id }) => id).toSorted(), totals?.sums['amount']];
    };
    const of = (...deals: { body: Deal }[]) => deals.map(({ body }) => body.id).toSorted();
    const money = (amount: string) => ({ money: [rub(amount)] });
    expect(await seen(journey.head)).toEqual([of(mine, mates, theirs), money('339500.00')]);
    expect(await seen(journey.seller)).toEqual([of(mine, mates), money('145500.00')]);
    expect(await seen(far.as)).toEqual([of(theirs), money('194000.00')]);
    const market = journey.as('market@sdelka.example');
    expect(await askList(market, 'lists/deals')).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(good(await askList<{ items: Row[] }>(market, 'search', { q: mark })).body.items).toEqual([]);
    const own = { 'deal.read': { seller: 'own' } };
    const access = await journey.admin<{ version: number }>('GET /api/settings/access/rights');
    const body = { name: 'rights', body: { rights: own, fields: {} } };
    good(await journey.admin('PUT /api/settings/access/rights', { ifMatch: access.version, body }));
    await journey.inForce();
    expect(await seen(journey.seller)).toEqual([of(mine), money('48500.00')]);
    await changeSetting(journey, 'access/rights', { rights: {} });
    expect(await seen(journey.seller)).toEqual([of(mine, mates), money('145500.00')]);
  });

  test('neither show what things cost nor let it be found out by filter, sort, total, group or field', async () => {
    const deal = await newDeal(journey.seller, { name: unique('Себестоимость'), lines: [line('1')] });
    await journey.control.settle();
    for (const list of ['products', 'deals']) {
      const one = list === 'deals' ? deal.body.id : PUMP;
      const cost = list === 'deals' ? 'margin' : 'cost';
      const tries: [string, Record<string, string>][] = [
        ['', { filter: `${cost} > 0` }],
        ['', { filter: `has(${cost})` }],
        ['', { filter: `id == "${one}" || ${cost} == null` }],
        ['', { sort: cost }],
        ['', { sort: `-${cost}` }],
        ['', { totals: cost }],
        ['/groups', { by: cost }],
        ['/groups', { by: 'id', totals: cost }],
      ];
      for (const [path, query] of tries) {
        const { status, body } = await askList(journey.seller, `lists/${list}${path}`, query);
        expect([list, query, status, body.code]).toEqual([list, query, 400, 'invalid']);
        expect(body.errors[0]?.detail.split('there are:')[1] ?? '').not.toMatch(/\b(cost|margin)/);
        expect((await askList(journey.head, `lists/${list}${path}`, query)).status).toBe(200);
      }
      for (const query of [{ filter: `id == "${one}"` }, { filter: `id == "${one}"`, fields: `id,${cost},lines` }]) {
        expect(JSON.stringify(await listed(journey.seller, `lists/${list}`, query))).not.toMatch(/"(cost|margin)/);
        expect(JSON.stringify(await listed(journey.head, `lists/${list}`, query))).toMatch(/"(cost|margin)/);
      }
    }
    expect((await dealOf(journey.head, deal.body.id)).body.margin).toEqual(rub('17500.00'));
  });
});
