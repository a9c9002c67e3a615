import * as z from 'zod';
import type { Kind, Setting } from '#functions/settings/setting.ts';
import { Name } from '#shared/text.ts';

/** A setting as it lies in a file, apart from the installation it came from. */
export const SettingFile = z.object({
  name: Name(),
  body: z.record(z.string(), z.unknown()),
  archived: z.boolean().optional(),
});
export type SettingFile = z.output<typeof SettingFile>;

/** Every setting by its path, such as `deal-types/quick.json`; `format` says how to read them. */
export const SettingFiles = z.object({
  manifest: z.object({ product: z.literal('sdelka'), format: z.literal(1) }),
  files: z.record(z.string(), SettingFile),
});
export const MANIFEST = { product: 'sdelka', format: 1 } as const;

/** What people and teams are called outside this installation: by e-mail and name. */
export type Names = {
  nameOf(id: string): { $user: string } | { $team: string } | undefined;
  idOf(name: { $user: string } | { $team: string }): string | undefined;
};

const Named = z.union([z.strictObject({ $user: z.string() }), z.strictObject({ $team: z.string() })]);
type Values = Record<string, unknown>;

/** A copy with every value changed that `change` has another one for; `at` is the pointer to it. */
function mapped(value: unknown, at: string, change: (value: unknown, at: string) => unknown): unknown {
  const changed = change(value, at);
  if (changed !== undefined) return changed;
  if (Array.isArray(value)) return value.map((one, place) => mapped(one, `${at}/${place}`, change));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(members.map(([name, one]) => [name, mapped(one, `${at}/${name}`, change)]));
}

/** The body of a setting with people and teams by their names; filled up with what holds where it says nothing. */
export function fileOf(
  { schema, refers }: Kind,
  { name, body, archived }: Pick<Setting, 'name' | 'body' | 'archived'>,
  names: Names,
): SettingFile {
  const parsed = schema.parse(body);
  const references = new Map(refers(parsed).map(({ pointer, id }) => [pointer, id]));
  const named = mapped(z.encode(schema, parsed), '/body/body', (value, at) => {
    const id = references.get(at);
    return id === value && id !== undefined ? names.nameOf(id) : undefined;
  });
  return { name, body: named as Values, ...(archived && { archived }) };
}

/** The body with ids of this installation, and the names that it does not know. */
export function bodyOfFile(
  { body }: SettingFile,
  names: Names,
): { body: Values; unknown: { at: string; name: string }[] } {
  const unknown: { at: string; name: string }[] = [];
  const known = mapped(body, '/body', (value, at) => {
    const named = Named.safeParse(value);
    if (!named.success) return undefined;
    const id = names.idOf(named.data);
    if (id === undefined)
      unknown.push({
        at,
        name: Object.entries(named.data)
          .join(' ')
          .replace(/^\$(\w+),/, '$1 '),
      });
    return id ?? '';
  });
  return { body: known as Values, unknown };
}

/** The same text for the same content: members in order, so that git shows what changed and nothing else. */
export const stableText = (value: unknown): string => `${JSON.stringify(inOrder(value), undefined, 2)}\n`;
const inOrder = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, one]) => [name, inOrder(one)]));
};
