import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { guarded, personal, personalFields, reshape, withoutGuarded } from '#shared/fields.ts';
import { Money } from '#shared/money.ts';

const Inner = z.object({ a: z.string(), cost: z.int().optional().meta(guarded('cost')) });
const Whole = z.object({
  id: z.string(),
  cost: Money.meta(guarded('cost')),
  secret: z.string().meta(guarded('secret')).optional(),
  one: Inner.optional(),
  list: z.array(Inner).default([]),
  map: z.record(z.string(), Inner),
  either: z.union([Inner, z.string()]),
  none: Inner.nullable(),
});
const value = {
  id: '1',
  cost: { amount: '1.00', currency: 'RUB' },
  secret: 's',
  one: { a: 'a', cost: 1, more: 1 },
  list: [{ a: 'a', cost: 1 }, { a: 'b' }],
  map: { x: { a: 'a' } },
  either: { a: 'a', cost: 1 },
  none: null,
  later: { added: true },
};

describe('what a role may not see', () => {
  it('is taken out wherever it lies, and nothing else is', () => {
    expect(withoutGuarded(Whole, value, () => false)).toEqual({
      id: '1',
      one: { a: 'a', more: 1 },
      list: [{ a: 'a' }, { a: 'b' }],
      map: { x: { a: 'a' } },
      either: { a: 'a' },
      none: null,
      later: { added: true },
    });
  });

  it('depends on the field right', () => {
    const seen = withoutGuarded(Whole, value, (right) => right === 'cost');
    const { secret: _, ...rest } = value;
    expect(seen).toEqual(rest);
  });

  it('is taken out of the values of a record', () => {
    const map = z.object({ map: z.record(z.string(), Inner) });
    expect(withoutGuarded(map, { map: { x: { a: 'a', cost: 1 } } }, () => false)).toEqual({ map: { x: { a: 'a' } } });
  });
});

it('knows personal fields by their marks, also inside of optional and default', () => {
  const schema = z.object({
    name: z.string().meta(personal).optional(),
    mails: z.array(z.string()).optional().meta(personal),
    notes: z.string().meta(personal).default(''),
    size: z.int(),
  });
  expect([...personalFields(schema)]).toEqual(['name', 'mails', 'notes']);
});

describe('the same schema', () => {
  it('keeps unknown fields at every depth when it is loose', () => {
    const loose = reshape(z.object({ ...Whole.shape, cost: Money.optional() }), 'loose');
    const stored = { ...value, map: { x: { a: 'a', more: 1 } }, list: [{ a: 'a', more: { deep: [1] } }] };
    const item = z.decode(loose, stored);
    expect(z.encode(loose, item)).toEqual(stored);
  });

  it('refuses unknown fields at every depth when it is strict, and names the place', () => {
    const faults = reshape(Whole, 'strict').safeParse({ ...value, list: [{ a: 'a', more: 1 }] });
    expect(faults.error?.issues.map(({ code, path }) => [code, path.join('.')])).toEqual(
      expect.arrayContaining([
        ['unrecognized_keys', 'list.0'],
        ['unrecognized_keys', 'one'],
        ['unrecognized_keys', ''],
      ]),
    );
  });

  it('keeps the checks of an object', () => {
    const either = z.object({ a: z.string().optional() }).refine(({ a }) => a !== undefined, { error: 'give a' });
    for (const mode of ['loose', 'strict'] as const)
      expect(reshape(either, mode).safeParse({}).error?.issues[0]?.message).toBe('give a');
  });
});
