import type { Field as OwnField, FieldKind } from '#functions/settings/field.ts';
import { refuse } from '#shared/errors.ts';
import type { ColumnKind } from '#shared/read/column.ts';
import type { Shape } from '#shared/read/shape.ts';
import { valueAt } from '#shared/read/column.ts';
import { fieldNames } from './field-name.ts';

type Item = Readonly<Record<string, unknown>>;
/** A column of an export: the field it shows, and how its value is found in a record. */
export type OutColumn = {
  field: string;
  title: string;
  kind: ColumnKind | FieldKind;
  valueOf(item: Item): unknown;
};

/** What nobody asks for: numbers of our own housekeeping. */
const INSIDE = new Set(['version', 'storyId', 'rawId', 'scoreRules', 'archivedAt']);

type Asked = { fields?: readonly string[] | undefined; language: 'ru' | 'en'; holds(right: string): boolean };

/** The columns somebody may have: those he names, or all he may see. @throws 400 for a field there is none of, or not for him */
export function outColumns(shape: Shape, own: readonly OwnField[], { fields, language, holds }: Asked): OutColumn[] {
  const known = new Map<string, OutColumn[]>();
  for (const { field, kind, guarded } of shape.columns.values()) {
    if (guarded === undefined || holds(guarded))
      known.set(
        field,
        withCurrency({
          field,
          kind,
          title: fieldNames[field]?.[language] ?? field,
          valueOf: (item) => valueAt(item, field),
        }),
      );
  }
  for (const { id, kind, name } of own) {
    const title = name[language] ?? name.ru ?? name.en ?? id;
    const valueOf = (item: Item): unknown => (item['custom'] as Item | undefined)?.[id];
    known.set(`custom.${id}`, withCurrency({ field: `custom.${id}`, kind, title, valueOf }));
  }
  const wanted = fields ?? ['id', ...[...known.keys()].filter((field) => field !== 'id' && !INSIDE.has(field))];
  const columns = wanted.flatMap((field) => known.get(field) ?? unknown(field));
  return columns.map((column, at) => Object.assign({}, column, { title: titleOf(columns, at) }));
}

const unknown = (field: string): never => {
  throw refuse('invalid', {}, [
    { pointer: '/body/fields', code: 'unknown_field', detail: `There is no field ${field} here.` },
  ]);
};

/** Money has its currency in a column of its own, so that the amounts can be added up. */
const withCurrency = (column: OutColumn): OutColumn[] =>
  column.kind === 'money'
    ? [
        column,
        {
          field: `${column.field}.currency`,
          title: `${column.title}, ¤`,
          kind: 'text',
          valueOf: (item) => (column.valueOf(item) as { currency?: string } | undefined)?.currency,
        },
      ]
    : [column];

/** Two fields may be called the same: then each says which it is. */
function titleOf(columns: readonly OutColumn[], at: number): string {
  const { title, field } = columns[at] ?? { title: '', field: '' };
  return columns.some((other, place) => place !== at && other.title === title) ? `${title} (${field})` : title;
}
