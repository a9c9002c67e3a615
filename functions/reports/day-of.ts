import { startOfDay } from '#shared/time.ts';

/** On which of some days in order, on the clocks of a zone, a moment lies: without asking the clocks for each of many moments. */
export function dayOf(zone: string, days: readonly string[]): (at: string) => string {
  const starts = days.map((day) => startOfDay(zone, day));
  return (at) => {
    let [low, high] = [0, days.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? '') <= at) low = middle;
      else high = middle;
    }
    return days[low] ?? '';
  };
}
