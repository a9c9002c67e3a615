import * as z from 'zod';
import { fieldText } from '#functions/activities/field-text.ts';
import { allows, holds } from '#functions/auth/rights.ts';
import { fieldSetInForce } from '#functions/settings/custom.ts';
import { Field as OwnField, FieldKind } from '#functions/settings/field.ts';
import { Bilingual } from '#functions/settings/setting.ts';
import { route } from '#shared/http/route.ts';
import type { ReadTable } from '#shared/read/read-table.ts';
import type { User } from '#shared/user.ts';
import { lists } from './lists.ts';

const KINDS = ['text', 'number', 'money', 'bool', 'date', 'list', 'map'] as const;
const Field = z.object({
  field: z.string(),
  name: Bilingual,
  /** How it is compared: a date in quotes, money with a number of major units, `"value" in` a list, `map.key == "value"`. */
  kind: z.enum(KINDS),
  /** All values it may have. */
  values: z.array(z.string()).optional(),
  /** A page sorted by it costs the same however many records there are; any other but lists and maps may be sorted by too. */
  indexed: z.boolean(),
  /** Found by a part of its text. */
  searched: z.boolean(),
});
/** A field of the firm's own. */
const Custom = z.object({
  field: z.string(),
  name: Bilingual,
  kind: FieldKind,
  options: OwnField.shape.options,
  retired: z.boolean(),
  searched: z.boolean(),
});
const List = z.object({ name: z.string(), fields: z.array(Field), custom: z.array(Custom) });

/** What search finds of the firm's own fields: those kept as text. */
const SEARCHED: ReadonlySet<FieldKind> = new Set(['text', 'number', 'date', 'choice', 'person', 'link', 'file']);

const named = (field: string): z.output<typeof Bilingual> => ({
  ru: fieldText(field, 'ru', {}),
  en: fieldText(field, 'en', {}),
});

async function fieldsOf(table: ReadTable, user: User): Promise<z.output<typeof Field>[]> {
  const { shapeOf } = await import('#shared/read/shape.ts');
  const columns = [...shapeOf(table).columns.values()].filter(
    ({ guarded }) => guarded === undefined || holds(user, guarded),
  );
  return columns.map(({ field, kind, values }) => ({
    field,
    name: named(field),
    kind,
    values: values && [...values],
    indexed: table.sorts.includes(field),
    searched: table.search.includes(field),
  }));
}

export const listFieldRoutes = [
  route(
    'GET /lists',
    {
      summary:
        'The lists I may read, and which fields each can be filtered, sorted and searched by, the own ones of the firm too',
      rights: 'me.read',
      returns: z.object({ items: z.array(List) }),
    },
    async ({ user }) => {
      const mine = lists.filter(({ table }) => allows(user, table.rights));
      const items = mine.map(async ({ table, fieldSet }) => {
        const own = fieldSet === undefined ? [] : (await fieldSetInForce(fieldSet)).fields;
        const custom = own.map(({ id, name, kind, options, retired = false }) => ({
          field: `custom.${id}`,
          name,
          kind,
          options,
          retired,
          searched: SEARCHED.has(kind),
        }));
        return { name: table.name, fields: await fieldsOf(table, user), custom };
      });
      return { items: await Promise.all(items) };
    },
  ),
];
