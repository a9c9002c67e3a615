import * as z from 'zod';
import { refuse } from '#shared/errors.ts';
import { addDays, dateIn, daysBetween, endOfDay, PlainDate, startOfDay } from '#shared/time.ts';

/** Days on the clocks of whoever asks, the last one included. */
export const PeriodQuery = z.object({
  from: PlainDate.optional().describe('The first day; 29 days before the last unless said'),
  to: PlainDate.optional().describe('The last day; today unless said'),
});
type PeriodQuery = z.output<typeof PeriodQuery>;

export type Period = { from: string; to: string; days: string[] };
const MAX_DAYS = 1100;

/** The moments between which a period lies, and its days. @throws 400 for one that ends before it begins, or is too long */
export function periodOf(query: PeriodQuery, zone: string, now: string): Period {
  const to = query.to ?? dateIn(zone, now);
  const from = query.from ?? addDays(to, -29);
  const length = daysBetween(from, to) + 1;
  const wrong = length < 1 ? 'The period ends before it begins.' : `At most ${MAX_DAYS} days at a time.`;
  if (length < 1 || length > MAX_DAYS)
    throw refuse('invalid', {}, [{ pointer: '/query/from', code: 'invalid_value', detail: wrong }]);
  return {
    from: startOfDay(zone, from),
    to: endOfDay(zone, to),
    days: Array.from({ length }, (_, day) => addDays(from, day)),
  };
}
