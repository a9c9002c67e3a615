import type { EntityName } from '#shared/table/keys.ts';
import { addTo } from '#shared/time.ts';

/** An item as it lies in the table: wire form, with its keys. */
export type Item = Readonly<Record<string, unknown>>;
export type Broken = { rule: string; id: string; why: string };

/** A whole table, by kind of item. */
export type Table = {
  items: readonly Item[];
  of(type: EntityName): readonly Item[];
  find(type: EntityName, id: unknown): Item | undefined;
  now: string;
  minutes: number;
};

export const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

/** Older than what may be on its way still. `hours` more for what is allowed to take longer. */
export const isLate = ({ now, minutes }: Table, at: unknown, hours = 0): boolean =>
  text(at) <= addTo(now, { minutes: -minutes, hours: minutes === 0 ? 0 : -hours });

/** The groups of more than one item that share what may be there once. */
export function twice(items: readonly Item[], keyOf: (item: Item) => string | undefined): [string, Item[]][] {
  const groups = Map.groupBy(
    items.filter((item) => keyOf(item) !== undefined),
    (item) => keyOf(item) ?? '',
  );
  return [...groups].filter(([, all]) => all.length > 1);
}
