import { refuse } from '#shared/errors.ts';
import { keys, primaryKey, type EntityName, type KeyDesign } from '#shared/table/keys.ts';
import { getItems } from '#shared/table/read.ts';
import type { Owned } from '#shared/user.ts';

type Fields = Readonly<Record<string, unknown>>;

const isKind = (name: string): name is EntityName => Object.hasOwn(keys, name);
/** A letter of an approval of a deal is the longest there is. */
const MAX_STEPS = 4;

/** Where the record with an id lies: an id begins with the name of its kind. */
export function recordKey(id: string): { pk: string; sk: string } | undefined {
  const kind = id.split('_')[0] ?? '';
  if (!isKind(kind) || id.length > 200) return undefined;
  const slots = keys[kind].item.flatMap((template) => template.match(/\{\w+\}/g) ?? []);
  return slots.every((slot) => slot === '{id}') ? primaryKey(kind, { id }) : undefined;
}

/** Any record at all, by its id, as it lies in the table: for routes on records of every kind. */
export const anyRecord = {
  name: 'record',
  key({ id }: { id: string }): { pk: string; sk: string } {
    const key = recordKey(id);
    if (!key) throw refuse('not_found', { what: 'record', id });
    return key;
  },
  decode: (item: Record<string, unknown>): Record<string, unknown> => item,
} as const;

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Whose a record is by its own fields, or the id of the record it goes with (`whose` in the key design). */
function said(kind: string, record: Fields): Owned | string {
  const { whose }: Partial<KeyDesign> = isKind(kind) ? keys[kind] : {};
  const id = whose === undefined ? undefined : text(record[whose]);
  if (id !== undefined) return id.startsWith('user_') ? { ownerId: id } : id;
  return { ownerId: text(record['ownerId']), teamId: text(record['teamId']) };
}

/** Whose records are, by their ids; one that goes with another is that one's owner's. Those that do not exist are left out. */
export async function ownersOf(ids: Iterable<string>): Promise<Map<string, Owned>> {
  const found = new Map<string, Owned | string>();
  let wanted = [...new Set(ids)];
  for (let step = 0; step < MAX_STEPS && wanted.length > 0; step += 1) {
    const items = await getItems(wanted.flatMap((id) => recordKey(id) ?? []));
    for (const item of items) found.set(String(item['id']), said(String(item['type']), item));
    wanted = [...new Set(found.values())].filter((next) => typeof next === 'string' && !found.has(next)) as string[];
  }
  const owned = [...found.keys()].map((id) => [id, followed(found, id)] as const);
  return new Map(owned.filter((one): one is readonly [string, Owned] => one[1] !== undefined));
}

function followed(found: ReadonlyMap<string, Owned | string>, id: string): Owned | undefined {
  let one = found.get(id);
  for (let step = 0; step < MAX_STEPS && typeof one === 'string'; step += 1) one = found.get(one);
  return typeof one === 'string' ? undefined : one;
}

/** Whose a record is that was read already. */
export async function whoseIs(kind: string, record: Fields): Promise<Owned | undefined> {
  const own = said(kind, record);
  return typeof own === 'string' ? (await ownersOf([own])).get(own) : own;
}
