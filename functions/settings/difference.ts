import { sameJson } from '#shared/json.ts';

/** One place where two bodies differ: a path such as `/stages/won/probability`, in lists by the id or name of the item. */
export type Difference = { path: string; from?: unknown; to?: unknown };

type Values = Record<string, unknown>;
const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What names an item of a list, when every item has one of its own. */
function keyed(list: readonly unknown[]): Map<string, unknown> | undefined {
  const keys = list.map((item) => {
    const key = isObject(item) ? (item['id'] ?? item['name']) : undefined;
    return typeof key === 'string' ? key : undefined;
  });
  const named = keys.filter((key) => key !== undefined);
  return new Set(named).size === list.length ? new Map(named.map((key, place) => [key, list[place]])) : undefined;
}

const escaped = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1');

/** Everything in which two JSON values differ, place by place. */
export function difference(from: unknown, to: unknown, path = ''): Difference[] {
  if (sameJson(from, to)) return [];
  if (isObject(from) && isObject(to))
    return ofMembers(new Map(Object.entries(from)), new Map(Object.entries(to)), path);
  if (Array.isArray(from) && Array.isArray(to)) {
    const [a, b] = [keyed(from), keyed(to)];
    if (a && b && from.length + to.length > 0)
      return [...ofMembers(a, b, path), ...ofOrder([...a.keys()], [...b.keys()], path)];
  }
  return [{ path, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }];
}

const ofMembers = (from: ReadonlyMap<string, unknown>, to: ReadonlyMap<string, unknown>, path: string): Difference[] =>
  [...new Set([...from.keys(), ...to.keys()])].flatMap((key) =>
    difference(from.get(key), to.get(key), `${path}/${escaped(key)}`),
  );

/** Items that are in both lists may stand in another order. */
function ofOrder(from: readonly string[], to: readonly string[], path: string): Difference[] {
  const both = (keys: readonly string[], others: readonly string[]) => keys.filter((key) => others.includes(key));
  const [a, b] = [both(from, to), both(to, from)];
  return sameJson(a, b) ? [] : [{ path: `${path}/*`, from: a, to: b }];
}
