import * as z from 'zod';
import type { Bilingual } from '#functions/settings/setting.ts';
import type { Field as OwnField } from '#functions/settings/field.ts';
import { fieldNames } from './field-name.ts';

/** How the text of a cell becomes a value. */
export type CellKind =
  | 'text'
  | 'number'
  | 'integer'
  | 'money'
  | 'date'
  | 'instant'
  | 'boolean'
  | 'choice'
  | 'choices'
  | 'list'
  | 'email'
  | 'phone'
  | 'currency'
  /** The id of a record, or what people call it: an e-mail, a name, a tax number. */
  | 'reference';

export type Option = { id: string; names: readonly string[] };

/** A field that a column of a file may fill: `name`, `emails`, `custom.size`. */
export type FileField = {
  path: string;
  kind: CellKind;
  /** Must be given for a new record. */
  required: boolean;
  names: { ru: string; en: string };
  options?: readonly Option[];
  /** Of a reference: the kinds of record it may name, e.g. `user`; none is any. */
  to?: string;
};

type Schema = {
  type?: string;
  format?: string;
  pattern?: string;
  enum?: readonly unknown[];
  $ref?: string;
  items?: Schema;
  anyOf?: readonly Schema[];
};

/** Fields that files do not fill: what is not one value. */
const LEFT_OUT = new Set(['custom', 'answers', 'lines', 'with']);

/** The fields of a kind of record, from what makes and changes one, and those of the firm's own. */
export function fieldsOf(
  { New, Change }: { New: z.ZodObject; Change: z.ZodObject },
  own: readonly OwnField[],
): FileField[] {
  const [made, changed] = [shapeOf(New), shapeOf(Change)];
  const paths = Object.keys({ ...made.properties, ...changed.properties }).filter((path) => !LEFT_OUT.has(path));
  const fields = paths.map((path): FileField => {
    const schema = plain(made.properties[path] ?? changed.properties[path] ?? {});
    const names = fieldNames[path] ?? { ru: path, en: path };
    return Object.assign({ path, required: made.required.has(path), names }, kindOf(path, schema));
  });
  return [...fields, ...own.filter(({ retired }) => !retired).map(ownField)];
}

function shapeOf(schema: z.ZodObject) {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return { properties: properties as Record<string, Schema>, required: new Set(required) };
}

/** Without the null that takes a value away. */
const plain = (schema: Schema): Schema => schema.anyOf?.find(({ type }) => type !== 'null') ?? schema;

function kindOf(path: string, schema: Schema): Pick<FileField, 'kind' | 'options' | 'to'> {
  const { type, format, pattern = '', $ref } = schema;
  const to = /^\^([a-z]+)_\[/.exec(pattern)?.[1];
  if (schema.enum) return { kind: 'choice', options: schema.enum.map((id) => optionOf(String(id))) };
  if (to !== undefined) return { kind: 'reference', to };
  if (path === 'recordId') return { kind: 'reference' };
  if ($ref?.endsWith('/Money')) return { kind: 'money' };
  if ($ref !== undefined) return { kind: 'number' };
  if (path === 'currency') return { kind: 'currency' };
  if (/^phones?$/.test(path)) return { kind: type === 'array' ? 'list' : 'phone' };
  if (type === 'array') return { kind: 'list' };
  if (type === 'boolean') return { kind: 'boolean' };
  if (type === 'integer' || type === 'number') return { kind: 'integer' };
  if (format === 'date') return { kind: 'date' };
  if (format === 'date-time') return { kind: 'instant' };
  return { kind: format === 'email' ? 'email' : 'text' };
}

const optionOf = (id: string): Option => ({ id, names: Object.values(fieldNames[id] ?? {}) });
const namesOf = (name: Bilingual): { ru: string; en: string } => ({
  ru: name.ru ?? name.en ?? '',
  en: name.en ?? name.ru ?? '',
});

const OWN: Readonly<Record<OwnField['kind'], CellKind>> = {
  text: 'text',
  number: 'number',
  money: 'money',
  date: 'date',
  choice: 'choice',
  'multi-choice': 'choices',
  person: 'reference',
  link: 'text',
  file: 'text',
};

const ownField = ({ id, kind, name, options }: OwnField): FileField => ({
  path: `custom.${id}`,
  kind: OWN[kind],
  required: false,
  names: namesOf(name),
  ...(kind === 'person' && { to: 'user' }),
  ...(options && { options: options.map((one) => ({ id: one.id, names: Object.values(namesOf(one.name)) })) }),
});
