import fc from 'fast-check';
import { resolved, type Schema, type Schemas } from './json-schema.ts';
import { naughty } from './naughty.ts';

/** A place for a real id: of the kind `prefix`, the `pick`-th known one. */
export const real = (prefix: string, pick: number): string => `@@${prefix}:${pick}@@`;

export type Hints = Readonly<Record<string, readonly unknown[]>>;
export type Making = { schemas: Schemas; hints: Hints };

export const PICK = fc.nat(1000);
export const ugly = fc.constantFrom(...naughty);
const DECIMALS = [
  '0',
  '1',
  '10.5',
  '100',
  '48500',
  '0.0001',
  '-5',
  '-0',
  '99999999999999',
  '9007199254740991',
  '9999999999999999',
  '1e5',
  '1,5',
  '18',
  '150',
  '0.000001',
];
const NUMBERS = [0, -0, -1, 1, 1.5, 1e21, 1e308, 2 ** 53, -(2 ** 53), 1e-7, 2 ** 31, 1001];

const byPattern: readonly (readonly [RegExp, () => fc.Arbitrary<string>])[] = [
  [/^\^([a-z]+)_\[0-7\]/, () => fc.constant('')],
  [/^\^-\?\(0\|/, () => fc.constantFrom(...DECIMALS)],
  [/\\p\{L\}/, () => fc.stringMatching(/^[A-Z0-9][A-Z0-9._-]{0,20}$/)],
  [/^\^https\?/, () => fc.webUrl().map((url) => url.split('/').slice(0, 3).join('/'))],
];

function text(schema: Schema, { pattern, format, minLength = 0, maxLength = 60 }: Schema): fc.Arbitrary<unknown> {
  const source = typeof pattern === 'string' ? pattern : '';
  const prefix = /^\^([a-z]+)_\[0-7\]/.exec(source)?.[1];
  if (prefix !== undefined) return PICK.map((pick) => real(prefix, pick));
  if (format === 'email')
    return fc.oneof(
      fc.emailAddress(),
      fc.nat().map((n) => `p${n}@почта.рф`),
      fc.nat().map((n) => `P${n}@Example.com`),
    );
  if (format === 'date') return fc.constantFrom('2026-12-01', '2028-02-29', '0001-01-01', '9999-12-31');
  if (format === 'date-time') return fc.constantFrom('2026-12-01T10:00:00.000Z', '0001-01-01T00:00:00.000Z');
  if (Array.isArray(schema['examples']) && source !== '' && !source.startsWith('^-?'))
    return fc.constantFrom(...(schema['examples'] as unknown[]), 'EUR', 'JPY');
  const known = byPattern.find(([one]) => one.test(source));
  if (known) return known[1]();
  if (source !== '') return fc.stringMatching(new RegExp(source, 'u'));
  const [min, max] = [Number(minLength), Math.min(Number(maxLength), 60)];
  return fc.oneof(
    { weight: 4, arbitrary: fc.string({ minLength: min, maxLength: max, unit: 'grapheme' }) },
    { weight: 1, arbitrary: ugly },
  );
}

/** A value that fits a schema, but for rules a schema cannot say. */
export function valueOf(schema: Schema, making: Making, name = ''): fc.Arbitrary<unknown> {
  const own = plainValueOf(resolved(schema, making.schemas), making, name);
  const hints = making.hints[name];
  return hints ? fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...hints) }, { weight: 1, arbitrary: own }) : own;
}

function plainValueOf(schema: Schema, making: Making, name: string): fc.Arbitrary<unknown> {
  if ('const' in schema) return fc.constant(schema['const']);
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as unknown[]));
  if (Array.isArray(schema['anyOf']))
    return fc.oneof(...(schema['anyOf'] as Schema[]).map((one) => valueOf(one, making)));
  switch (schema['type']) {
    case 'string':
      return text(schema, schema);
    case 'integer':
    case 'number':
      return fc.integer({
        min: Math.max(Number(schema['minimum'] ?? -9), -9),
        max: Math.min(Number(schema['maximum'] ?? 99), 99),
      });
    case 'boolean':
      return fc.boolean();
    case 'array': {
      const minLength = Number(schema['minItems'] ?? 0);
      return fc.array(valueOf(schema['items'] as Schema, making, name), { minLength, maxLength: minLength + 3 });
    }
    case 'object':
      return object(schema, making);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function object(schema: Schema, making: Making): fc.Arbitrary<unknown> {
  const properties = Object.entries((schema['properties'] ?? {}) as Schemas);
  if (properties.length === 0 && typeof schema['additionalProperties'] === 'object')
    return fc.dictionary(fc.stringMatching(/^\w{1,8}$/), valueOf(schema['additionalProperties'] as Schema, making), {
      maxKeys: 3,
    });
  const required = new Set(schema['required'] as string[] | undefined);
  const names = properties.map(([name]) => name).filter((name) => required.has(name));
  return fc.record(Object.fromEntries(properties.map(([name, one]) => [name, valueOf(one, making, name)])), {
    requiredKeys: names,
  });
}

const wrongValue: fc.Arbitrary<unknown> = fc.oneof(
  ugly,
  fc.constantFrom<unknown>(...NUMBERS),
  fc.constantFrom<unknown>(null, true, false, [], {}, [[]], { a: { b: {} } }),
  fc.jsonValue({ maxDepth: 3 }),
  fc
    .integer({ min: 1, max: 14 })
    .map((depth) => Array.from({ length: depth }).reduce<unknown>((inner) => ({ a: inner }), 'x')),
);

export type Wound = { kind: 'whole' | 'replace' | 'drop' | 'extra'; at: number; value: unknown; name: string };
export const wound: fc.Arbitrary<Wound> = fc.record({
  kind: fc.constantFrom('whole', 'replace', 'replace', 'replace', 'drop', 'extra'),
  at: PICK,
  value: wrongValue,
  name: fc.oneof(ugly, fc.constantFrom('version', 'id', 'state', 'cost', 'ownerId', 'roles', 'x')),
});

type Slot = { holder: Record<string, unknown>; name: string };
function slotsOf(value: unknown): Slot[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((name) => [[{ holder, name }], slotsOf(holder[name])].flat());
}

/** One thing about a value is made wrong: a member has another value, is missing, or is one too many. */
export function wounded(value: unknown, { kind, at, value: wrong, name }: Wound): unknown {
  if (kind === 'whole' && at % 4 === 0) return wrong;
  const copy = structuredClone(value);
  const slots = slotsOf(copy);
  const slot = slots[at % Math.max(1, slots.length)];
  if (!slot) return kind === 'extra' ? { [name]: wrong } : wrong;
  if (kind === 'drop' && !Array.isArray(slot.holder)) delete slot.holder[slot.name];
  else if (kind === 'extra' && !Array.isArray(slot.holder)) slot.holder[name] = wrong;
  else slot.holder[slot.name] = wrong;
  return copy;
}
