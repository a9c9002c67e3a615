import { fieldSetInForce } from '#functions/settings/custom.ts';
import { FIELD_SETS } from '#functions/settings/field-set.ts';
import type { Bilingual } from '#functions/settings/setting.ts';

type Labels = Readonly<Record<string, Bilingual>>;

/** The names of the firm's own fields, by kind of record. */
export async function fieldLabels(): Promise<(kind: string) => Labels> {
  const sets = await Promise.all(
    FIELD_SETS.map(async (kind) => {
      const { fields } = await fieldSetInForce(kind);
      return [kind, Object.fromEntries(fields.map(({ id, name }) => [id, name]))] as const;
    }),
  );
  const labels = new Map<string, Labels>(sets);
  return (kind) => labels.get(kind) ?? {};
}
