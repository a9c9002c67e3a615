import * as z from 'zod';
import { Money } from '#shared/money.ts';
import { quoted } from './shape.ts';
import { cellOf, fault } from './select.ts';
import { customSql } from './filter.ts';
import type { Cell } from './column.ts';
import type { Copy, Row } from './copy.ts';
import type { Source, Within } from './list.ts';

export type Total = { money: z.input<typeof Money>[] } | { number: number };
export type Totals = { count: number; sums: Record<string, Total> };
/** One group of rows: the values they share as they are compared, one row of them, and its figures. */
export type Totalled = Totals & { keys: Cell[]; rid: number };

const MAX_GROUPS = 2000;

/**
 * Count and sums of rows, for every value of the given expressions that there is: money exactly and per currency. The one
 * place where lists, boards and reports add up. No expression: one group, also when there are no rows.
 * @throws 400 for more groups than anybody can read
 */
export function totalsBy(
  copy: Copy,
  from: Source,
  by: readonly string[],
  fields: readonly string[],
  within: Within,
): Totalled[] {
  const { where } = within;
  const names = by.map((_, place) => `k${place}`);
  const keys = by.map((sql, place) => `${sql} AS k${place}, `).join('');
  const group =
    names.length === 0 ? '' : ` GROUP BY ${names.join(', ')} ORDER BY ${names.join(', ')} LIMIT ${MAX_GROUPS + 1}`;
  const rows = copy.all(
    `SELECT ${keys}count(*) AS n, min(rid) AS rid FROM ${from.table} WHERE ${where.sql}${group}`,
    ...where.values,
  );
  if (rows.length > MAX_GROUPS)
    throw fault('by', `That gives more than ${MAX_GROUPS} groups: narrow it with a filter.`);
  const found = new Map(
    rows.map((row): [string, Totalled] => {
      const values = names.map((name) => row[name] ?? null);
      return [JSON.stringify(values), { keys: values, rid: Number(row['rid']), count: Number(row['n']), sums: {} }];
    }),
  );
  for (const field of fields) {
    const { kind, ...cells } = cellsOfTotal(from, field, within);
    for (const one of found.values()) one.sums[field] = kind === 'money' ? { money: [] } : { number: 0 };
    const chosen = kind === 'money' ? `${cells.currency} AS c, sum(${cells.minor}) AS s` : `sum(${cells.amount}) AS s`;
    const some = `${kind === 'money' ? cells.minor : cells.amount} IS NOT NULL`;
    const grouped = [...names, ...(kind === 'money' ? ['c'] : [])];
    const sums = copy.all(
      `SELECT ${keys}${chosen} FROM ${from.table} WHERE ${where.sql} AND ${some}${grouped.length > 0 ? ` GROUP BY ${grouped.join(', ')} ORDER BY ${grouped.join(', ')}` : ''}`,
      ...where.values,
    );
    for (const row of sums) {
      const one = found.get(JSON.stringify(names.map((name) => row[name] ?? null)));
      const total = one?.sums[field];
      if (total) add(total, row);
    }
  }
  return [...found.values()];
}

function add(total: Total, { s, c }: Row): void {
  if ('money' in total) total.money.push(z.encode(Money, { amount: Number(s), currency: String(c) }));
  // Numbers of records have six decimal places at most.
  else total.number = Math.round(Number(s ?? 0) * 1e6) / 1e6;
}

function cellsOfTotal({ shape }: Source, field: string, { viewer, custom }: Within) {
  const { kind, own } = cellOf(shape, custom, field, viewer, 'totals');
  if (kind !== 'money' && kind !== 'number') throw fault('totals', `${field} is neither money nor a number.`);
  if (own === undefined)
    return { kind, amount: quoted(field), minor: quoted(`${field}!minor`), currency: quoted(`${field}!currency`) };
  const inside = (part: string): string => `json_extract(custom, '$."${own}!${part}"')`;
  return { kind, amount: customSql(own, kind), minor: inside('minor'), currency: inside('currency') };
}
