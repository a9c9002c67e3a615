import { describe, expect, it } from 'vitest';
import { silenceOf, spansOf } from '#functions/reports/channel.ts';
import { addTo } from '#shared/time.ts';

const START = '2026-03-02T09:00:00.000Z'; // a Monday
/** Moments so many hours after the start, and now so many after the last. */
const at = (hours: readonly number[]): string[] => hours.map((hour) => addTo(START, { hours: hour }));
const silence = (hours: readonly number[], silentHours: number) => {
  const arrivals = at(hours);
  return silenceOf(arrivals, addTo(arrivals.at(-1) ?? START, { hours: silentHours }));
};
const days = (count: number, each: readonly number[], step = 24): number[] =>
  Array.from({ length: count }, (_, day) => each.map((hour) => day * step + hour)).flat();
const isWorkday = (hour: number): boolean => Math.floor(hour / 24) % 7 < 5;

const daily = days(20, [0]);
const hourlyByDay = days(28, [0, 1, 2, 3, 4, 5, 6, 7, 8]).filter(isWorkday);
const aroundTheClock = Array.from({ length: 300 }, (_, hour) => hour);

describe('a channel is silent for longer than is usual', () => {
  it.each<[string, number[], number, boolean | 'unknown']>([
    ['never heard of', [], 1000, 'unknown'],
    ['one lead', [0], 1000, 'unknown'],
    ['five leads on five days: too few', days(5, [0]), 1000, 'unknown'],
    ['six leads on six days: just enough', days(6, [0]), 37, true],
    [
      'a file of five hundred leads, and nothing before',
      Array.from({ length: 500 }, (_, n) => n / 1000),
      500,
      'unknown',
    ],
    ['a lead a day, after a day and a half', daily, 36, false],
    ['a lead a day, longer than that', daily, 36.1, true],
    ['a lead an hour by day, on the next morning', hourlyByDay, 15, false],
    ['a lead an hour by day, after a usual weekend', hourlyByDay, 64, false],
    ['a lead an hour by day, longer than any weekend', hourlyByDay, 97, true],
    ['a lead an hour around the clock, after two hours', aroundTheClock, 2, true],
    ['a lead an hour around the clock, after one hour', aroundTheClock, 1.2, false],
    ['one failure of two weeks changes nothing', [...daily, ...daily.map((hour) => hour + 34 * 24)], 37, true],
    ['what was slow long ago and is quick now', [0, 900, 1800, ...daily.map((hour) => hour + 4500)], 37, true],
    ['silent for years: still silent, never unknown', daily, 30_000, true],
  ])('%s', (_, hours, silentHours, expected) => {
    const { silent, usual } = silence(hours, silentHours);
    expect(silent).toBe(expected === true);
    expect(usual === undefined).toBe(expected === 'unknown');
  });

  it('says the gaps in minutes, by the nearest rank', () => {
    const found = silence([0, 1, 3, 6, 10, 15, 21], 2.5);
    expect(found).toEqual({
      lastAt: addTo(START, { hours: 21 }),
      silentMinutes: 150,
      usual: { gaps: 6, median: 180, p90: 360, limit: 450 },
      silent: false,
    });
  });

  it('is not silent before its last lead, whatever the clocks of two machines say', () => {
    expect(silence(daily, -1)).toMatchObject({ silentMinutes: 0, silent: false });
  });
});

it('spans are days and whole weeks on the clocks of a zone, today in the last of each', () => {
  const { days: found, weeks } = spansOf('Europe/Moscow', '2026-03-11T22:00:00.000Z', 3);
  expect(found.map(({ label }) => label)).toEqual(['2026-03-10', '2026-03-11', '2026-03-12']);
  expect(found[2]).toEqual({ label: '2026-03-12', from: '2026-03-11T21:00:00.000Z', to: '2026-03-12T21:00:00.000Z' });
  expect(weeks.map(({ label }) => label)).toEqual(['2026-03-09']);
  expect(spansOf('Europe/Moscow', '2026-03-11T22:00:00.000Z', 9).weeks.map(({ label }) => label)).toEqual([
    '2026-03-02',
    '2026-03-09',
  ]);
});
