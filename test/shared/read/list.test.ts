import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { isRefusal } from '#shared/errors.ts';
import type { Event } from '#shared/events.ts';
import { asOf } from '#shared/read/as-of.ts';
import type { Copy } from '#shared/read/copy.ts';
import { listRows, today, type ListQuery } from '#shared/read/list.ts';
import { groupsOf } from '#shared/read/report.ts';
import { searchAll } from '#shared/read/search.ts';
import type { Viewer } from '#shared/read/select.ts';
import { useSecret } from '#shared/aws/secret.ts';
import { NOW, noCustom, rub, salesCopy, viewer } from '#test/support/copy.ts';

beforeAll(() => useSecret('a secret of this test'));

const page = (copy: Copy, query: Partial<ListQuery> = {}, who: Viewer = viewer) =>
  listRows(copy, today(copy, 'sales'), { limit: 50, ...query }, who, noCustom);
const ids = (copy: Copy, query: Partial<ListQuery> = {}, who: Viewer = viewer): string[] =>
  page(copy, query, who).items.map(({ id }) => String(id).slice(5));

describe('a page of a list', () => {
  it('walks any sort from end to end once, whether fields are empty or equal', () => {
    const Amount = fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined });
    fc.assert(
      fc.property(
        fc.array(Amount, { maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        (amounts, limit, down) => {
          const copy = salesCopy(
            ...amounts.map((amount) => ({ amount: amount === undefined ? undefined : rub(`${amount}.00`) })),
          );
          const seen: string[] = [];
          let cursor: string | undefined;
          do {
            const found = page(copy, { sort: down ? '-amount' : 'amount', limit, cursor });
            expect(found.items.length).toBeLessThanOrEqual(limit);
            seen.push(...found.items.map(({ id }) => String(id)));
            cursor = found.cursor;
          } while (cursor !== undefined);
          const rank = (id: string): number => amounts[Number(id.slice(5)) - 1] ?? -1;
          expect([...seen].sort()).toEqual(amounts.map((_, place) => `deal_${place + 1}`).sort());
          const ranks = seen.map(rank);
          expect(ranks).toEqual([...ranks].sort((a, b) => (down ? b - a : a - b)));
          copy.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  it('gives its cursor to nobody else and to no other list', () => {
    const copy = salesCopy({}, {}, {});
    const { cursor = '' } = page(copy, { limit: 1 });
    expect(ids(copy, { limit: 1, cursor })).toEqual(['2']);
    for (const [query, who] of [
      [{ sort: 'name' }, viewer],
      [{ filter: 'true' }, viewer],
      [{}, { ...viewer, me: 'user_2' }],
    ] as const)
      expect(() => page(copy, { ...query, cursor }, who)).toThrow(expect.objectContaining({ code: 'cursor_invalid' }));
  });

  it('hides what was put away, unless asked', () => {
    const copy = salesCopy({}, { archivedAt: '2026-11-02T00:00:00.000Z' });
    expect(ids(copy)).toEqual(['1']);
    expect(ids(copy, { archived: true })).toEqual(['2', '1']);
  });

  it('forgets what a record was when it changes, and a record that is no more', () => {
    const copy = salesCopy({ name: 'Before' }, { name: 'Other' });
    copy.put('sales', 'deal_1', { id: 'deal_1', version: 2, name: 'After' }, '2026-11-05T00:00:00.000Z');
    copy.remove('sales', 'deal_2');
    expect(page(copy).items).toEqual([{ id: 'deal_1', version: 2, name: 'After' }]);
    expect(ids(copy, { search: 'before' })).toEqual([]);
    expect(ids(copy, { search: 'after' })).toEqual(['1']);
    expect(ids(copy, { search: 'other' })).toEqual([]);
  });

  it('keeps no word of what was erased in a file that is made of it', () => {
    const words = ['аполлинарий', 'secretmail'];
    const others = Array.from({ length: 200 }, (_, n) => ({ name: `Иван ${n}` }));
    const copy = salesCopy(...others, { name: 'Аполлинарий zu@secretmail.example' });
    copy.put('sales', 'deal_201', { id: 'deal_201' }, NOW);
    copy.note({
      id: 'deal_201.r2.0',
      at: NOW,
      type: 'data.erased',
      recordId: 'deal_201',
      record: { entity: 'deal' },
      by: { kind: 'system', id: 'x' },
      data: {},
      changes: [],
    } as unknown as Event);
    const left = (): string[] => {
      const folder = mkdtempSync(join(tmpdir(), 'copy-'));
      copy.run('VACUUM INTO ?', join(folder, 'copy'));
      const file = readFileSync(join(folder, 'copy'));
      rmSync(folder, { recursive: true });
      return words.filter((word) => file.includes(word));
    };
    expect(left()).toEqual(words);
    copy.forgetErased('data.erased');
    expect(left()).toEqual([]);
    expect(ids(copy, { search: 'иван 177' })).toEqual(['178']);
    copy.close();
  });

  it('refuses to sort or add up by what is no such field', () => {
    const copy = salesCopy({});
    for (const query of [{ sort: 'nothing' }, { sort: 'tags' }, { totals: ['name'] }])
      try {
        page(copy, query);
        expect.unreachable();
      } catch (error) {
        expect(isRefusal(error) && error.status).toBe(400);
      }
  });
});

describe('totals', () => {
  it('add money up exactly and apart for each currency', () => {
    const copy = salesCopy(
      { amount: rub('0.10') },
      { amount: rub('0.20') },
      { amount: { amount: '5', currency: 'JPY' } },
      {},
    );
    expect(page(copy, { totals: ['amount'], limit: 1 }).totals).toEqual({
      count: 4,
      sums: { amount: { money: [{ amount: '5', currency: 'JPY' }, rub('0.30')] } },
    });
  });

  it('hold only what the reader may see, as the rows do', () => {
    const copy = salesCopy(
      { ownerId: 'user_1', amount: rub('1.00') },
      { ownerId: 'user_2', amount: rub('2.00') },
      { teamId: 'team_1', amount: rub('4.00') },
      { teamId: 'team_2', amount: rub('8.00') },
      { amount: rub('16.00') },
    );
    const sees = (who: Viewer) => [
      ids(copy, {}, who).sort().join(''),
      page(copy, { totals: ['amount'] }, who).totals?.sums['amount'],
    ];
    expect(sees(viewer)).toEqual(['12345', { money: [rub('31.00')] }]);
    expect(sees({ ...viewer, reach: { owners: ['user_1'] } })).toEqual(['15', { money: [rub('17.00')] }]);
    expect(sees({ ...viewer, reach: { owners: ['user_1', 'user_2'], teamId: 'team_1' } })).toEqual([
      '1235',
      { money: [rub('23.00')] },
    ]);
    expect(sees({ ...viewer, reach: { owners: [] } })).toEqual(['5', { money: [rub('16.00')] }]);
  });

  it('come for every group, with its value as it was written, days on the clocks of the reader', () => {
    const copy = salesCopy(
      { name: 'Сайт', createdAt: '2026-11-22T21:30:00.000Z', amount: rub('1.00') },
      { name: 'сайт', createdAt: '2026-11-23T10:00:00.000Z', amount: rub('2.00') },
      { createdAt: '2026-11-22T20:30:00.000Z' },
    );
    const groups = (...by: string[]) =>
      groupsOf(copy, today(copy, 'sales'), { by, totals: ['amount'] }, viewer, noCustom);
    expect(groups('name')).toEqual([
      { keys: [null], count: 1, sums: { amount: { money: [] } } },
      { keys: ['Сайт'], count: 2, sums: { amount: { money: [rub('3.00')] } } },
    ]);
    expect(groups('day(createdAt)').map(({ keys, count }) => keys.concat(count))).toEqual([
      ['2026-11-22', 1],
      ['2026-11-23', 2],
    ]);
    expect(groups('week(createdAt)').map(({ keys, count }) => keys.concat(count))).toEqual([
      ['2026-11-16', 1],
      ['2026-11-23', 2],
    ]);
    expect(groups('month(createdAt)', 'name').map(({ keys, count }) => keys.concat(count))).toEqual([
      ['2026-11', null, 1],
      ['2026-11', 'Сайт', 2],
    ]);
  });
});

describe('groups by day', () => {
  const days = (copy: Copy, by: string, filter?: string, zone = 'Europe/Moscow') =>
    groupsOf(copy, today(copy, 'sales'), { by: [by], totals: [], filter }, { ...viewer, zone }, noCustom).map(
      ({ keys, count }) => [keys[0], count],
    );

  it('take no text for a day, whatever is written in it', () => {
    for (const name of ['Anna', '";DROP', '2026-99-99', '9999-12-31T'])
      expect(() => days(salesCopy({ name }), 'day(name)')).toThrow(expect.objectContaining({ code: 'invalid' }));
  });

  it('are of the rows that are asked for: a slip in another one spoils nothing', () => {
    const copy = salesCopy({ createdAt: '2026-11-22T10:00:00.000Z' }, { createdAt: '9202-11-22T10:00:00.000Z' });
    expect(() => days(copy, 'day(createdAt)')).toThrow(expect.objectContaining({ code: 'invalid' }));
    expect(days(copy, 'day(createdAt)', 'createdAt < "2100-01-01"')).toEqual([['2026-11-22', 1]]);
  });

  it('are right for everybody, though their calendars are forgotten in turn', () => {
    const copy = salesCopy({ createdAt: '2026-11-22T22:30:00.000Z' });
    const zones = Array.from({ length: 120 }, (_, n) => (n % 2 === 0 ? 'Europe/Moscow' : 'America/New_York'));
    for (const [n, zone] of zones.entries()) {
      const made = `2026-11-${String(1 + (n % 27)).padStart(2, '0')}T22:30:00.000Z`;
      copy.put('sales', 'deal_1', { id: 'deal_1', createdAt: made }, NOW);
      const day = zone === 'Europe/Moscow' ? 2 + (n % 27) : 1 + (n % 27);
      expect(days(copy, 'day(createdAt)', undefined, zone)).toEqual([[`2026-11-${String(day).padStart(2, '0')}`, 1]]);
    }
    const kept = copy.one("SELECT count(*) AS n FROM sqlite_temp_master WHERE type = 'table'");
    expect(kept?.['n']).toBeLessThan(60);
  });
});

describe('search', () => {
  const copy = salesCopy(
    { name: 'ООО «Ромашка»', phone: '+79161234567', ownerId: 'user_1' },
    { name: 'Торговый дом Ромашкин', ownerId: 'user_2' },
    { name: 'Ёж и Ко', phone: '+74951112233' },
    { name: 'Acme "Ö" GmbH' },
  );
  const search = (typed: string, who: Viewer = viewer): string[] =>
    searchAll(copy, typed, 20, () => who).map(({ id }) => id.slice(5));

  it('finds a part of a word in any case, ё as е, and all words of several', () => {
    expect(search('РОМАШ').sort()).toEqual(['1', '2']);
    expect(search('омашки')).toEqual(['2']);
    expect(search('еж')).toEqual(['3']);
    expect(search('дом ромаш')).toEqual(['2']);
    expect(search('ко')).toEqual(['3']);
    expect(search('нетакого')).toEqual([]);
  });

  it('finds a phone however it is typed', () => {
    for (const typed of [
      '+7 916 123-45-67',
      '8 (916) 123 45 67',
      '9161234567',
      '123-45-67',
      '12345',
      '8 (916) 123',
      '8916123',
    ])
      expect([typed, search(typed)]).toEqual([typed, ['1']]);
  });

  it('finds a number that was written with signs as one word', () => {
    const numbers = salesCopy({ name: '7707 083-893' }, { name: 'DE 123 456 789' }, { name: 'ООО Ромашка 12345' });
    const found = (typed: string) => searchAll(numbers, typed, 20, () => viewer).map(({ id }) => id.slice(5));
    expect(['7707083893', '7083893', '7707 083 893'].map(found)).toEqual([['1'], ['1'], ['1']]);
    expect(['de123456789', '123456789', 'DE 123'].map(found)).toEqual([['2'], ['2'], ['2']]);
    expect(found('ромашка12345')).toEqual([]);
  });

  it("misses nobody because a word is everybody's: neither in search nor in what a list counts", () => {
    const many = salesCopy();
    many.together(() => {
      for (let n = 1; n <= 5100; n += 1)
        many.put('sales', `deal_${n}`, { id: `deal_${n}`, name: n === 5050 ? 'ООО Василёк аб' : 'ООО' }, NOW);
    });
    const found = (typed: string) => searchAll(many, typed, 20, () => viewer).map(({ id }) => id);
    expect([found('ооо василек'), found('ооо аб'), found('василек аб')]).toEqual([
      ['deal_5050'],
      ['deal_5050'],
      ['deal_5050'],
    ]);
    expect(page(many, { search: 'ооо', totals: [], limit: 1 }).totals?.count).toBe(5100);
    many.close();
  });

  it('takes signs as signs', () => {
    for (const typed of ['"', 'abc\u0000def', '*', 'AND', 'NEAR(', '«ромашка»', "'; --", 'a"b OR c', '-', '()'])
      expect(() => search(typed)).not.toThrow();
    expect(search('"Ö"')).toEqual(['4']);
  });

  it('shows nobody what he may not see', () => {
    expect(search('ромаш', { ...viewer, reach: { owners: ['user_2'] } })).toEqual(['2']);
    expect(searchAll(copy, 'ромаш', 20, () => undefined)).toEqual([]);
  });
});

describe('a list as of a past moment', () => {
  it('is what it was then: changes since told back, records made since not there, personal values not told', () => {
    const copy = salesCopy({ state: 'won', amount: rub('30.00'), name: 'Now' }, { state: 'lost' });
    copy.put('sales', 'deal_9', { id: 'deal_9', version: 1, state: 'new' }, '2026-11-20T00:00:00.000Z');
    const change = (at: string, ...changes: Event['changes']): void =>
      copy.note({
        id: at,
        at,
        type: 'deal.changed',
        recordId: 'deal_1',
        record: { entity: 'deal', id: 'deal_1', part: 'R', version: 2 },
        by: { kind: 'user', id: 'u' },
        data: {},
        changes,
      } as unknown as Event);
    change(
      '2026-11-10T00:00:00.000Z',
      { field: 'state', from: 'new', to: 'lost' },
      { field: 'amount', from: rub('10.00'), to: rub('20.00') },
    );
    change(
      '2026-11-12T00:00:00.000Z',
      { field: 'state', from: 'lost', to: 'won' },
      { field: 'amount', from: rub('20.00'), to: rub('30.00') },
      { field: 'name', personal: true },
    );
    const at = (moment: string, filter = 'true') => {
      const found = listRows(
        copy,
        asOf(copy, 'sales', moment, 'all'),
        { limit: 9, sort: 'id', filter, totals: ['amount'] },
        viewer,
        noCustom,
      );
      return [found.items.map(({ id, state, name }) => [id, state, name].join(' ')), found.totals?.sums['amount']];
    };
    expect(at('2026-11-05T00:00:00.000Z')).toEqual([['deal_1 new ', 'deal_2 lost '], { money: [rub('10.00')] }]);
    expect(at('2026-11-11T00:00:00.000Z', 'state == "lost"')).toEqual([
      ['deal_1 lost ', 'deal_2 lost '],
      { money: [rub('20.00')] },
    ]);
    const states = groupsOf(
      copy,
      asOf(copy, 'sales', '2026-11-05T00:00:00.000Z', 'all'),
      { by: ['state'], totals: [] },
      viewer,
      noCustom,
    );
    expect(states.map(({ keys }) => keys)).toEqual([['lost'], ['new']]);
    expect(at('2026-11-21T00:00:00.000Z')).toEqual([
      ['deal_1 won Now', 'deal_2 lost ', 'deal_9 new '],
      { money: [rub('30.00')] },
    ]);
  });

  it('shows nobody what is beyond his reach now, though nobody owned it then', () => {
    const copy = salesCopy({ ownerId: 'user_2', name: 'Theirs' }, { ownerId: 'user_1', name: 'Mine' });
    for (const [id, owner] of [
      ['deal_1', 'user_2'],
      ['deal_2', 'user_1'],
    ])
      copy.note({
        id: `${id}.r2.0`,
        at: '2026-11-10T00:00:00.000Z',
        type: 'deal.changed',
        recordId: id,
        record: { entity: 'deal', id, part: 'R', version: 2 },
        by: { kind: 'user', id: 'u' },
        data: {},
        changes: [{ field: 'ownerId', to: owner }],
      } as unknown as Event);
    const then = asOf(copy, 'sales', '2026-11-05T00:00:00.000Z', { owners: ['user_1'] });
    const { items } = listRows(copy, then, { limit: 9 }, viewer, noCustom);
    expect(items.map(({ id, ownerId }) => [id, ownerId])).toEqual([['deal_2', undefined]]);
  });

  it('gives a cursor that fits no other day', () => {
    const copy = salesCopy({}, {}, {});
    const on = (moment: string, cursor?: string) =>
      listRows(copy, asOf(copy, 'sales', moment, 'all'), { limit: 1, cursor }, viewer, noCustom);
    const { cursor } = on('2026-11-05T00:00:00.000Z');
    expect(on('2026-11-05T00:00:00.000Z', cursor).items).toHaveLength(1);
    expect(() => on('2026-11-06T00:00:00.000Z', cursor)).toThrow(expect.objectContaining({ code: 'cursor_invalid' }));
  });
});
