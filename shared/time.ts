import { TZDate } from '@date-fns/tz';
import { addMonths as addMonthsTo, differenceInCalendarDays } from 'date-fns';
import * as z from 'zod';

/** The clock of the machine, epoch milliseconds. Called by edges only; everything else takes `now` as an argument. */
export const systemNow = (): number => Date.now();

/** A moment: UTC with milliseconds, `2026-11-23T18:13:36.000Z`, so that text order is time order. */
export const Instant = z.iso.datetime({
  precision: 3,
  error: 'must be a moment in UTC such as 2026-11-23T18:13:36.000Z',
});
export type Instant = z.infer<typeof Instant>;

/** A day of the calendar without a zone, `2026-11-23`. */
export const PlainDate = z.iso.date({ error: 'must be a date such as 2026-11-23' });
export type PlainDate = z.infer<typeof PlainDate>;

/** A zone of the IANA database, `Europe/Moscow`. */
export const Zone = z
  .string()
  .max(64)
  .refine(isZone, { error: 'must be a time zone such as Europe/Moscow' })
  .meta({ examples: ['Europe/Moscow'] });

function isZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false; // Intl takes offsets too, and those know no summer time
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** Throws RangeError when the number is no moment. */
export const instantOf = (epoch: number): Instant => new Date(epoch).toISOString();

/** Epoch milliseconds; throws RangeError when the text is not an Instant. */
export function epochOf(instant: Instant): number {
  const epoch = Date.parse(instant);
  if (Number.isNaN(epoch)) throw new RangeError(`"${instant}" is not a moment such as 2026-11-23T18:13:36.000Z`);
  return epoch;
}

export type Span = { days?: number; hours?: number; minutes?: number; seconds?: number };

/** A moment later by a span of exact length (negative: earlier); a day is 24 hours here, for days of a zone use addDays. */
export function addTo(instant: Instant, { days = 0, hours = 0, minutes = 0, seconds = 0 }: Span): Instant {
  return instantOf(epochOf(instant) + (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000);
}

const utc = (date: PlainDate): TZDate => new TZDate(epochOf(`${date}T00:00:00.000Z`), 'UTC');
const plain = (date: Date): PlainDate => {
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
};

export const addDays = (date: PlainDate, days: number): PlainDate =>
  addTo(`${date}T00:00:00.000Z`, { days }).slice(0, 10);

/** The same day of another month, or that month's last day where it is shorter (31 January + 1 is 28 February). */
export const addMonths = (date: PlainDate, months: number): PlainDate => plain(addMonthsTo(utc(date), months));

/** Whole days from one date to another; negative when `to` is earlier. */
export const daysBetween = (from: PlainDate, to: PlainDate): number => differenceInCalendarDays(utc(to), utc(from));

/** 1 Monday … 7 Sunday, as in ISO 8601. */
export const weekdayOf = (date: PlainDate): number => utc(date).getDay() || 7;

/** The date people in that zone have on their wall calendar at that moment. */
export const dateIn = (zone: string, instant: Instant): PlainDate => plain(new TZDate(epochOf(instant), zone));

/** The moment of a wall-clock time (`09:30`) in a zone; a time skipped by summer time counts from after the jump. */
export function instantIn(zone: string, date: PlainDate, time = '00:00'): Instant {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return instantOf(new TZDate(year, month - 1, day, hour, minute, zone).getTime());
}

/** The first moment of a day in a zone. */
export const startOfDay = (zone: string, date: PlainDate): Instant => instantIn(zone, date);

/** The first moment after a day in a zone: compare with `<`. */
export const endOfDay = (zone: string, date: PlainDate): Instant => startOfDay(zone, addDays(date, 1));

/** A date for people: `23 ноября 2026 г.` in `ru`, `23 November 2026` in `en-GB`. */
export const formatDate = (date: PlainDate, locale: string): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(utc(date));

/** A moment for people, on the clocks of a zone: `23 ноября 2026 г. в 21:13`. */
export const formatInstant = (instant: Instant, { locale, zone }: { locale: string; zone: string }): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone: zone }).format(epochOf(instant));

/** The date header of a letter (RFC 5322): `Mon, 23 Nov 2026 18:13:36 +0000`. */
export const mailDate = (instant: Instant): string => new Date(epochOf(instant)).toUTCString().replace('GMT', '+0000');
