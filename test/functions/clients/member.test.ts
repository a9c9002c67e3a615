import { describe, expect, it } from 'vitest';
import { isCurrent, left, moved, returned, united, type Member } from '#functions/clients/member.ts';
import { idOf } from '#test/support/deal.ts';
import { addDays } from '#shared/time.ts';

const link = (change: Partial<Member> = {}): Member => ({
  clientId: idOf('client', 'A'),
  personId: idOf('person', 'A'),
  version: 1,
  position: 'Инженер',
  since: '2020-01-01',
  earlier: [],
  ...change,
});
const before = (day: string): string => addDays(day, -1);

describe('A link of a person and a client', () => {
  it('keeps the position before a new one, up to the day before', () => {
    expect(moved(link(), 'Директор', '2022-03-01', before)).toEqual({
      position: 'Директор',
      since: '2022-03-01',
      until: undefined,
      earlier: [{ position: 'Инженер', since: '2020-01-01', until: '2022-02-28' }],
    });
  });
  it('never ends before it began, also for a change on its first day', () => {
    expect(moved(link(), 'Директор', '2020-01-01', before).earlier[0]?.until).toBe('2020-01-01');
    expect(() => moved(link(), 'Директор', '2019-12-31', before)).toThrow('request');
    expect(() => left(link(), '2019-12-31')).toThrow('request');
    expect(() => returned(link({ until: '2021-01-01' }), undefined, '2020-06-01')).toThrow('request');
  });
  it('reads links of before, which named a moment', () => {
    expect(left(link({ since: '2020-01-01T10:00:00.000Z' }), '2020-01-01')).toEqual({ until: '2020-01-01' });
    expect(isCurrent({ until: '2020-01-01' }, '2020-01-02')).toBe(false);
    expect(isCurrent({}, '2020-01-02')).toBe(true);
  });
  it('comes back in the position he had unless a new one is said', () => {
    const gone = link({ until: '2021-01-01' });
    expect(returned(gone, undefined, '2022-01-01')).toMatchObject({ position: 'Инженер', since: '2022-01-01' });
    expect(returned(gone, 'Советник', '2022-01-01').earlier).toEqual([
      { position: 'Инженер', since: '2020-01-01', until: '2021-01-01' },
    ]);
  });
  it('is one of two with every period once, the open one on top', () => {
    const other = link({ position: 'Директор', since: '2023-01-01' });
    const old = link({ until: '2022-12-31' });
    for (const [a, b] of [
      [old, other],
      [other, old],
    ] as const)
      expect(united(a, b)).toEqual({
        position: 'Директор',
        since: '2023-01-01',
        until: undefined,
        earlier: [{ position: 'Инженер', since: '2020-01-01', until: '2022-12-31' }],
      });
    expect(united(old, old).earlier).toEqual([]);
  });
});
