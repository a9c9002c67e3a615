import { openCursor, sealCursor } from '#shared/table/cursor.ts';
import { hashOf } from '#shared/json.ts';
import type { Cell } from './column.ts';
import type { Copy, Row } from './copy.ts';
import { customSql, type CustomKinds, type Sql } from './filter.ts';
import { cellOf, conditionOf, type Viewer, type Which } from './select.ts';
import { totalsBy, type Totals } from './total.ts';
import { quoted, type Shape } from './shape.ts';

export type ListQuery = Which & {
  /** A field, `-field` for the largest first; the newest first unless said. */
  sort?: string | undefined;
  limit: number;
  cursor?: string | undefined;
  /** Fields to add up. */
  totals?: readonly string[] | undefined;
};
export type Listed = {
  items: Record<string, unknown>[];
  cursor?: string;
  totals?: Totals;
};
/** Where the rows lie: today's table, or one of a past day. */
export type Source = {
  shape: Shape;
  table: string;
  /** The past moment; none is now. */
  at?: string;
  itemOf: (row: Row) => Record<string, unknown>;
};

export const today = (copy: Copy, name: string): Source => ({
  shape: copy.shape(name),
  table: quoted(name),
  itemOf: ({ rid }) =>
    JSON.parse(
      String(copy.one(`SELECT item FROM ${quoted(`${name}:item`)} WHERE rid = ?`, Number(rid))?.['item']),
    ) as Record<string, unknown>,
});

/**
 * One page of a list, with count and sums of the whole of it when asked. Rights are part of the query: what somebody may
 * not see is neither listed nor counted. @throws 400 for a field, filter or cursor that does not belong here
 */
export function listRows(copy: Copy, from: Source, query: ListQuery, viewer: Viewer, custom: CustomKinds): Listed {
  const where = conditionOf(from.shape, query, viewer, custom);
  const page = pageOf(copy, from, query, { where, viewer, custom });
  if (!query.totals) return page;
  const [all] = totalsBy(copy, from, [], query.totals, { where, viewer, custom });
  return { ...page, totals: { count: all?.count ?? 0, sums: all?.sums ?? {} } };
}

/** The rows reckoned with, and who reckons. */
export type Within = { where: Sql; viewer: Viewer; custom: CustomKinds };

function pageOf(copy: Copy, from: Source, query: ListQuery, { where, viewer, custom }: Within): Omit<Listed, 'totals'> {
  const { sort = '-madeAt', limit } = query;
  const down = sort.startsWith('-');
  const { sql, own, kind } = cellOf(from.shape, custom, sort.replace(/^-/, ''), viewer, 'sort');
  const cell = own === undefined ? sql : customSql(own, kind);
  const place = hashOf([from.shape.name, from.at, query.filter, query.search, query.archived, sort, viewer.me]);
  const at = openCursor(query.cursor, place) as { value: Cell; id: string } | undefined;
  const rows: Row[] = [];
  // Rows without a value come first upwards and last downwards; each of the two sorts is one walk of an index.
  const phases = (down ? ['some', 'none'] : ['none', 'some']).slice(
    at !== undefined && (at.value === null) === down ? 1 : 0,
  );
  for (const [turn, phase] of phases.entries()) {
    if (rows.length > limit) break;
    const after = turn === 0 ? at : undefined;
    const than = down ? '<' : '>';
    const some = `${cell} IS NOT NULL${after ? ` AND (${cell}, rowId) ${than} (?, ?)` : ''}`;
    const none = `${cell} IS NULL${after ? ` AND rowId ${than} ?` : ''}`;
    const order = down ? 'DESC' : 'ASC';
    rows.push(
      ...copy.all(
        `SELECT rid, rowId, ${cell} AS cell FROM ${from.table} WHERE ${phase === 'some' ? some : none} AND ${where.sql} ` +
          `ORDER BY ${phase === 'some' ? `${cell} ${order}, ` : ''}rowId ${order} LIMIT ?`,
        ...(after ? (phase === 'some' ? [after.value, after.id] : [after.id]) : []),
        ...where.values,
        limit + 1 - rows.length,
      ),
    );
  }
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(from.itemOf),
    ...(rows.length > limit && last && { cursor: sealCursor({ value: last['cell'], id: last['rowId'] }, place) }),
  };
}

/** The ids of all rows of a query, in the order of their making: for bulk actions, exports and segments. */
export function* idsOf(copy: Copy, { shape, table }: Source, which: Which, viewer: Viewer, custom: CustomKinds) {
  const where = conditionOf(shape, which, viewer, custom);
  for (const { rowId } of copy.each(`SELECT rowId FROM ${table} WHERE ${where.sql} ORDER BY rowId`, ...where.values))
    yield String(rowId);
}
