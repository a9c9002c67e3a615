import { openList, type Opened } from '#functions/reports/list.ts';
import { idsOf } from '#shared/read/list.ts';
import type { User } from '#shared/user.ts';
import { listOfKind } from './bulk-ids.ts';

/** Finds records by their name in the read copy, among those that somebody may see: two at most, for one is what is sought. */
export function recordsNamed(user: User, now: string): (kind: string, name: string) => Promise<readonly string[]> {
  const opened = new Map<string, Promise<Opened>>();
  return async (kind, name) => {
    const list = listOfKind(kind);
    if (list === undefined) return [];
    const open = opened.get(list) ?? openList(list, { user, now });
    opened.set(list, open);
    const { copy, from, viewer, custom } = await open;
    if (!from.shape.columns.has('name')) return [];
    const found: string[] = [];
    for (const id of idsOf(copy, from, { filter: `name == ${JSON.stringify(name)}` }, viewer, custom)) {
      found.push(id);
      if (found.length > 1) break;
    }
    return found;
  };
}
