import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Id, newId, prefixOf } from '#shared/id.ts';

const now = Date.UTC(2026, 0, 2);

test('an id is its prefix and a ULID of the time and the random bytes', () => {
  expect(newId('deal', 0, () => new Uint8Array(10))).toBe(`deal_${'0'.repeat(26)}`);
  expect(newId('deal', 2 ** 48 - 1, () => new Uint8Array(10).fill(255))).toBe(`deal_7${'Z'.repeat(25)}`);
  // The example of the ULID specification.
  expect(newId('x', 1_469_918_176_385, () => new Uint8Array(10)).slice(2, 12)).toBe('01ARYZ6S41');
});

test('a thousand ids of one millisecond differ', () => {
  expect(new Set(Array.from({ length: 1000 }, () => newId('lead', now))).size).toBe(1000);
});

test('ids sort by the millisecond they were made in', () => {
  const time = fc.nat({ max: 2 ** 48 - 1 });
  fc.assert(
    fc.property(time, time, (a, b) => {
      fc.pre(a < b);
      expect(newId('deal', a) < newId('deal', b)).toBe(true);
    }),
  );
});

test.each([-1, 0.5, Number.NaN, 2 ** 48])('the time %d is refused', (time) => {
  expect(() => newId('deal', time)).toThrow(/epoch milliseconds/);
});

test('the schema takes ids of its prefix only', () => {
  const id = newId('deal', now);
  expect(Id('deal').safeParse(id).success).toBe(true);
  const others = [newId('lead', now), id.toLowerCase(), `${id}0`, id.slice(1), `${id}\n`, 'deal_', ''];
  expect(others.filter((bad) => Id('deal').safeParse(bad).success)).toEqual([]);
});

test('prefixOf tells the kind of an id', () => {
  expect(prefixOf(newId('credit-note', now))).toBe('credit-note');
  expect(prefixOf('deal_1')).toBeUndefined();
  expect(prefixOf('')).toBeUndefined();
});
