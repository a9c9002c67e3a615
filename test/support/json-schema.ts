/** A JSON Schema (2020-12), as far as the OpenAPI document of the product uses it. */
export type Schema = { readonly [keyword: string]: unknown };
export type Schemas = Readonly<Record<string, Schema>>;

type Check = (schema: Schema, value: unknown, at: string, look: Look) => string[];
type Look = {
  schemas: Schemas;
  /** Objects that do not say whether they have other members have none. */
  closed: boolean;
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const asSchema = (value: unknown): Schema => (isObject(value) ? value : {});
/** JSON Schema counts code points. */
const lengthOf = (text: string): number => Array.from(text).length;
const short = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 80);

/** What `$ref` points at, with the keywords beside it. @throws Error when it points nowhere */
export function resolved(schema: Schema, schemas: Schemas): Schema {
  const { $ref, ...beside } = schema;
  if (typeof $ref !== 'string') return schema;
  const found = schemas[$ref.replace('#/components/schemas/', '')];
  if (!found) throw new Error(`${$ref} points nowhere.`);
  return { ...resolved(found, schemas), ...beside };
}

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  array: Array.isArray,
  object: isObject,
  null: (value) => value === null,
};

const FORMATS: Readonly<Record<string, RegExp>> = {
  email: /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
  uri: /^https?:\/\/\S+$/,
  date: /^\d{4}-\d\d-\d\d$/,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
};

/** One check a keyword; a keyword that is not here is refused, so that nothing goes unchecked in silence. */
const CHECKS: Readonly<Record<string, Check>> = {
  type: ({ type }, value, at) => (TYPES[String(type)]?.(value) ? [] : [`${at}: ${short(value)} is no ${String(type)}`]),
  const: ({ const: only }, value, at) => (only === value ? [] : [`${at}: ${short(value)} is not ${short(only)}`]),
  enum: ({ enum: all }, value, at) =>
    (all as unknown[]).includes(value) ? [] : [`${at}: ${short(value)} is not one of ${short(all)}`],
  pattern: ({ pattern }, value, at) =>
    typeof value !== 'string' || new RegExp(String(pattern), 'u').test(value)
      ? []
      : [`${at}: ${short(value)} does not match ${String(pattern)}`],
  format: ({ format }, value, at) =>
    typeof value !== 'string' || FORMATS[String(format)]?.test(value)
      ? []
      : [`${at}: ${short(value)} is no ${String(format)}`],
  minLength: bound('minLength', (value, limit) => typeof value === 'string' && lengthOf(value) < limit),
  maxLength: bound('maxLength', (value, limit) => typeof value === 'string' && lengthOf(value) > limit),
  minimum: bound('minimum', (value, limit) => typeof value === 'number' && value < limit),
  maximum: bound('maximum', (value, limit) => typeof value === 'number' && value > limit),
  minItems: bound('minItems', (value, limit) => Array.isArray(value) && value.length < limit),
  maxItems: bound('maxItems', (value, limit) => Array.isArray(value) && value.length > limit),
  items: ({ items }, value, at, look) =>
    Array.isArray(value) ? value.flatMap((one, place) => faults(asSchema(items), one, look, `${at}/${place}`)) : [],
  anyOf: ({ anyOf }, value, at, look) => {
    const tried = (anyOf as Schema[]).map((one) => faults(one, value, look, at));
    return tried.some((one) => one.length === 0) ? [] : [`${at}: no variant fits: ${tried.flat().join('; ')}`];
  },
  required: ({ required }, value, at) =>
    (required as string[]).flatMap((name) =>
      !isObject(value) || Object.hasOwn(value, name) ? [] : [`${at}: ${name} is missing`],
    ),
  propertyNames: ({ propertyNames }, value, at, look) =>
    Object.keys(isObject(value) ? value : {}).flatMap((name) => faults(asSchema(propertyNames), name, look, at)),
  properties: ({ properties, additionalProperties }, value, at, look) =>
    Object.entries(isObject(value) ? value : {}).flatMap(([name, one]) => {
      const own = Object.hasOwn(properties as object, name) ? (properties as Schemas)[name] : undefined;
      if (own) return faults(own, one, look, `${at}/${name}`);
      const unsaid = additionalProperties === undefined && look.closed;
      return unsaid || additionalProperties === false ? [`${at}: ${name} is not described`] : [];
    }),
  additionalProperties: ({ properties = {}, additionalProperties: rest }, value, at, look) =>
    Object.entries(isObject(value) ? value : {}).flatMap(([name, one]) =>
      Object.hasOwn(properties as object, name) || !isObject(rest) ? [] : faults(rest, one, look, `${at}/${name}`),
    ),
};

/** Keywords that say nothing of a value. */
const SILENT = new Set(['description', 'title', 'examples', 'default', 'guarded', 'personal', 'id', 'deprecated']);

function bound(keyword: string, breaks: (value: unknown, limit: number) => boolean): Check {
  return (schema, value, at) =>
    breaks(value, Number(schema[keyword])) ? [`${at}: ${keyword} ${String(schema[keyword])} is broken`] : [];
}

/** Where a value does not fit a schema; empty when it does. @throws Error for a keyword or reference nobody knows */
export function faults(schema: Schema, value: unknown, look: Look, at = ''): string[] {
  const whole = resolved(schema, look.schemas);
  return Object.keys(whole).flatMap((keyword) => {
    const check = CHECKS[keyword];
    if (check) return check(whole, value, at, look);
    if (SILENT.has(keyword)) return [];
    throw new Error(`${at}: nobody checks the keyword ${keyword}.`);
  });
}
