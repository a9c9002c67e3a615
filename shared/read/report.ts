import type { Copy } from './copy.ts';
import { customSql, type CustomKinds } from './filter.ts';
import { bucketSql, forgetBuckets } from './bucket.ts';
import type { Source } from './list.ts';
import { cellOf, conditionOf, type Viewer, type Which } from './select.ts';
import { totalsBy, type Totals } from './total.ts';
import { valueAt } from './column.ts';

export type ReportQuery = Which & {
  /** Fields, or `day(field)`, `week(field)`, `month(field)` of a moment on the clocks of whoever asks; weeks by their Monday. */
  by: readonly string[];
  totals: readonly string[];
};
export type Group = Totals & { keys: unknown[] };

const BUCKET = /^(day|week|month)\(([\w.]+)\)$/;

/** Count and sums for every value of some fields that there is. @throws 400 for more groups than anybody can read */
export function groupsOf(copy: Copy, from: Source, query: ReportQuery, viewer: Viewer, custom: CustomKinds): Group[] {
  const where = conditionOf(from.shape, query, viewer, custom);
  forgetBuckets(copy);
  const keys = query.by.map((by) => {
    const [, bucket, inside] = BUCKET.exec(by) ?? [];
    const { sql, own, kind } = cellOf(from.shape, custom, inside ?? by, viewer, 'by');
    const cell = own === undefined ? sql : customSql(own, kind);
    const field = inside ?? by;
    const { zone } = viewer;
    return {
      bucket,
      field,
      sql: bucket === undefined ? cell : bucketSql(copy, from, where, { cell, field, bucket, zone }),
    };
  });
  const found = totalsBy(
    copy,
    from,
    keys.map(({ sql }) => sql),
    query.totals,
    { where, viewer, custom },
  );
  return found.map(({ keys: values, row, count, sums }) => {
    // A value as it was written, not as it is compared.
    const record = keys.some(({ bucket }) => bucket === undefined) ? from.itemOf(row) : {};
    const shown = keys.map(({ bucket, field }, place) =>
      bucket === undefined && field !== 'madeAt' ? (valueAt(record, field) ?? null) : values[place],
    );
    return { keys: shown, count, sums };
  });
}
