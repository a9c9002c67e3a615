import * as z from 'zod';

// ISO 4217, active codes by their number of decimal places (list of 2026; ANG and BGN stay for older documents).
const CODES: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  2:
    'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF ' +
    'CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF ' +
    'IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN ' +
    'MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS ' +
    'SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};
const DIGITS = new Map(
  Object.entries(CODES).flatMap(([digits, codes]) => codes.split(' ').map((code) => [code, Number(digits)] as const)),
);

/** Decimal places of a currency's minor unit; throws RangeError for a code that is not in ISO 4217. */
export function digitsOf(currency: string): number {
  const digits = DIGITS.get(currency);
  if (digits === undefined) throw new RangeError(`${currency} is not an ISO 4217 currency code such as RUB or EUR`);
  return digits;
}

const DECIMAL = /^-?(0|[1-9]\d{0,15})(\.\d+)?$/;

/** Says how to write a decimal right; undefined when it is right. `digits` is the most decimal places allowed. */
function decimalFault(text: string, digits: number): string | undefined {
  if (text.includes(',')) return 'write a point before the decimals and no separators, such as "1234.50"';
  if (!DECIMAL.test(text)) return 'must be a plain decimal number in a string, such as "1234.50"';
  if ((text.split('.')[1]?.length ?? 0) > digits) return `may have at most ${digits} decimal places`;
  return Number.isSafeInteger(scaled(text, digits)) ? undefined : 'is too large';
}

function scaled(text: string, digits: number): number {
  const [whole = '0', fraction = ''] = text.split('.');
  return Number(`${whole}${fraction.padEnd(digits, '0')}`) + 0; // + 0 makes -0 plain zero
}

/** The decimal string of an integer count of 10^-digits, with at least `least` decimal places. */
function decimal(value: number, digits: number, least = digits): string {
  const figures = String(Math.abs(value)).padStart(digits + 1, '0');
  const cut = figures.length - digits;
  const fraction = figures.slice(cut).replace(/0+$/, '').padEnd(least, '0');
  return `${value < 0 ? '-' : ''}${figures.slice(0, cut)}${fraction === '' ? '' : `.${fraction}`}`;
}

export const Currency = z
  .string()
  .regex(/^[A-Z]{3}$/, { error: 'must be a currency code of three capital letters, such as RUB' })
  .refine((code) => !/^[A-Z]{3}$/.test(code) || DIGITS.has(code), { error: 'is not a known ISO 4217 currency' })
  .meta({ description: 'ISO 4217 code', examples: ['RUB'] });
export type Currency = z.infer<typeof Currency>;

/**
 * Money: `{ amount: "1234.50", currency: "RUB" }` on the wire, a safe integer of minor units inside.
 *
 * A codec: read bodies with `z.decode(schema, body)`, write answers with `z.encode(schema, value)`; `Money.out` is the
 * schema of the inside alone (of what the table holds), and `z.toJSONSchema(schema, { io: 'input' })` describes the wire
 * for bodies and for answers. Codecs work inside object, looseObject, array, tuple, record, optional, nullable, union,
 * discriminatedUnion, intersection, lazy, readonly, partial, extend, refine. What does not work around them when encoding:
 * - `.transform` and `z.preprocess` throw ZodEncodeError: normalise with `.overwrite`;
 * - `.default` and `.prefault` fill nothing on the way out: a stored item that lacks the member fails to encode, so fill
 *   defaults when it is read, or declare the member optional in the answer;
 * - a default is not in the `io: 'input'` JSON Schema, and `.default(…)` takes the inside form, `.prefault(…)` the wire's.
 */
export const Money = z
  .codec(
    z.strictObject({
      amount: z
        .string()
        .max(24)
        .meta({
          pattern: DECIMAL.source,
          description: "Decimal with a point and at most the currency's decimal places",
          examples: ['1234.50'],
        }),
      currency: Currency,
    }),
    z.object({ amount: z.int(), currency: Currency }).readonly(),
    {
      decode: ({ amount, currency }, context) => {
        const digits = digitsOf(currency);
        const fault = decimalFault(amount, digits);
        if (fault === undefined) return { amount: scaled(amount, digits), currency };
        context.issues.push({ code: 'custom', input: amount, path: ['amount'], message: fault });
        return z.NEVER;
      },
      encode: ({ amount, currency }) => ({ amount: decimal(amount, digitsOf(currency)), currency }),
    },
  )
  .meta({ id: 'Money' });
export type Money = z.infer<typeof Money>;

const decimalCodec = <T extends z.ZodType<number, number>>(id: string, inside: T, digits: number, example: string) =>
  z
    .codec(
      z
        .string()
        .max(24)
        .meta({
          pattern: DECIMAL.source,
          description: `Decimal, at most ${digits} decimal places`,
          examples: [example],
        }),
      inside,
      {
        decode: (text, context) => {
          const fault = decimalFault(text, digits);
          if (fault === undefined) return scaled(text, digits) as z.input<T>;
          context.issues.push({ code: 'custom', input: text, message: fault });
          return z.NEVER;
        },
        encode: (value) => decimal(value, digits, 0),
      },
    )
    .meta({ id });

/** Price of one unit: `"12.3456"` on the wire, an integer of ten-thousandths inside; its currency is the document's. */
export const Price = decimalCodec('Price', z.int().brand<'Price'>(), 4, '12.3456');
export type Price = z.infer<typeof Price>;

/** `"0.125"` on the wire, an integer of millionths inside. */
export const Quantity = decimalCodec('Quantity', z.int().brand<'Quantity'>(), 6, '2.5');
export type Quantity = z.infer<typeof Quantity>;

/** `"12.5"` (percent) on the wire, an integer of ten-thousandths of a percent inside. */
export const Percent = decimalCodec('Percent', z.int().brand<'Percent'>(), 4, '12.5');
export type Percent = z.infer<typeof Percent>;

/** All of something: 100 %. */
export const WHOLE = 1_000_000;

function safe(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`The amount ${value} is too large to be kept exactly`);
  return number;
}

/** Half away from zero: the one rounding rule. */
function divide(product: bigint, divisor: bigint): bigint {
  const quotient = product / divisor;
  const rest = product % divisor;
  if (2n * (rest < 0n ? -rest : rest) < divisor) return quotient;
  return quotient + (product < 0n ? -1n : 1n);
}

/** Money from minor units; throws RangeError unless they are a safe integer and the currency is known. */
export function money(amount: number, currency: string): Money {
  digitsOf(currency);
  if (!Number.isSafeInteger(amount)) throw new RangeError(`${amount} is not a whole number of minor units`);
  return { amount: amount + 0, currency };
}

function same(a: Money, b: Money): string {
  if (a.currency === b.currency) return a.currency;
  throw new TypeError(`${a.currency} and ${b.currency} cannot be reckoned together: convert one by a rate first`);
}

export const add = (a: Money, b: Money): Money => money(safe(BigInt(a.amount) + BigInt(b.amount)), same(a, b));
export const subtract = (a: Money, b: Money): Money => money(safe(BigInt(a.amount) - BigInt(b.amount)), same(a, b));
export const negate = (a: Money): Money => money(-a.amount, a.currency);

/** The sum of all items, zero of the currency when there are none. */
export const sum = (items: Iterable<Money>, currency: string): Money => [...items].reduce(add, money(0, currency));

/** Negative, zero or positive as `a` is less than, equal to or more than `b`. */
export function compare(a: Money, b: Money): number {
  same(a, b);
  return Math.sign(a.amount - b.amount);
}

/** `a × numerator / denominator` (integers, the denominator positive), rounded once, half away from zero. */
export function mulDiv(a: Money, numerator: number, denominator: number): Money {
  if (!Number.isSafeInteger(numerator) || !Number.isSafeInteger(denominator) || denominator <= 0) {
    throw new RangeError(`${numerator} / ${denominator} is not a ratio of whole numbers`);
  }
  return money(safe(divide(BigInt(a.amount) * BigInt(numerator), BigInt(denominator))), a.currency);
}

/** That many percent of an amount. */
export const percentOf = (a: Money, percent: Percent): Money => mulDiv(a, percent, WHOLE);

/** Price × quantity less the discount (0 to 100 %), in the currency's minor units, rounded once. */
export function lineTotal(price: Price, quantity: Quantity, discount: Percent | 0, currency: string): Money {
  if (discount < 0 || discount > WHOLE) throw new RangeError('A discount lies between 0 and 100 percent');
  const exact = BigInt(price) * BigInt(quantity) * BigInt(WHOLE - discount) * 10n ** BigInt(digitsOf(currency));
  return money(safe(divide(exact, 10n ** 16n)), currency); // 4 places of price, 6 of quantity, 6 of the share
}

/**
 * Splits an amount by weights (whole numbers, not negative, not all zero) into parts that add up to it exactly; what is
 * left over goes one minor unit each to the largest remainders, the first of equals.
 */
export function allocate(total: Money, weights: readonly number[]): Money[] {
  if (weights.some((weight) => !Number.isSafeInteger(weight) || weight < 0)) {
    throw new RangeError('Weights are whole numbers, zero or more');
  }
  const whole = weights.reduce((all, weight) => all + BigInt(weight), 0n);
  if (whole === 0n) throw new RangeError('At least one weight must be more than zero');
  const size = BigInt(Math.abs(total.amount));
  const shares = weights.map((weight, index) => {
    const exact = size * BigInt(weight);
    return { index, part: exact / whole, rest: exact % whole };
  });
  const left = Number(size - shares.reduce((all, share) => all + share.part, 0n));
  const byRest = shares.toSorted((a, b) => Number(b.rest - a.rest)); // stable: the first of equals stays first
  const lucky = new Set(byRest.slice(0, left).map((share) => share.index));
  const sign = total.amount < 0 ? -1 : 1;
  return shares.map(({ index, part }) => money(sign * (Number(part) + (lucky.has(index) ? 1 : 0)), total.currency));
}

/** For people: `1 234,50 ₽` in `ru`, `RUB 1,234.50` in `en`. */
export function format(a: Money, locale: string): string {
  const digits = digitsOf(a.currency);
  // A string, not a float: Intl formats decimal strings exactly.
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: a.currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(decimal(a.amount, digits) as `${number}`);
}
