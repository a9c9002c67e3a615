import { addDays, daysBetween, startOfDay, weekdayOf } from '#shared/time.ts';
import type { Copy } from './copy.ts';
import type { Source } from './list.ts';
import { fault } from './select.ts';

/** A report over more days than this has other sorrows. */
const MAX_DAYS = 80_000;

/**
 * The day, week (by its Monday) or month of a moment or date, on the clocks of a zone, as an expression of the database:
 * the days between the first and the last moment there are become a small table, and each row looks up its own.
 */
export function bucketSql(copy: Copy, { table }: Source, cell: string, bucket: string, zone: string): string {
  const ends = copy.one(`SELECT min(${cell}) AS first, max(${cell}) AS last FROM ${table}`);
  const name = `${bucket}s ${String(ends?.['first']).slice(0, 10)} ${String(ends?.['last']).slice(0, 10)} ${zone}`;
  const known = `temp."${name}"`;
  if (!copy.one('SELECT 1 FROM sqlite_temp_master WHERE name = ?', name)) make(copy, known, ends, bucket, zone);
  const label = (field: string): string =>
    `(SELECT label FROM ${known} WHERE ${field} <= lower(${cell}) ORDER BY ${field} DESC LIMIT 1)`;
  return `CASE length(${cell}) WHEN 10 THEN ${label('day')} ELSE ${label('start')} END`;
}

function make(
  copy: Copy,
  known: string,
  ends: Record<string, unknown> | undefined,
  bucket: string,
  zone: string,
): void {
  const day = (end: unknown): string =>
    typeof end === 'string' && /^\d{4}-\d\d-\d\d/.test(end) ? end.slice(0, 10) : '1970-01-01';
  // A day more on both sides: the clocks of a zone are up to 14 hours away.
  const [first, last] = [addDays(day(ends?.['first']), -1), addDays(day(ends?.['last']), 1)];
  const days = daysBetween(first, last);
  if (days > MAX_DAYS) throw fault('by', `There are more than ${MAX_DAYS} days between ${first} and ${last}.`);
  copy.db.exec(
    `CREATE TEMP TABLE ${known.replace('temp.', '')}(day TEXT PRIMARY KEY, start TEXT NOT NULL UNIQUE, label TEXT NOT NULL)`,
  );
  copy.together(() => {
    for (let n = 0; n <= days; n += 1) {
      const at = addDays(first, n);
      copy.run(`INSERT INTO ${known} VALUES (?, ?, ?)`, at, startOfDay(zone, at).toLowerCase(), labelOf(at, bucket));
    }
  });
}

function labelOf(day: string, bucket: string): string {
  if (bucket === 'month') return day.slice(0, 7);
  return bucket === 'week' ? addDays(day, 1 - weekdayOf(day)) : day;
}
