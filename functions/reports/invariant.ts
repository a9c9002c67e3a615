import type { Broken, Item, Table } from './invariant-table.ts';
import { eventFaults } from './invariant-event.ts';
import { feedFaults } from './invariant-feed.ts';
import { keyFaults } from './invariant-key.ts';
import { letterFaults } from './invariant-letter.ts';
import { approvalFaults, dealFaults, intakeFaults } from './invariant-sale.ts';

export type { Broken, Item } from './invariant-table.ts';

/** Each rule names what it holds true for the whole table; the letters and numbers are those of the reliability plan. */
const RULES: readonly ((table: Table) => Iterable<Broken> | AsyncIterable<Broken>)[] = [
  intakeFaults,
  approvalFaults,
  dealFaults,
  letterFaults,
  keyFaults,
  eventFaults,
  feedFaults,
];

/**
 * Everything that must be true of a table at rest, of all its items as they lie there, and is not.
 * `now` is an instant; what is younger than `minutes` may still be on its way and is not called lost (0: nothing is).
 */
export async function brokenIn(
  items: readonly Item[],
  { now, minutes }: { now: string; minutes: number },
): Promise<Broken[]> {
  const byType = Map.groupBy(items, (item) => String(item['type']));
  const byId = new Map(items.map((item) => [`${String(item['type'])} ${String(item['id'])}`, item]));
  const table: Table = {
    items,
    of: (type) => byType.get(type) ?? [],
    find: (type, id) => byId.get(`${type} ${String(id)}`),
    now,
    minutes,
  };
  const broken: Broken[] = [];
  for (const rule of RULES) for await (const one of rule(table)) broken.push(one);
  return broken;
}
