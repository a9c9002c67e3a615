import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import {
  add,
  allocate,
  compare,
  digitsOf,
  format,
  lineTotal,
  Money,
  money,
  mulDiv,
  negate,
  Percent,
  percentOf,
  Price,
  Quantity,
  subtract,
  sum,
  WHOLE,
} from '#shared/money.ts';

const wire = (amount: string, currency = 'RUB') => ({ amount, currency });
const price = (text: string): Price => z.decode(Price, text);
const quantity = (text: string): Quantity => z.decode(Quantity, text);
const percent = (text: string): Percent => z.decode(Percent, text);

describe('money on the wire', () => {
  test.each([
    ['1234.50', 'RUB', 123_450, '1234.50'],
    ['1234.5', 'RUB', 123_450, '1234.50'],
    ['0', 'USD', 0, '0.00'],
    ['-0.01', 'EUR', -1, '-0.01'],
    ['-0', 'EUR', 0, '0.00'],
    ['15', 'JPY', 15, '15'],
    ['1.234', 'KWD', 1234, '1.234'],
    ['90071992547409.91', 'RUB', Number.MAX_SAFE_INTEGER, '90071992547409.91'],
  ])('%s %s is %d minor units and goes out as %s', (text, currency, amount, out) => {
    const inside = z.decode(Money, wire(text, currency));
    expect(inside).toEqual({ amount, currency });
    expect(z.encode(Money, inside)).toEqual(wire(out, currency));
  });

  test.each([
    ['1,5', /point/],
    ['1 000', /plain decimal/],
    ['1e21', /plain decimal/],
    ['1e-7', /plain decimal/],
    ['0x10', /plain decimal/],
    ['', /plain decimal/],
    ['NaN', /plain decimal/],
    ['.5', /plain decimal/],
    ['5.', /plain decimal/],
    ['+5', /plain decimal/],
    ['007', /plain decimal/],
    ['١٢', /plain decimal/],
    ['1.005', /at most 2 decimal places/],
    ['90071992547409.92', /too large/],
  ])('the amount "%s" is refused with a hint', (text, hint) => {
    const { error } = z.safeDecode(Money, wire(text));
    expect(error?.issues[0]?.path).toEqual(['amount']);
    expect(error?.issues[0]?.message).toMatch(hint);
  });

  test.each(['RUR', 'rub', 'XXX', 'РУБ', ''])('the currency "%s" is refused', (currency) => {
    expect(z.safeDecode(Money, wire('1', currency)).error?.issues[0]?.path).toEqual(['currency']);
  });

  test('a number instead of a string is refused, as is a member too many', () => {
    expect(z.safeParse(Money, { amount: 5, currency: 'RUB' }).success).toBe(false);
    expect(z.safeParse(Money, { amount: '5', currency: 'RUB', vat: '1' }).success).toBe(false);
  });

  test('the JSON Schema of io "input" is the wire', () => {
    const schema = z.toJSONSchema(z.object({ total: Money, price: Price.optional() }), { io: 'input' });
    expect(schema.required).toEqual(['total']);
    expect(schema.$defs?.['Money']).toMatchObject({
      type: 'object',
      required: ['amount', 'currency'],
      properties: { amount: { type: 'string', pattern: expect.any(String) }, currency: { pattern: '^[A-Z]{3}$' } },
    });
    expect(schema.$defs?.['Price']).toMatchObject({ type: 'string', pattern: expect.any(String) });
  });

  const inside = money(100, 'RUB');
  const outside = wire('1.00');
  test.each<[string, z.ZodType, unknown, unknown]>([
    ['object', z.object({ a: Money }), { a: inside }, { a: outside }],
    ['looseObject', z.looseObject({ a: Money }), { a: inside, b: 1 }, { a: outside, b: 1 }],
    ['array', z.array(Money), [inside], [outside]],
    ['record', z.record(z.string(), Money), { a: inside }, { a: outside }],
    ['optional', z.object({ a: Money.optional(), b: Money.optional() }), { b: inside }, { b: outside }],
    ['nullable', z.object({ a: Money.nullable() }), { a: null }, { a: null }],
    ['present default', z.object({ a: Money.default(inside) }), { a: inside }, { a: outside }],
    [
      'discriminatedUnion',
      z.discriminatedUnion('k', [z.object({ k: z.literal('a'), m: Money }), z.object({ k: z.literal('b') })]),
      { k: 'a', m: inside },
      { k: 'a', m: outside },
    ],
  ])('the codec works inside %s, both ways', (_name, schema, value, text) => {
    expect(z.encode(schema, value)).toEqual(text);
    expect(z.decode(schema, text)).toEqual(value);
  });

  test('a default is filled on the way in, but refused on the way out, as the comment of Money warns', () => {
    const schema = z.object({ a: Money.default(inside) });
    expect(z.decode(schema, {})).toEqual({ a: inside });
    expect(() => z.encode(schema, {} as never)).toThrow(/expected object/);
  });

  test('Money.out checks what the table holds', () => {
    expect(Money.out.safeParse({ amount: 5, currency: 'RUB' }).success).toBe(true);
    expect(Money.out.safeParse({ amount: 5.5, currency: 'RUB' }).success).toBe(false);
    expect(Money.out.safeParse({ amount: 2 ** 53, currency: 'RUB' }).success).toBe(false);
  });
});

describe('prices, quantities, percents', () => {
  test.each([
    [Price, '12.3456', 123_456, '12.3456'],
    [Price, '12.3400', 123_400, '12.34'],
    [Price, '12', 120_000, '12'],
    [Quantity, '0.000001', 1, '0.000001'],
    [Quantity, '-2.5', -2_500_000, '-2.5'],
    [Percent, '100', WHOLE, '100'],
  ] as const)('%# reads and writes %s', (codec, text, value, out) => {
    expect(z.decode(codec, text)).toBe(value);
    expect(z.encode(codec, z.decode(codec, text))).toBe(out);
  });

  test('one decimal place too many is refused', () => {
    expect(z.safeDecode(Price, '1.00001').error?.issues[0]?.message).toMatch(/at most 4/);
    expect(z.safeDecode(Quantity, '1.0000001').error?.issues[0]?.message).toMatch(/at most 6/);
    expect(z.safeDecode(Percent, '1,5').error?.issues[0]?.message).toMatch(/point/);
  });
});

describe('reckoning', () => {
  test('sums keep the currency and refuse another one', () => {
    expect(add(money(1, 'RUB'), money(2, 'RUB'))).toEqual(money(3, 'RUB'));
    expect(subtract(money(1, 'RUB'), money(2, 'RUB'))).toEqual(money(-1, 'RUB'));
    expect(Object.is(negate(money(0, 'RUB')).amount, 0)).toBe(true);
    expect(sum([], 'EUR')).toEqual(money(0, 'EUR'));
    expect(compare(money(1, 'RUB'), money(2, 'RUB'))).toBe(-1);
    expect(() => add(money(1, 'RUB'), money(1, 'USD'))).toThrow(/RUB and USD/);
    expect(() => compare(money(1, 'RUB'), money(1, 'USD'))).toThrow(/RUB and USD/);
    expect(() => add(money(Number.MAX_SAFE_INTEGER, 'RUB'), money(1, 'RUB'))).toThrow(/too large/);
    expect(() => money(0.5, 'RUB')).toThrow(/whole number/);
    expect(() => money(1, 'ZZZ')).toThrow(/ISO 4217/);
  });

  test.each([
    [5, 1, 2, 3],
    [-5, 1, 2, -3],
    [7, 1, 3, 2],
    [1, 1, 3, 0],
    [-1, 1, 3, 0],
    [2, 1, 3, 1],
    [100, 20, 120, 17],
  ])('%d × %d / %d is %d: half goes away from zero', (amount, numerator, denominator, result) => {
    expect(mulDiv(money(amount, 'RUB'), numerator, denominator)).toEqual(money(result, 'RUB'));
  });

  test('mulDiv refuses a ratio that is not of whole numbers', () => {
    expect(() => mulDiv(money(1, 'RUB'), 1, 0)).toThrow(/ratio/);
    expect(() => mulDiv(money(1, 'RUB'), 0.5, 1)).toThrow(/ratio/);
  });

  test.each([
    ['100', '3', '10', 'RUB', 27_000],
    ['0.0001', '50', '0', 'RUB', 1],
    ['0.0001', '49.999999', '0', 'RUB', 0],
    ['33.3333', '3', '0', 'RUB', 10_000],
    ['19.99', '-1', '0', 'RUB', -1999],
    ['10.5', '1', '0', 'JPY', 11],
    ['1.2345', '1', '0', 'KWD', 1235],
    ['100', '1', '100', 'RUB', 0],
  ])('%s × %s less %s %% in %s is %d minor units', (each, count, off, currency, amount) => {
    expect(lineTotal(price(each), quantity(count), percent(off), currency)).toEqual(money(amount, currency));
  });

  test('a discount outside 0 to 100 percent is refused', () => {
    expect(() => lineTotal(price('1'), quantity('1'), percent('100.0001'), 'RUB')).toThrow(/between 0 and 100/);
    expect(() => lineTotal(price('1'), quantity('1'), percent('-1'), 'RUB')).toThrow(/between 0 and 100/);
  });

  test('a percent of money is rounded once', () => {
    expect(percentOf(money(1000, 'RUB'), percent('0.05'))).toEqual(money(1, 'RUB'));
    expect(percentOf(money(12_345, 'RUB'), percent('20'))).toEqual(money(2469, 'RUB'));
  });

  test('lineTotal is the rational number rounded half away from zero', () => {
    const cases = fc.tuple(
      fc.integer({ min: -1e9, max: 1e9 }),
      fc.integer({ min: -1e9, max: 1e9 }),
      fc.integer({ min: 0, max: WHOLE }),
      fc.constantFrom('RUB', 'JPY', 'KWD'),
    );
    fc.assert(
      fc.property(cases, ([each, count, off, currency]) => {
        const result = lineTotal(each as Price, count as Quantity, off as Percent, currency);
        const exact = BigInt(each) * BigInt(count) * BigInt(WHOLE - off) * 10n ** BigInt(digitsOf(currency));
        const unit = 10n ** 16n;
        const error = BigInt(result.amount) * unit - exact;
        const size = error < 0n ? -error : error;
        const away = (exact < 0n ? -error : error) > 0n;
        expect(2n * size < unit || (2n * size === unit && away)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('the parts of an allocation add up to the whole and stand within one unit of their exact share', () => {
    const weights = fc.array(fc.nat({ max: 1_000_000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(fc.maxSafeInteger(), weights, (amount, shares) => {
        fc.pre(shares.some((weight) => weight > 0));
        const total = money(amount, 'RUB');
        const parts = allocate(total, shares);
        expect(parts).toHaveLength(shares.length);
        expect(parts.reduce((all, part) => all + BigInt(part.amount), 0n)).toBe(BigInt(amount));
        const whole = shares.reduce((all, weight) => all + BigInt(weight), 0n);
        for (const [index, part] of parts.entries()) {
          const error = BigInt(part.amount) * whole - BigInt(amount) * BigInt(shares[index] ?? 0);
          expect(error < whole && error > -whole).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('what is left over goes to the largest remainders, the first of equals', () => {
    expect(allocate(money(100, 'RUB'), [1, 1, 1]).map((part) => part.amount)).toEqual([34, 33, 33]);
    expect(allocate(money(-100, 'RUB'), [1, 1, 1]).map((part) => part.amount)).toEqual([-34, -33, -33]);
    const many = allocate(
      money(102, 'RUB'),
      Array.from({ length: 20 }, () => 1),
    );
    expect(many.map((part) => part.amount)).toEqual(Array.from({ length: 20 }, (_, index) => (index < 2 ? 6 : 5)));
    expect(allocate(money(10, 'RUB'), [0, 5, 2]).map((part) => part.amount)).toEqual([0, 7, 3]);
    expect(() => allocate(money(1, 'RUB'), [])).toThrow(/more than zero/);
    expect(() => allocate(money(1, 'RUB'), [0])).toThrow(/more than zero/);
    expect(() => allocate(money(1, 'RUB'), [-1, 2])).toThrow(/zero or more/);
  });
});

test.each([
  [123_450, 'RUB', 'ru', '1 234,50 ₽'],
  [123_450, 'USD', 'en-US', '$1,234.50'],
  [-5, 'EUR', 'ru', '-0,05 €'],
  [1500, 'JPY', 'en-US', '¥1,500'],
  [9_007_199_254_740_991, 'USD', 'en-US', '$90,071,992,547,409.91'],
])('%d minor units of %s read in %s as %s', (amount, currency, locale, text) => {
  expect(format(money(amount, currency), locale).replace(/\s/g, ' ')).toBe(text);
});
