import * as z from 'zod';
import { marksOf } from '#shared/fields.ts';
import { digitsOf } from '#shared/money.ts';
import { fold } from '#shared/text.ts';

/**
 * How a field of a record lies in the read copy, and so how it may be compared. `text` is kept folded (case and ё do not
 * matter); `money` as major units for comparing and minor units for adding up; `map` is a record of texts such as answers.
 */
export type ColumnKind = 'text' | 'number' | 'money' | 'bool' | 'date' | 'list' | 'map';
export type Column = {
  field: string;
  kind: ColumnKind;
  guarded: string | undefined;
  personal: boolean;
  /** All values it may have, where the schema names them. */
  values?: readonly string[] | undefined;
};

type Def = {
  type: string;
  format?: string;
  shape?: Record<string, z.ZodType>;
  element?: z.ZodType;
  innerType?: z.ZodType;
  valueType?: z.ZodType;
  entries?: Readonly<Record<string, string>>;
};

const DECIMALS = new Set(['Price', 'Quantity', 'Percent']);
const SCALAR: Readonly<Record<string, ColumnKind>> = {
  string: 'text',
  enum: 'text',
  literal: 'text',
  number: 'number',
  int: 'number',
  boolean: 'bool',
};

function inner(schema: z.ZodType): { schema: z.ZodType; def: Def; id: unknown } {
  const def: Def = schema._zod.def;
  const id = schema.meta()?.['id'];
  return def.innerType && id === undefined ? inner(def.innerType) : { schema, def, id };
}

/** Moments that the machine writes are plain texts in their schema: their names end in `At`. */
function kindOf(field: z.ZodType, name = ''): ColumnKind | undefined {
  const { def, id } = inner(field);
  if (id === 'Money') return 'money';
  if (typeof id === 'string' && DECIMALS.has(id)) return 'number';
  if (def.format === 'datetime' || def.format === 'date') return 'date';
  if (def.type === 'string' && /[a-z]At$/.test(name)) return 'date';
  if (def.type === 'array' && def.element) return kindOf(def.element) === 'text' ? 'list' : undefined;
  if (def.type === 'record' && def.valueType) return kindOf(def.valueType) === 'text' ? 'map' : undefined;
  return SCALAR[def.type];
}

/** Every field of an object that can be filtered by: scalars, money, lists of texts, and the scalars of objects in it (`next.kind`). */
export function columnsOf(schema: z.ZodObject, prefix = ''): Column[] {
  return Object.entries(schema.shape).flatMap(([name, field]): Column[] => {
    if (name === 'custom' && prefix === '') return [];
    const { guarded, personal = false } = marksOf(field);
    const kind = kindOf(field, name);
    const { entries } = inner(field).def;
    const values = entries && Object.values(entries);
    if (kind) return [{ field: `${prefix}${name}`, kind, guarded, personal, values }];
    const { schema: object } = inner(field);
    if (!(object instanceof z.ZodObject) || prefix !== '') return [];
    return columnsOf(object, `${name}.`).map(({ field: inside, kind: scalar, ...marks }) => ({
      field: inside,
      kind: scalar,
      guarded: marks.guarded ?? guarded,
      personal: marks.personal || personal,
      values: marks.values,
    }));
  });
}

export type Cell = string | number | null;

/** Decimal text as the number it is nearest to: for comparing and sorting, never for adding up. */
const numberOf = (value: unknown): number | null =>
  value === undefined || value === null || value === '' || Number.isNaN(Number(value)) ? null : Number(value);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Minor units of a money in wire form, exactly. */
export function minorOf(wire: { amount: string; currency: string }): number {
  const [whole = '0', fraction = ''] = wire.amount.split('.');
  return Number(`${whole}${fraction.padEnd(digitsOf(wire.currency), '0')}`);
}

/** The names of the cells one column has in its table. */
export const cellsOf = ({ field, kind }: Column): string[] =>
  kind === 'money' ? [field, `${field}!minor`, `${field}!currency`] : [field];

/** The cells of a value in wire form; all null when it is missing or not what the column is. */
export function cellValues(kind: ColumnKind, value: unknown): Cell[] {
  if (kind === 'money') {
    const money = value as { amount?: unknown; currency?: unknown } | undefined | null;
    if (typeof money?.amount !== 'string' || typeof money.currency !== 'string') return [null, null, null];
    return [
      numberOf(money.amount),
      minorOf({ amount: money.amount, currency: money.currency }),
      money.currency.toUpperCase(),
    ];
  }
  if (value === undefined || value === null) return [null];
  if (kind === 'number') return [numberOf(value)];
  if (kind === 'bool') return [value === true ? 1 : 0];
  if (kind === 'list') return [JSON.stringify([value].flat().map((one) => fold(textOf(one))))];
  if (kind === 'map')
    return [JSON.stringify(Object.fromEntries(Object.entries(value).map(([name, one]) => [name, fold(textOf(one))])))];
  return [kind === 'date' ? textOf(value) : fold(textOf(value))];
}

/** `next.kind` of a record. */
export function valueAt(record: Readonly<Record<string, unknown>>, field: string): unknown {
  const [first = '', second] = field.split('.');
  const value = record[first];
  return second === undefined ? value : (value as Record<string, unknown> | undefined)?.[second];
}
