import fc from 'fast-check';
import type { Schema, Schemas } from './json-schema.ts';
import { PICK, real, ugly, valueOf, wound, wounded, type Making } from './schema-value.ts';

export type Operation = {
  method: string;
  path: string;
  operationId: string;
  right: string | undefined;
  /** The kind of the record that `{id}` names. */
  of: string | undefined;
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
        of: one['x-of'] as string | undefined,
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
/** Parts of a path that are no ids: what other systems call things. */
const NAMED: Readonly<Record<string, fc.Arbitrary<string>>> = {
  system: fc.oneof(
    fc.constantFrom('1c', 'shop'),
    ugly.map((one) => one.slice(0, 60) || '-'),
  ),
  value: fc.oneof(
    fc.stringMatching(/^[A-Z]\d{1,2}$/),
    ugly.map((one) => one.slice(0, 300) || '-'),
  ),
};

const pathValue = (path: string, name: string): fc.Arbitrary<string> => {
  if (NAMED[name]) return NAMED[name];
  const kind =
    /\/(lead|deal|client|product|approval|order|letter|job|webhook)s\/\{/.exec(path)?.[1] ??
    (path.includes('/people/')
      ? 'person'
      : path.includes('/intake/')
        ? 'raw'
        : path.includes('/decisions/')
          ? 'token'
          : undefined);
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
    { weight: 1, arbitrary: ugly.map((one) => one.slice(0, 900) || '-') },
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

const FORM = 'application/x-www-form-urlencoded';
/** The only forms of our own are buttons; a text goes out as it is. */
const pressed = fc.oneof(
  fc.constantFrom('decision=approve', 'decision=refuse&comment=No', 'decision=refuse', 'decision=both&comment=1'),
  ugly.map((comment) => `decision=refuse&comment=${encodeURIComponent(comment.toWellFormed())}`),
);

/** Requests of one operation: many that fit its description, many of which one thing is wrong. */
export function draftOf(operation: Operation, making: Making, by: readonly string[]): fc.Arbitrary<Draft> {
  const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
  const fitting = operation.body?.media.every((media) => media === FORM)
    ? pressed
    : operation.body
      ? valueOf(operation.body.schema, making)
      : fc.constant(undefined);
  const body = fc.oneof(
    { weight: 3, arbitrary: fitting },
    { weight: operation.body ? 2 : 0, arbitrary: fc.tuple(fitting, wound).map(([value, how]) => wounded(value, how)) },
  );
  return fc
    .record({
      params: fc.record(Object.fromEntries(names.map((name) => [name, pathValue(operation.path, name)]))),
      query: queryOf(operation, making),
      headers: headersOf(operation, by),
      body,
      bend,
      repeat: fc.boolean(),
    })
    .map(({ headers: { by: who = '', ...headers }, params, query, body, bend, repeat }) => {
      return { operation, by: who, headers, params, query, body, bend, repeat };
    });
}
