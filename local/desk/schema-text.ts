type Json = Record<string, unknown>;
type Schema = {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: unknown[];
  oneOf?: unknown[];
  allOf?: unknown[];
  items?: unknown;
  properties?: Json;
  required?: string[];
  additionalProperties?: unknown;
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  description?: string;
};

const DEEPEST = 6;

/** A JSON schema as people write types: `{ title: string (1..200), owner?: string }`. Named schemas are opened once. */
export function schemaText(schema: unknown, named: Json, indent = '', within: readonly string[] = []): string {
  if (schema === null || typeof schema !== 'object') return 'any';
  const one = schema as Schema;
  if (one.$ref !== undefined) {
    const name = one.$ref.split('/').at(-1) ?? '';
    if (within.includes(name) || within.length >= DEEPEST || named[name] === undefined) return name;
    return schemaText(named[name], named, indent, [...within, name]);
  }
  if (one.const !== undefined) return JSON.stringify(one.const);
  if (one.enum) return one.enum.map((value) => JSON.stringify(value)).join(' | ');
  const inner = (part: unknown): string => schemaText(part, named, indent, within);
  const either = one.anyOf ?? one.oneOf;
  if (either) return either.map(inner).join(' | ');
  if (one.allOf) return one.allOf.map(inner).join(' & ');
  if (one.properties) return objectText(one, named, indent, within);
  if (one.type === 'array') return `${inner(one.items)}[]`;
  if (one.type === 'object') return `{ [name]: ${inner(one.additionalProperties)} }`;
  return `${[one.type ?? 'any'].flat().join(' | ')}${limits(one)}`;
}

function objectText(
  { properties = {}, required = [] }: Schema,
  named: Json,
  indent: string,
  within: readonly string[],
): string {
  const deeper = `${indent}  `;
  const lines = Object.entries(properties).map(([name, schema]) => {
    const meaning = (schema as Schema).description;
    const sign = required.includes(name) ? '' : '?';
    return `${deeper}${name}${sign}: ${schemaText(schema, named, deeper, within)}${meaning === undefined ? '' : `  // ${meaning}`}`;
  });
  return lines.length === 0 ? '{}' : `{\n${lines.join('\n')}\n${indent}}`;
}

function limits(schema: Schema): string {
  const low = safe(schema.minLength ?? schema.minimum);
  const high = safe(schema.maxLength ?? schema.maximum);
  const range = low === undefined && high === undefined ? '' : `${low ?? ''}..${high ?? ''}`;
  const said = [schema.format, range].filter(Boolean).join(', ');
  return said === '' ? '' : ` (${said})`;
}

/** The limits of JavaScript's whole numbers say nothing about the field. */
const safe = (limit: number | undefined): number | undefined =>
  limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER ? limit : undefined;
