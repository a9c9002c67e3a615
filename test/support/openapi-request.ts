import fc from 'fast-check';
import { naughty } from './naughty.ts';
import { resolved, type Schema, type Schemas } from './json-schema.ts';

export type Operation = {
  method: string;
  path: string;
  operationId: string;
  right: string | undefined;
  parameters: readonly { name: string; in: string; required: boolean; schema: Schema }[];
  body: { media: readonly string[]; schema: Schema } | undefined;
  answers: Readonly<Record<string, { media: string; schema: Schema }>>;
};
export type Document = { paths: Record<string, Record<string, Schema>>; components: { schemas: Schemas } };

/** The operations of an OpenAPI document, one row each. */
export function operationsOf({ paths }: Document): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => {
      const content = (one['requestBody'] as { content: Record<string, { schema: Schema }> } | undefined)?.content;
      const responses = one['responses'] as Record<string, { content?: Record<string, { schema: Schema }> }>;
      return {
        method: method.toUpperCase(),
        path,
        operationId: String(one['operationId']),
        right: one['x-right'] as string | undefined,
        parameters: (one['parameters'] ?? []) as Operation['parameters'],
        body: content && { media: Object.keys(content), schema: Object.values(content)[0]?.schema ?? {} },
        answers: Object.fromEntries(
          Object.entries(responses).map(([status, { content = {} }]) => {
            const [[media, { schema }] = ['', { schema: {} }]] = Object.entries(content);
            return [status, { media, schema }];
          }),
        ),
      };
    }),
  );
}

/** A request as it goes out, but for what only the run knows: `{real}` stands for ids and versions of earlier answers. */
export type Draft = {
  operation: Operation;
  by: string;
  params: Record<string, string>;
  query: readonly (readonly [string, string])[];
  headers: Record<string, string>;
  body: unknown;
  /** Turns the JSON text of the body into something else. */
  bend: Bend;
  repeat: boolean;
};
export type Bend = 'none' | 'cut' | 'twice' | 'deep' | 'deeper' | 'proto' | 'mark' | 'nothing' | 'large' | 'binary';

/** A place for a real id: of the kind `prefix`, the `pick`-th known one. */
export const real = (prefix: string, pick: number): string => `@@${prefix}:${pick}@@`;

export type Hints = Readonly<Record<string, readonly unknown[]>>;
type Making = { schemas: Schemas; hints: Hints };

const PICK = fc.nat(1000);
const ugly = fc.constantFrom(...naughty);
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
  const source = String(pattern ?? '');
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

type Wound = { kind: 'whole' | 'replace' | 'drop' | 'extra'; at: number; value: unknown; name: string };
const wound: fc.Arbitrary<Wound> = fc.record({
  kind: fc.constantFrom('whole', 'replace', 'replace', 'replace', 'drop', 'extra'),
  at: PICK,
  value: wrongValue,
  name: fc.oneof(ugly, fc.constantFrom('version', 'id', 'state', 'cost', 'ownerId', 'roles', 'x')),
});

type Slot = { holder: Record<string, unknown>; name: string };
function slotsOf(value: unknown): Slot[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((name) => [{ holder, name }, ...slotsOf(holder[name])]);
}

/** One thing about a value is made wrong: a member has another value, is missing, or is one too many. */
function wounded(value: unknown, { kind, at, value: wrong, name }: Wound): unknown {
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

/** Text that may stand in a header: Latin-1 without controls. */
const inHeader = (value: string): string =>
  value
    .replaceAll(/[^\u0020-\u007E\u00A0-\u00FF]/g, '')
    .trim()
    .slice(0, 400);
const uglyHeader = ugly.map(inHeader);

/** Settings of the starter set, by their plural. */
const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  channels: ['site', 'partner'],
  forms: ['site'],
  sources: ['partner'],
  templates: ['welcome'],
  policies: ['discount'],
  scorings: ['lead'],
  'lead-types': ['lead'],
  'deal-types': ['quick', 'complex'],
  'legal-entities': ['main'],
};
const KINDS = [
  'lead',
  'deal',
  'client',
  'person',
  'product',
  'approval',
  'order',
  'letter',
  'raw',
  'job',
  'story',
  'user',
  'team',
  'setting',
];
const pathValue = (path: string): fc.Arbitrary<string> => {
  const kind =
    /\/(lead|deal|client|product|approval|order|letter|job)s\/\{/.exec(path)?.[1] ??
    (path.includes('/people/') ? 'person' : path.includes('/intake/') ? 'raw' : undefined);
  const setting = SETTINGS[/\/([a-z-]+)\/\{/.exec(path)?.[1] ?? ''];
  const likely =
    kind !== undefined
      ? PICK.map((pick) => real(kind, pick))
      : setting
        ? fc.oneof(fc.constantFrom(...setting), fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,12}$/))
        : fc.tuple(fc.constantFrom(...KINDS), PICK).map(([one, pick]) => real(one, pick));
  return fc.oneof(
    { weight: 7, arbitrary: likely },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...KINDS), PICK).map(([one, pick]) => real(one, pick)) },
    { weight: 1, arbitrary: ugly.map((one) => one.slice(0, 900)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'constructor',
        'toString_x',
        '__proto__',
        'story_',
        'lead_',
        'x'.repeat(1500),
        'lead_01J8Z3Y1QW9R7V5T3S1P0N2M4K',
      ),
    },
  );
};

const headersOf = (operation: Operation, by: readonly string[]): fc.Arbitrary<Record<string, string>> =>
  fc
    .record({
      'if-match':
        operation.parameters.some(({ name }) => name === 'If-Match') || operation.method === 'PUT'
          ? fc.oneof(
              { weight: 6, arbitrary: fc.constant(real('version', 0)) },
              {
                weight: 1,
                arbitrary: fc.constantFrom(
                  '"1"',
                  '1',
                  'W/"2"',
                  '*',
                  '"x"',
                  '"99999999999999999999"',
                  '"-1"',
                  '"1.5"',
                  '"0"',
                ),
              },
              { weight: 1, arbitrary: fc.constant('') },
            )
          : fc.constant(''),
      'idempotency-key': fc.oneof(
        { weight: 5, arbitrary: fc.constant('') },
        { weight: 3, arbitrary: fc.uuid() },
        { weight: 1, arbitrary: fc.oneof(uglyHeader, fc.constantFrom('again', 'again-2', 'k'.repeat(256))) },
      ),
      'accept-language': fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom('', 'ru', 'en') },
        { weight: 1, arbitrary: uglyHeader },
      ),
      accept: fc.constantFrom('', '', '*/*', 'text/html', 'image/png'),
      origin: fc.oneof({ weight: 6, arbitrary: fc.constant('') }, { weight: 1, arbitrary: uglyHeader }),
      'content-type': operation.body
        ? fc.oneof(
            { weight: 8, arbitrary: fc.constantFrom(...operation.body.media) },
            {
              weight: 1,
              arbitrary: fc.constantFrom(
                '',
                'text/plain',
                'text/html',
                'application/xml',
                'multipart/form-data',
                'multipart/form-data; boundary=x',
                'application/json; charset=utf-16',
                'application/x-www-form-urlencoded; charset=koi8-r',
                'application/vnd.api+json',
                'x',
                'application/octet-stream',
              ),
            },
          )
        : fc.constant(''),
      // The first may most: only what gets past the rights is worth much.
      by: fc.oneof(
        { weight: 2, arbitrary: fc.constantFrom(...by.slice(0, 1)) },
        { weight: 1, arbitrary: fc.constantFrom(...by) },
      ),
    })
    .map((headers) => Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== '')));

function queryOf(operation: Operation, making: Making): fc.Arbitrary<[string, string][]> {
  const known = operation.parameters.filter((one) => one.in === 'query');
  const values = known.map(({ name, required, schema }) =>
    fc.oneof(
      { weight: required ? 8 : 4, arbitrary: valueOf(schema, making, name).map((value) => [[name, String(value)]]) },
      { weight: required ? 1 : 6, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: ugly.map((value) => [[name, value.slice(0, 900)]]) },
    ),
  );
  const extra = fc.oneof(
    { weight: 9, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: ugly.map((name) => [[name.slice(0, 90), 'x']]) },
  );
  return fc.tuple(...values, extra).map((all) => all.flat() as [string, string][]);
}

const bend: fc.Arbitrary<Bend> = fc.oneof(
  { weight: 40, arbitrary: fc.constant<Bend>('none') },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Bend>('cut', 'twice', 'deep', 'deeper', 'proto', 'mark', 'nothing', 'large', 'binary'),
  },
);

/** Requests of one operation: many that fit its description, many of which one thing is wrong. */
export function draftOf(operation: Operation, making: Making, by: readonly string[]): fc.Arbitrary<Draft> {
  const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
  const fitting = operation.body ? valueOf(operation.body.schema, making) : fc.constant(undefined);
  const body = fc.oneof(
    { weight: 3, arbitrary: fitting },
    { weight: operation.body ? 2 : 0, arbitrary: fc.tuple(fitting, wound).map(([value, how]) => wounded(value, how)) },
  );
  return fc
    .record({
      params: fc.record(Object.fromEntries(names.map((name) => [name, pathValue(operation.path)]))),
      query: queryOf(operation, making),
      headers: headersOf(operation, by),
      body,
      bend,
      repeat: fc.boolean(),
    })
    .map(({ headers: { by: who = '', ...headers }, ...rest }) => ({ operation, by: who, headers, ...rest }));
}
