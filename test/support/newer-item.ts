import fc from 'fast-check';
import type { Schema, Schemas } from './json-schema.ts';

/** What a later release might add anywhere: a value, and a whole structure. */
const NEWER = { newerText: 'kept', newerParts: [{ deep: { deeper: 1 } }] } as const;

type Making = { defs: Schemas; pick: number };

/**
 * An item as a later release may have written it: everything that its schema (JSON Schema of the stored form) describes is
 * there, and in every object more than that, but in closed values such as money. `pick` chooses among alternatives.
 */
export function newerItem(schema: Schema, pick: number): Record<string, unknown> {
  return valueOf(schema, { defs: (schema['$defs'] ?? {}) as Schemas, pick }, '') as Record<string, unknown>;
}

function valueOf(given: Schema, making: Making, name: string): unknown {
  const schema = resolved(given, making.defs);
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return chosen(schema['enum'] as unknown[], making);
  const alternatives = (schema['anyOf'] ?? schema['oneOf']) as Schema[] | undefined;
  if (alternatives)
    return valueOf(
      chosen(
        alternatives.filter((one) => one['type'] !== 'null'),
        making,
      ),
      making,
      name,
    );
  switch ([schema['type']].flat().find((type) => type !== 'null')) {
    case 'string':
      return textOf(schema, name);
    case 'integer':
    case 'number':
      return Math.max(1, Number(schema['minimum'] ?? 1));
    case 'boolean':
      return true;
    case 'array':
      return [valueOf((schema['items'] ?? {}) as Schema, making, name)];
    case 'object':
      return objectOf(schema, making);
    default:
      return { anything: ['goes'] };
  }
}

const chosen = <T>(all: readonly T[], { pick }: Making): T => all[pick % all.length] as T;

function resolved({ $ref, ...beside }: Schema, defs: Schemas): Schema {
  if (typeof $ref !== 'string') return beside;
  return { ...resolved(defs[$ref.replace('#/$defs/', '')] ?? {}, defs), ...beside };
}

function objectOf(schema: Schema, making: Making): Record<string, unknown> {
  const { properties, additionalProperties: entries } = schema as {
    properties?: Schemas;
    additionalProperties?: Schema | false;
  };
  if (properties === undefined) return { entry: valueOf(entries || {}, making, 'entry') };
  const known = Object.entries(properties).map(([name, one]) => [name, valueOf(one, making, name)]);
  return { ...Object.fromEntries(known), ...(entries === false ? {} : NEWER) };
}

const FORMATS: Readonly<Record<string, string>> = {
  email: 'anna@example.com',
  date: '2026-11-23',
  'date-time': '2026-11-23T10:00:00.000Z',
  uri: 'https://example.com/page',
};

function textOf({ format, pattern, examples, minLength = 1 }: Schema, name: string): string {
  const [example] = (examples ?? []) as string[];
  if (example !== undefined) return example;
  const known = FORMATS[String(format)];
  if (known !== undefined) return known;
  if (typeof pattern === 'string')
    return fc.sample(fc.stringMatching(new RegExp(pattern, 'u')), { seed: 1, numRuns: 1 })[0] ?? '';
  return (name || 'text').padEnd(Number(minLength), '.');
}
