import cron from 'aws-cron-parser';
import { instantOf, wallOf } from './wall-clock.ts';

/** The next instant after `after`, if there is one. */
export type Occurrences = (after: number) => number | undefined;

const UNITS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const CRON_FIELD = /^[\dA-Z*?,\-/#]+$/i;

/**
 * Compiles `at(...)`, `rate(...)` or `cron(...)` of EventBridge. Rates count from `anchor`.
 * @throws Error naming the expression or the zone that cannot be read
 */
export function compileExpression(expression: string, zone: string, anchor: number): Occurrences {
  try {
    wallOf(anchor, zone);
  } catch {
    throw new Error(`Invalid ScheduleExpressionTimezone ${zone}: use a name like Europe/Moscow.`);
  }
  const [, kind, body = ''] = /^(at|rate|cron)\((.+)\)$/.exec(expression.trim()) ?? [];
  const found =
    kind === 'at'
      ? once(body, zone)
      : kind === 'rate'
        ? everySoOften(body, anchor)
        : kind === 'cron'
          ? byCalendar(body, zone)
          : undefined;
  if (!found)
    throw new Error(
      `Invalid Schedule Expression ${expression}: use at(2026-01-31T09:00:00), rate(5 minutes) or cron(0 9 ? * MON-FRI *).`,
    );
  return found;
}

function once(body: string, zone: string): Occurrences | undefined {
  const wall = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(body) ? Date.parse(`${body}Z`) : Number.NaN;
  if (Number.isNaN(wall)) return undefined;
  // A time that summer time skips is taken an hour later.
  const instant = instantOf(wall, zone) ?? instantOf(wall + 3_600_000, zone) ?? wall;
  return (after) => (instant > after ? instant : undefined);
}

function everySoOften(body: string, anchor: number): Occurrences | undefined {
  const [, count, unit = ''] = /^(\d+)\s+(minute|hour|day)s?$/.exec(body) ?? [];
  const period = Number(count) * (UNITS[unit] ?? 0);
  if (!(period > 0)) return undefined;
  return (after) => anchor + Math.max(1, Math.floor((after - anchor) / period) + 1) * period;
}

/** By the wall clock of the zone: a time that summer time skips is left out, one that comes twice runs once. */
function byCalendar(body: string, zone: string): Occurrences | undefined {
  const fields = body.trim().split(/\s+/);
  const [, , dayOfMonth, , dayOfWeek] = fields;
  if (fields.length !== 6 || !fields.every((field) => CRON_FIELD.test(field))) return undefined;
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) return undefined;
  const parsed = cron.parse(fields.join(' '));
  return (after) => {
    let wall = wallOf(after, zone);
    for (let skipped = 0; skipped < 200; skipped += 1) {
      const next = cron.next(parsed, new Date(wall));
      if (!next) return undefined;
      wall = next.getTime();
      const instant = instantOf(wall, zone);
      if (instant !== undefined && instant > after) return instant;
    }
    return undefined;
  };
}
