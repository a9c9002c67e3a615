import { addDays, daysBetween, PlainDate, startOfDay, weekdayOf } from '#shared/time.ts';
import type { Cell } from './column.ts';
import type { Copy } from './copy.ts';
import type { Sql } from './filter.ts';
import type { Source } from './list.ts';
import { fault } from './select.ts';
import { quoted } from './shape.ts';

/** A report over more days than this has other sorrows. */
const MAX_DAYS = 80_000;

/** Calendars kept from query to query; a new day or zone makes a new one. */
const MAX_KEPT = 50;

/** Takes away the calendars of earlier queries when there are many. */
export function forgetBuckets(copy: Copy): void {
  const kept = copy.all(
    "SELECT name FROM sqlite_temp_master WHERE type = 'table' AND name GLOB '* ????-??-?? ????-??-?? *'",
  );
  if (kept.length > MAX_KEPT) for (const { name } of kept) copy.db.exec(`DROP TABLE temp.${quoted(String(name))}`);
}

/** The day that a moment or date begins with; no moment at all is any day. */
function dayOf(end: Cell | undefined, field: string): string {
  if (end === null || end === undefined) return '1970-01-01';
  const day = PlainDate.safeParse(String(end).slice(0, 10));
  if (day.success && day.data < '9999') return day.data;
  throw fault('by', `Not every ${field} among these is a day or a moment.`);
}

type Bucket = { cell: string; field: string; bucket: string; zone: string };

/**
 * The day, week (by its Monday) or month of a moment or date, on the clocks of a zone, as an expression of the database:
 * the days between the first and the last moment of the rows become a small table, and each row looks up its own.
 */
export function bucketSql(copy: Copy, { table }: Source, where: Sql, { cell, field, bucket, zone }: Bucket): string {
  const ends = copy.one(
    `SELECT min(${cell}) AS first, max(${cell}) AS last FROM ${table} WHERE ${where.sql}`,
    ...where.values,
  );
  const [first, last] = [dayOf(ends?.['first'], field), dayOf(ends?.['last'], field)];
  const name = `${bucket}s ${first} ${last} ${zone}`;
  const known = `temp.${quoted(name)}`;
  if (!copy.one('SELECT 1 FROM sqlite_temp_master WHERE name = ?', name))
    make(copy, known, [first, last], bucket, zone);
  const label = (start: string): string =>
    `(SELECT label FROM ${known} WHERE ${start} <= lower(${cell}) ORDER BY ${start} DESC LIMIT 1)`;
  return `CASE length(${cell}) WHEN 10 THEN ${label('day')} ELSE ${label('start')} END`;
}

function make(copy: Copy, known: string, ends: [string, string], bucket: string, zone: string): void {
  // A day more on both sides: the clocks of a zone are up to 14 hours away.
  const [first, last] = [addDays(ends[0], -1), addDays(ends[1], 1)];
  const days = daysBetween(first, last);
  if (days > MAX_DAYS) throw fault('by', `There are more than ${MAX_DAYS} days between ${first} and ${last}.`);
  copy.together(() => {
    copy.db.exec(`CREATE TABLE ${known}(day TEXT PRIMARY KEY, start TEXT NOT NULL UNIQUE, label TEXT NOT NULL)`);
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
