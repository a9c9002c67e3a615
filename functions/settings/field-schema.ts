import * as z from 'zod';
import { fieldSetInForce, fieldSetVersions } from './custom.ts';
import { valueSchema } from './field.ts';
import { FIELD_SETS, type FieldSet } from './field-set.ts';

/** What a record's own fields look like: as they are answered, and as they may be given, where null takes one away. */
export type CustomSchemas = { answer: z.ZodObject; input: z.ZodObject };

const schemasOf = ({ fields }: FieldSet): CustomSchemas => ({
  // Open: a field that was added since the document was read is no surprise.
  answer: z.looseObject(
    Object.fromEntries(
      fields.map((field) => [
        field.id,
        valueSchema(field, true)
          .optional()
          .meta({ title: field.name.en ?? field.name.ru, ...(field.retired && { deprecated: true }) }),
      ]),
    ),
  ),
  input: z.strictObject(
    Object.fromEntries(
      fields.filter(({ retired }) => !retired).map((field) => [field.id, valueSchema(field).nullable().optional()]),
    ),
  ),
});

/** The schemas of every kind of record that has own fields now, by kind; `key` changes when one of them does. */
export async function customSchemas(): Promise<{ key: string; schemas: Record<string, CustomSchemas> }> {
  const sets = await Promise.all(FIELD_SETS.map(async (kind) => [kind, await fieldSetInForce(kind)] as const));
  const used = sets.filter(([, { fields }]) => fields.length > 0);
  return {
    key: await fieldSetVersions(),
    schemas: Object.fromEntries(used.map(([kind, set]) => [kind, schemasOf(set)])),
  };
}
