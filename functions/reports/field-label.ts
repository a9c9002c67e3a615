import { fieldSetInForce } from '#functions/settings/custom.ts';
import { FIELD_SETS } from '#functions/settings/field-set.ts';
import type { Bilingual } from '#functions/settings/setting.ts';

/** The names of the firm's own fields of all kinds of records. */
export async function fieldLabels(): Promise<Readonly<Record<string, Bilingual>>> {
  const sets = await Promise.all(FIELD_SETS.map((kind) => fieldSetInForce(kind)));
  return Object.fromEntries(sets.flatMap(({ fields }) => fields.map(({ id, name }) => [id, name])));
}
