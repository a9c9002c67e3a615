import { expect, it } from 'vitest';
import { dayOf } from '#functions/reports/day-of.ts';
import { periodOf } from '#functions/reports/period.ts';
import { dateIn, addTo } from '#shared/time.ts';

const NOW = '2026-10-27T22:30:00.000Z';

it('a period is whole days on the clocks of whoever asks, the last one included', () => {
  expect(periodOf({ from: '2026-10-24', to: '2026-10-25' }, 'Europe/Berlin', NOW)).toEqual({
    from: '2026-10-23T22:00:00.000Z',
    to: '2026-10-25T23:00:00.000Z',
    days: ['2026-10-24', '2026-10-25'],
  });
  const { days } = periodOf({}, 'Europe/Moscow', NOW);
  expect([days.length, days[0], days.at(-1)]).toEqual([30, '2026-09-29', '2026-10-28']);
});

it.each([
  [{ from: '2026-10-02', to: '2026-10-01' }, 'ends before'],
  [{ from: '2020-01-01', to: '2026-10-01' }, 'At most'],
])('a period that cannot be is refused: %j', (query, why) => {
  expect(() => periodOf(query, 'UTC', NOW)).toThrow(
    expect.objectContaining({ errors: [expect.objectContaining({ detail: expect.stringContaining(why) })] }),
  );
});

it('finds the day of a moment as the clocks of the zone do, also over the night they change', () => {
  const { from, days } = periodOf({ from: '2026-10-23', to: '2026-10-27' }, 'Europe/Berlin', NOW);
  const dated = dayOf('Europe/Berlin', days);
  for (let hour = 0; hour < 121; hour += 1) {
    const at = addTo(from, { hours: hour });
    expect([at, dated(at)]).toEqual([at, dateIn('Europe/Berlin', at)]);
  }
});
