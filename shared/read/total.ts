import * as z from 'zod';
import { Money } from '#shared/money.ts';
import { quoted } from './shape.ts';
import { cellOf, fault } from './select.ts';
import { customSql } from './filter.ts';
import type { Cell } from './column.ts';
import type { Copy, Row } from './copy.ts';
import type { Source, Within } from './list.ts';

type Total = { money: z.input<typeof Money>[] } | { number: number };
export type Totals = { count: number; sums: Record<string, Total> };
/** One group of rows: the values they share as they are compared, one row of them, and its figures. */
export type Totalled = Totals & { keys: Cell[]; row: Row };

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
  const figures = fields.map((field, place) => figureOf(copy, from, field, within, `f${place}`));
  const chosen = [
    ...by.map((sql, place) => `${sql} AS k${place}`),
    'count(*) AS n',
    // The row with the least rid: beside min() SQLite takes the other cells from that row.
    'min(rid) AS rid',
    'rowId',
    ...figures.flatMap(({ sql }) => sql),
  ];
  const group = names.join(', ');
  const rows = copy.all(
    `SELECT ${chosen.join(', ')} FROM ${from.table} WHERE ${where.sql}` +
      (names.length === 0 ? '' : ` GROUP BY ${group} ORDER BY ${group} LIMIT ${MAX_GROUPS + 1}`),
    ...where.values,
  );
  if (rows.length > MAX_GROUPS)
    throw fault('by', `That gives more than ${MAX_GROUPS} groups: narrow it with a filter.`);
  return rows.map((row) => ({
    keys: names.map((name) => row[name] ?? null),
    row,
    count: Number(row['n']),
    sums: Object.fromEntries(figures.map(({ field, read }) => [field, read(row)])),
  }));
}

type Figure = { field: string; sql: string[]; read: (row: Row) => Total };

/** One field added up in the same walk as all others: money as one sum for each currency that the field ever had. */
function figureOf(copy: Copy, { shape }: Source, field: string, { viewer, custom }: Within, name: string): Figure {
  const { kind, own } = cellOf(shape, custom, field, viewer, 'totals');
  if (kind === 'number') {
    const cell = own === undefined ? quoted(field) : customSql(own, kind);
    // Numbers of records have six decimal places at most.
    const read = (row: Row): Total => ({ number: Math.round(Number(row[name] ?? 0) * 1e6) / 1e6 });
    return { field, sql: [`sum(${cell}) AS ${name}`], read };
  }
  if (kind !== 'money') throw fault('totals', `${field} is neither money nor a number.`);
  const inside = (part: string): string =>
    own === undefined ? quoted(`${field}!${part}`) : customSql(`${own}!${part}`, 'money');
  const currencies = [...copy.currenciesOf(shape.name, field)].sort();
  return {
    field,
    // Codes are three capital letters, checked when they were written.
    sql: currencies.map(
      (code) => `sum(CASE ${inside('currency')} WHEN '${code}' THEN ${inside('minor')} END) AS ${name}${code}`,
    ),
    read: (row) => ({
      money: currencies.flatMap((code) => {
        const amount = row[`${name}${code}`];
        return amount === null || amount === undefined
          ? []
          : [z.encode(Money, { amount: Number(amount), currency: code })];
      }),
    }),
  };
}
