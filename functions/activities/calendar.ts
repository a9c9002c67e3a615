import * as z from 'zod';
import { Bilingual, settingKind } from '#functions/settings/setting.ts';
import type { Fault } from '#shared/errors.ts';
import { addDays, dateIn, epochOf, instantIn, instantOf, PlainDate, weekdayOf, Zone } from '#shared/time.ts';

const Time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, { error: 'must be a time of day such as 09:00' });
const Hours = z.array(z.object({ from: Time, to: Time })).max(6);
type Hours = z.output<typeof Hours>;

/** When the firm works: hours of each weekday, and the days that are different, as holidays (no hours) and moved working days. */
export const Calendar = z.object({
  /** Whose wall clock is meant where nobody's own is. */
  zone: Zone,
  /** Monday first. */
  week: z.array(Hours).length(7),
  days: z.array(z.object({ date: PlainDate, hours: Hours, name: Bilingual.optional() })).max(2000),
});
export type Calendar = z.output<typeof Calendar>;

const inOrder = (hours: Hours): boolean =>
  hours.every(({ from, to }, place) => from < to && from >= (hours[place - 1]?.to ?? '00:00'));

/** Hours that overlap, a day that is named twice, and a week in which nobody works. */
function faultsOf({ week, days }: Calendar): Fault[] {
  const wrong = (pointer: string, detail: string): Fault => ({ pointer, code: 'invalid_value', detail });
  const order = 'Hours begin before they end, one after the other.';
  const dates = days.map(({ date }) => date);
  return [
    ...week.flatMap((hours, day) => (inOrder(hours) ? [] : [wrong(`/body/body/week/${day}`, order)])),
    ...days.flatMap(({ date, hours }, place) => [
      ...(inOrder(hours) ? [] : [wrong(`/body/body/days/${place}/hours`, order)]),
      ...(dates.indexOf(date) < place ? [wrong(`/body/body/days/${place}/date`, `${date} is there twice.`)] : []),
    ]),
    ...(week.every((hours) => hours.length === 0) ? [wrong('/body/body/week', 'On some weekday somebody works.')] : []),
  ];
}

export const calendarKind = settingKind('calendar', 'calendars', Calendar, faultsOf);
/** The calendar of the firm. */
export const MAIN_CALENDAR = 'main';

const hoursOf = ({ week, days }: Calendar, date: PlainDate): Hours =>
  days.find((day) => day.date === date)?.hours ?? week[weekdayOf(date) - 1] ?? [];

export const isWorkingDay = (calendar: Calendar, date: PlainDate): boolean => hoursOf(calendar, date).length > 0;

type Spell = { from: number; to: number };

/** The working time of a day as moments, epoch ms: where summer time takes an hour away, there is less of it. */
function spellsOf(calendar: Calendar, date: PlainDate, zone: string): Spell[] {
  const spells: Spell[] = [];
  for (const { from, to } of hoursOf(calendar, date)) {
    const begins = Math.max(epochOf(instantIn(zone, date, from)), spells.at(-1)?.to ?? 0);
    const ends = epochOf(instantIn(zone, date, to));
    if (begins < ends) spells.push({ from: begins, to: ends });
  }
  return spells;
}

/** With at most 2000 different days, somebody works within this many. */
const MAX_DAYS = 15_000;

function* spellsFrom(calendar: Calendar, instant: string, zone: string): Generator<Spell> {
  const now = epochOf(instant);
  let date = dateIn(zone, instant);
  for (let day = 0; day < MAX_DAYS; day += 1, date = addDays(date, 1))
    for (const spell of spellsOf(calendar, date, zone))
      if (spell.to > now) yield { from: Math.max(spell.from, now), to: spell.to };
  throw new RangeError('The calendar has no working time.');
}

export const isWorkingTime = (calendar: Calendar, instant: string, zone = calendar.zone): boolean =>
  spellsOf(calendar, dateIn(zone, instant), zone).some(
    ({ from, to }) => from <= epochOf(instant) && epochOf(instant) < to,
  );

/** The moment itself when somebody works then, else the beginning of the next working time on the clocks of a zone. */
export function nextWorkingMoment(calendar: Calendar, instant: string, zone = calendar.zone): string {
  const next = spellsFrom(calendar, instant, zone).next();
  return next.done ? instant : instantOf(next.value.from);
}

/** A moment so many minutes of working time later: a quarter of an hour on Friday at 17:55 ends on Monday. */
export function addWorkingMinutes(calendar: Calendar, instant: string, minutes: number, zone = calendar.zone): string {
  let left = minutes * 60_000;
  for (const { from, to } of spellsFrom(calendar, instant, zone)) {
    if (left <= to - from) return instantOf(from + left);
    left -= to - from;
  }
  return instant;
}

function workingDay(calendar: Calendar, from: PlainDate, step: number): PlainDate {
  for (let day = 0; day < MAX_DAYS; day += 1) {
    const date = addDays(from, day * step);
    if (isWorkingDay(calendar, date)) return date;
  }
  throw new RangeError('The calendar has no working days.');
}

/** The working day so many working days later (negative: earlier); 0 is the day itself, or the next one somebody works on. */
export function addWorkingDays(calendar: Calendar, date: PlainDate, days: number): PlainDate {
  const step = days < 0 ? -1 : 1;
  if (days === 0) return workingDay(calendar, date, step);
  let at = date;
  for (let left = Math.abs(days); left > 0; left -= 1) at = workingDay(calendar, addDays(at, step), step);
  return at;
}
