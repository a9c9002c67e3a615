import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  addWorkingDays,
  addWorkingMinutes,
  Calendar,
  calendarKind,
  isWorkingDay,
  isWorkingTime,
  nextWorkingMoment,
} from '#functions/activities/calendar.ts';
import { addDays, addTo, epochOf, instantOf } from '#shared/time.ts';

const nine = [{ from: '09:00', to: '18:00' }];
const lunch = [
  { from: '09:00', to: '13:00' },
  { from: '14:00', to: '18:00' },
];
const calendar = (change: Partial<Calendar> = {}): Calendar => ({
  zone: 'Europe/Moscow',
  week: [nine, nine, nine, nine, nine, [], []],
  days: [],
  ...change,
});

describe('working time', () => {
  const moscow = calendar();
  it.each([
    ['a Monday at noon', '2026-11-23T09:00:00.000Z', true],
    ['its first moment', '2026-11-23T06:00:00.000Z', true],
    ['the moment before', '2026-11-23T05:59:59.999Z', false],
    ['its last moment', '2026-11-23T14:59:59.999Z', true],
    ['its end', '2026-11-23T15:00:00.000Z', false],
    ['a Sunday', '2026-11-22T09:00:00.000Z', false],
  ])('%s', (_, instant, works) => {
    expect(isWorkingTime(moscow, instant)).toBe(works);
  });

  it('is by the clocks of somebody else’s zone where one is given', () => {
    expect(isWorkingTime(moscow, '2026-11-23T05:00:00.000Z', 'Asia/Yekaterinburg')).toBe(true);
    expect(nextWorkingMoment(moscow, '2026-11-21T12:00:00.000Z', 'America/New_York')).toBe('2026-11-23T14:00:00.000Z');
  });

  it('knows holidays, moved working days and short days', () => {
    const days = [
      { date: '2026-11-04', hours: [] },
      { date: '2026-11-03', hours: [{ from: '09:00', to: '17:00' }] },
      { date: '2026-11-07', hours: nine },
    ];
    const year = calendar({ days });
    expect(isWorkingDay(year, '2026-11-04')).toBe(false);
    expect(isWorkingDay(year, '2026-11-07')).toBe(true);
    expect(addWorkingMinutes(year, '2026-11-03T13:50:00.000Z', 15)).toBe('2026-11-05T06:05:00.000Z');
    expect(addWorkingDays(year, '2026-11-03', 1)).toBe('2026-11-05');
    expect(addWorkingDays(year, '2026-11-05', -1)).toBe('2026-11-03');
    expect(addWorkingDays(year, '2026-11-04', 0)).toBe('2026-11-05');
  });

  it('runs over the break and the weekend', () => {
    const week = [lunch, lunch, lunch, lunch, lunch, [], []];
    const friday = '2026-11-27T09:55:00.000Z';
    expect(addWorkingMinutes(calendar({ week }), friday, 10)).toBe('2026-11-27T11:05:00.000Z');
    expect(addWorkingMinutes(calendar({ week }), friday, 5 + 240 + 30)).toBe('2026-11-30T06:30:00.000Z');
  });

  it('is an hour less on the night the clocks go forward, an hour more when they go back', () => {
    const night = [{ from: '00:00', to: '24:00' }];
    const round = calendar({ zone: 'Europe/Berlin', week: Array.from({ length: 7 }, () => night) });
    expect(addWorkingMinutes(round, '2026-03-28T23:00:00.000Z', 23 * 60)).toBe('2026-03-29T22:00:00.000Z');
    expect(addWorkingMinutes(round, '2026-10-24T22:00:00.000Z', 25 * 60)).toBe('2026-10-25T23:00:00.000Z');
    const early = calendar({
      zone: 'Europe/Berlin',
      week: Array.from({ length: 7 }, () => [{ from: '02:30', to: '04:00' }]),
    });
    expect(nextWorkingMoment(early, '2026-03-29T00:00:00.000Z')).toBe('2026-03-29T01:30:00.000Z');
  });
});

const time = fc
  .integer({ min: 0, max: 48 })
  .map((half) => `${String(half >> 1).padStart(2, '0')}:${half % 2 ? '30' : '00'}`);
const hours = fc
  .uniqueArray(time, { minLength: 2, maxLength: 6 })
  .map((times) => times.sort().slice(0, times.length - (times.length % 2)))
  .map((times) => times.flatMap((from, at) => (at % 2 ? [] : [{ from, to: times[at + 1] ?? '24:00' }])));
const aCalendar = fc.record({
  zone: fc.constantFrom('Europe/Moscow', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'),
  week: fc
    .array(fc.oneof(fc.constant<{ from: string; to: string }[]>([]), hours), { minLength: 6, maxLength: 6 })
    .chain((six) => hours.map((one) => [...six, one])),
  days: fc
    .uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 10 })
    .chain((all) =>
      fc.tuple(...all.map((day) => hours.map((one) => ({ date: addDays('2026-03-01', day), hours: one })))),
    ),
});
/** Around the nights on which clocks change. */
const moment = fc
  .tuple(
    fc.constantFrom('2026-03-06', '2026-03-27', '2026-04-03', '2026-10-23', '2026-10-30'),
    fc.integer({ min: 0, max: 5 * 1440 }),
  )
  .map(([date, minutes]) => addTo(`${date}T00:00:00.000Z`, { minutes }));

test('the next working moment is working time, the first such, and its own next one', () => {
  fc.assert(
    fc.property(aCalendar, moment, (year, at) => {
      const next = nextWorkingMoment(year, at);
      expect(next >= at).toBe(true);
      expect(isWorkingTime(year, next)).toBe(true);
      expect(nextWorkingMoment(year, next)).toBe(next);
      const between = (epochOf(next) - epochOf(at)) / 60_000;
      const quarter = Math.min(between, 2000);
      for (let minute = 0; minute < quarter; minute += 15)
        expect(isWorkingTime(year, addTo(at, { minutes: minute }))).toBe(false);
    }),
    { numRuns: 60 },
  );
});

test('between a moment and so many working minutes later there are exactly so many working minutes', () => {
  fc.assert(
    fc.property(aCalendar, moment, fc.integer({ min: 1, max: 900 }), (year, at, minutes) => {
      const end = addWorkingMinutes(year, at, minutes);
      let worked = 0;
      for (let now = epochOf(at); now < epochOf(end); now += 60_000)
        if (isWorkingTime(year, instantOf(now))) worked += 1;
      expect(worked).toBe(minutes);
    }),
    { numRuns: 25 },
  );
});

test('working minutes add up', () => {
  fc.assert(
    fc.property(aCalendar, moment, fc.nat(2000), fc.nat(2000), (year, at, a, b) => {
      const once = addWorkingMinutes(year, at, a + b);
      expect(nextWorkingMoment(year, addWorkingMinutes(year, addWorkingMinutes(year, at, a), b))).toBe(
        nextWorkingMoment(year, once),
      );
    }),
    { numRuns: 60 },
  );
});

test('working days there and back come to the same working day', () => {
  fc.assert(
    fc.property(aCalendar, fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 30 }), (year, day, days) => {
      const from = addWorkingDays(year, addDays('2026-03-01', day), 0);
      const to = addWorkingDays(year, from, days);
      expect(isWorkingDay(year, to)).toBe(true);
      expect(addWorkingDays(year, to, -days)).toBe(from);
    }),
    { numRuns: 100 },
  );
});

test('a calendar that overlaps, names a day twice, or has no working day is refused at the place', async () => {
  const wrong = calendar({
    week: [
      [{ from: '10:00', to: '09:00' }],
      [
        { from: '09:00', to: '12:00' },
        { from: '11:00', to: '13:00' },
      ],
      [],
      [],
      [],
      [],
      [],
    ],
    days: [
      { date: '2026-01-01', hours: [] },
      { date: '2026-01-01', hours: [] },
    ],
  });
  const faults = async (body: Calendar) =>
    (await calendarKind.check(body)).map(({ pointer }: { pointer: string }) => pointer);
  expect(await faults(wrong)).toEqual(['/body/body/week/0', '/body/body/week/1', '/body/body/days/1/date']);
  expect(await faults(calendar({ week: [[], [], [], [], [], [], []] }))).toEqual(['/body/body/week']);
  expect(await faults(calendar())).toEqual([]);
  expect(Calendar.safeParse({ ...calendar(), week: [[]] }).success).toBe(false);
});
