import { eventType } from '#shared/events.ts';
import { addDays, dateIn, epochOf, instantOf, startOfDay, weekdayOf } from '#shared/time.ts';
import * as z from 'zod';

/** How often a channel brings leads, by the gaps of 90 days before its last one. In minutes. */
const Rhythm = z.object({
  gaps: z.int(),
  median: z.int(),
  p90: z.int(),
  /** Silent for longer than this is longer than is usual. */
  limit: z.int(),
});
type Rhythm = z.output<typeof Rhythm>;

/** `usual` is absent while there are too few leads to know: such a channel is never called silent. */
export const Silence = z.object({
  lastAt: z.string().optional(),
  silentMinutes: z.int().optional(),
  usual: Rhythm.optional(),
  silent: z.boolean(),
});
export type Silence = z.output<typeof Silence>;

const HOUR = 3_600_000;
const WINDOW_DAYS = 90;
/** Fewer gaps say nothing. */
const MIN_GAPS = 5;
const PATIENCE = 1.5;

const minutes = (ms: number): number => Math.round(ms / 60_000);
/** By the nearest rank. */
const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;

/** The gap that nine tenths of the time lay within: nights and weekends weigh as much as they last, however busy the days are. */
function longestUsual(sorted: readonly number[]): number {
  const most = sorted.reduce((sum, gap) => sum + gap, 0) * 0.9;
  let sum = 0;
  return sorted.find((gap) => (sum += gap) >= most) ?? 0;
}

/**
 * Leads of one hour count as one arrival, for a file brings hundreds at once. The longest gap is left out of the limit: it may
 * have been a failure. Epoch ms, in order.
 */
function rhythmOf(arrivals: readonly number[]): Rhythm | undefined {
  const last = arrivals.at(-1) ?? 0;
  const recent = arrivals.filter((at) => at >= last - WINDOW_DAYS * 24 * HOUR);
  const hours = [...new Set(recent.map((at) => Math.floor(at / HOUR) * HOUR))];
  const gaps = hours
    .slice(1)
    .map((at, place) => at - (hours[place] ?? at))
    .toSorted((a, b) => a - b);
  if (gaps.length < MIN_GAPS) return undefined;
  return {
    gaps: gaps.length,
    median: minutes(percentile(gaps, 0.5)),
    p90: minutes(percentile(gaps, 0.9)),
    limit: minutes(longestUsual(gaps.slice(0, -1)) * PATIENCE),
  };
}

/** Whether a channel is silent for longer than is usual with it, by the moments of its leads, in order. */
export function silenceOf(arrivals: readonly string[], now: string): Silence {
  const lastAt = arrivals.at(-1);
  if (lastAt === undefined) return { silent: false };
  const usual = rhythmOf(arrivals.map(epochOf));
  const silentMinutes = Math.max(0, minutes(epochOf(now) - epochOf(lastAt)));
  return { lastAt, silentMinutes, silent: usual !== undefined && silentMinutes > usual.limit, ...(usual && { usual }) };
}

type Span = { label: string; from: string; to: string };
/** The last days on the clocks of a zone, today among them, and the whole weeks (by their Monday) they lie in. */
export function spansOf(zone: string, now: string, days: number): { days: Span[]; weeks: Span[] } {
  const today = dateIn(zone, now);
  const span = (date: string, length: number): Span => ({
    label: date,
    from: startOfDay(zone, date),
    to: startOfDay(zone, addDays(date, length)),
  });
  const first = addDays(today, 1 - days);
  const monday = addDays(first, 1 - weekdayOf(first));
  const mondays = Array.from({ length: Math.ceil(days / 7) + 1 }, (_, week) => addDays(monday, week * 7));
  return {
    days: Array.from({ length: days }, (_, day) => span(addDays(first, day), 1)),
    weeks: mondays.filter((date) => date <= today).map((date) => span(date, 7)),
  };
}

/** The first moment of those whose gaps count. */
export const windowBefore = (at: string): string => instantOf(epochOf(at) - WINDOW_DAYS * 24 * HOUR);

export const ChannelSilent = eventType('channel.silent', { lastAt: z.string(), limitMinutes: z.int() });
export const ChannelHeard = eventType('channel.heard', { lastAt: z.string(), silentMinutes: z.int() });
