import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Event } from '#shared/events.ts';
import { idsOf, today } from '#shared/read/list.ts';
import { conjuncts, FilterFault, filterSql } from '#shared/read/filter.ts';
import type { ColumnKind } from '#shared/read/column.ts';
import { noCustom, rub, saleTable, salesCopy, viewer } from '#test/support/copy.ts';
import { shapeOf } from '#shared/read/shape.ts';

const custom = new Map<string, ColumnKind>([
  ['size', 'text'],
  ['weight', 'number'],
  ['budget', 'money'],
  ['colours', 'list'],
  ['until', 'date'],
]);
const copy = salesCopy(
  {
    name: 'Ёлкина Вера',
    state: 'new',
    hot: true,
    amount: rub('1500.50'),
    tags: ['VIP', 'Опт'],
    answers: { size: 'Большой' },
    next: { kind: 'call', at: '2026-11-24T09:00:00.000Z' },
    ownerId: 'user_1',
    createdAt: '2026-11-20T10:00:00.000Z',
    cost: rub('900'),
    custom: { size: 'XL', weight: '12.5', budget: rub('300.10'), colours: ['red', 'blue'], until: '2026-12-01' },
  },
  {
    name: 'John SMITH',
    state: 'won',
    hot: false,
    amount: rub('99.99'),
    price: '10.5',
    ownerId: 'user_2',
    createdAt: '2026-10-01T10:00:00.000Z',
  },
  { state: 'lost', tags: [], createdAt: '2026-11-23T11:00:00.000Z', custom: { weight: '2' } },
);
const found = (filter: string): string[] =>
  [...idsOf(copy, today(copy, 'sales'), { filter }, viewer, custom)].map((id) => id.slice(5));

describe('a filter', () => {
  test.each([
    ['state == "new"', ['1']],
    ['state == "NEW"', ['1']],
    ['state != "new"', ['2', '3']],
    ['!(state == "new")', ['2', '3']],
    ['state in ["new", "won"]', ['1', '2']],
    ['!(state in ["new", "won"])', ['3']],
    ['name.contains("елкин")', ['1']],
    ['name.contains("smi")', ['2']],
    ['name.startsWith("john")', ['2']],
    ['name.endsWith("вера")', ['1']],
    ['name.endsWith("")', ['1', '2']],
    ['!name.contains("smi")', ['1', '3']],
    ['has(name)', ['1', '2']],
    ['name == null', ['3']],
    ['createdAt.contains("-20T10:")', ['1']],
    ['createdAt.startsWith("2026-11-23T")', ['3']],
    ['name != null', ['1', '2']],
    ['hot', ['1']],
    ['!hot', ['2', '3']],
    ['hot == false', ['2']],
    ['amount > 100', ['1']],
    ['100 > amount', ['2']],
    ['amount >= 99.99 && amount < 1500.5', ['2']],
    ['!(amount > 100)', ['2', '3']],
    ['price == 10.5', ['2']],
    ['"vip" in tags', ['1']],
    ['!("vip" in tags)', ['2', '3']],
    ['answers.size == "большой"', ['1']],
    ['answers["size"].contains("льш")', ['1']],
    ['next.kind == "call"', ['1']],
    ['createdAt > daysAgo(7)', ['1', '3']],
    ['createdAt >= "2026-11-23"', ['3']],
    ['next.at < daysAhead(1)', ['1']],
    ['createdAt >= startOfDay(0) && createdAt < startOfDay(1)', ['3']],
    ['custom.until == day(8)', ['1']],
    ['ownerId == me', ['1']],
    ['madeAt >= "2026-11-01T00:01"', ['2', '3']],
    ['id == "deal_2"', ['2']],
    ['custom.size == "xl"', ['1']],
    ['custom.weight > 2', ['1']],
    ['custom.weight >= 2', ['1', '3']],
    ['custom.budget > 300', ['1']],
    ['"red" in custom.colours', ['1']],
    ['custom.until > today', ['1']],
    ['has(custom.weight)', ['1', '3']],
    ['(state == "new" || state == "won") && !(hot && amount > 1)', ['2']],
    ['!(state == "new" || hot)', ['2', '3']],
    ['true', ['1', '2', '3']],
    ['', ['1', '2', '3']],
  ])('%s', (filter, expected) => {
    expect(found(filter)).toEqual(expected);
  });

  test.each([
    ['nme == "x"', 'there is no field nme', 0],
    ['state == 5', 'state is a text', 9],
    ['amount == "5"', 'amount is a sum of money', 10],
    ['custom.shoe == 1', 'no field custom.shoe', 0],
    ['state', 'must be true or false', 0],
    ['state == ', 'Unexpected', 9],
    ['name.matches("a+")', 'no matches()', 0],
    ['1 == 1', 'neither side is a field', 0],
    ['tags.contains("x")', 'asks a text field', 0],
    ['"x" in state', 'state is no list', 0],
    ['state == other', 'no field other', 9],
    ['answers["a\\"b"] == "x"', 'there is no field', 0],
    ['"a".size() > 1', 'there is no field', 0],
    ['constructor == "x"', 'there is no field constructor', 0],
    ['toString.contains("x")', 'there is no field toString', 0],
  ])('%s is refused, and the place is said', (filter, why, at) => {
    const refusing = () => filterSql(filter, { shape: shapeOf(saleTable), custom, asker: viewer });
    expect(refusing).toThrow(FilterFault);
    try {
      refusing();
    } catch (error) {
      expect((error as FilterFault).message).toContain(why);
      expect((error as FilterFault).at).toBe(at);
    }
  });

  it('asks what happened to a record, or to one that a field names, and when', () => {
    const told = (record: string, type: string, at: string): void =>
      copy.note({
        id: `${record}.${at}`,
        at,
        type,
        recordId: record,
        record: { entity: 'deal', id: record, part: 'R', version: 2 },
        by: { kind: 'user', id: 'u' },
        data: {},
        changes: [],
      } as unknown as Event);
    told('deal_1', 'deal.moved', '2026-11-10T00:00:00.000Z');
    told('deal_2', 'deal.moved', '2026-11-20T00:00:00.000Z');
    told('user_2', 'user.switched-off', '2026-11-21T00:00:00.000Z');
    expect(found('id.happened("deal.moved")')).toEqual(['1', '2']);
    expect(found('id.happened("deal.moved", "2026-11-10T00:00:00.000Z", "2026-11-20T00:00:00.000Z")')).toEqual(['1']);
    expect(found('!id.happened("deal.moved", daysAgo(5))')).toEqual(['1', '3']);
    expect(found('ownerId.happened("user.switched-off")')).toEqual(['2']);
    for (const wrong of ['id.happened()', 'id.happened(5)', 'amount.happened("deal.moved")', 'id.happened("a", 1)'])
      expect(() => found(wrong)).toThrow(expect.objectContaining({ code: 'invalid' }));
  });

  it('names a guarded field only to whoever may see it', () => {
    const asker = { ...viewer, holds: () => false };
    expect(found('cost > 1')).toEqual(['1']);
    expect(() => [...idsOf(copy, today(copy, 'sales'), { filter: 'cost > 1' }, asker, custom)]).toThrow(
      expect.objectContaining({ code: 'invalid' }),
    );
  });

  it('puts nothing that was typed into the SQL', () => {
    for (const text of [`'; DROP TABLE sales; --`, '"', `x' OR 1=1`, '%', '_', '\\']) {
      expect(found(`name == ${JSON.stringify(text)}`)).toEqual([]);
      expect(found(`name.contains(${JSON.stringify(text)})`)).toEqual([]);
    }
    expect(found('true')).toHaveLength(3);
  });

  it('is told apart into the parts that all must hold', () => {
    expect(conjuncts('state == "new" && (hot || amount > 5) && has(name)')).toEqual([
      'state == "new"',
      'hot || amount > 5',
      'has(name)',
    ]);
  });

  it('says of random records what a plain reading of it says', () => {
    const Sale = fc.record({
      state: fc.option(fc.constantFrom('new', 'won', 'lost'), { nil: undefined }),
      hot: fc.option(fc.boolean(), { nil: undefined }),
      amount: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
    });
    type Sale = { state?: string; hot?: boolean; amount?: number };
    type Rule = { source: string; holds: (sale: Sale) => boolean };
    const leaf: fc.Arbitrary<Rule> = fc.oneof(
      fc
        .constantFrom('new', 'won')
        .map((state) => ({ source: `state == "${state}"`, holds: (sale: Sale) => sale.state === state })),
      fc.constant({ source: 'hot', holds: (sale: Sale) => sale.hot === true }),
      fc
        .integer({ min: 0, max: 5 })
        .map((n) => ({ source: `amount > ${n}`, holds: ({ amount }: Sale) => amount !== undefined && amount > n })),
    );
    const { rule } = fc.letrec<{ rule: Rule }>((tie) => ({
      rule: fc.oneof(
        { maxDepth: 4 },
        leaf,
        tie('rule').map(({ source, holds }) => ({ source: `!(${source})`, holds: (sale: Sale) => !holds(sale) })),
        fc.tuple(tie('rule'), tie('rule')).map(([a, b]) => ({
          source: `(${a.source} && ${b.source})`,
          holds: (sale: Sale) => a.holds(sale) && b.holds(sale),
        })),
        fc.tuple(tie('rule'), tie('rule')).map(([a, b]) => ({
          source: `(${a.source} || ${b.source})`,
          holds: (sale: Sale) => a.holds(sale) || b.holds(sale),
        })),
      ),
    }));
    fc.assert(
      fc.property(
        fc.array(Sale, { minLength: 1, maxLength: 8 }),
        fc.array(rule, { minLength: 1, maxLength: 5 }),
        (sales, rules) => {
          const wire = sales.map(({ amount, ...sale }) => ({
            ...sale,
            amount: amount === undefined ? undefined : rub(`${amount}.00`),
          }));
          const small = salesCopy(...wire);
          for (const { source, holds } of rules) {
            const ids = [...idsOf(small, today(small, 'sales'), { filter: source }, viewer, noCustom)];
            const expected = sales.flatMap((sale, place) => (holds(sale as Sale) ? [`deal_${place + 1}`] : []));
            expect([source, ids]).toEqual([source, expected]);
          }
          small.close();
        },
      ),
      { numRuns: 100 },
    );
  });
});
