import { describe, expect, test } from 'vitest';
import {
  addDays,
  addMonths,
  addTo,
  dateIn,
  daysBetween,
  endOfDay,
  epochOf,
  formatDate,
  formatInstant,
  Instant,
  instantIn,
  instantOf,
  mailDate,
  PlainDate,
  startOfDay,
  systemNow,
  weekdayOf,
  Zone,
} from '#shared/time.ts';

describe('instants', () => {
  test('are epoch milliseconds written in UTC', () => {
    expect(instantOf(0)).toBe('1970-01-01T00:00:00.000Z');
    expect(epochOf('1970-01-01T00:00:01.500Z')).toBe(1500);
    expect(Instant.safeParse(instantOf(systemNow())).success).toBe(true);
    expect(() => epochOf('yesterday')).toThrow(/not a moment/);
    expect(() => instantOf(Number.NaN)).toThrow(RangeError);
  });

  test.each([
    '2026-11-23',
    '2026-11-23T18:13:36Z',
    '2026-11-23T18:13:36.000+03:00',
    '2026-02-30T00:00:00.000Z',
    '2026-11-23T25:00:00.000Z',
    '2026-11-23T18:13:36.000Z ',
  ])('"%s" is not one', (text) => {
    expect(Instant.safeParse(text).success).toBe(false);
  });

  test('a span is added exactly, also backwards', () => {
    expect(addTo('2026-03-01T00:00:00.000Z', { days: 1, hours: 1, minutes: 1, seconds: 1 })).toBe(
      '2026-03-02T01:01:01.000Z',
    );
    expect(addTo('2026-03-01T00:00:00.000Z', { minutes: -1 })).toBe('2026-02-28T23:59:00.000Z');
  });
});

describe('plain dates', () => {
  test('exist in the calendar', () => {
    expect(PlainDate.safeParse('2028-02-29').success).toBe(true);
    expect(
      ['2026-02-29', '2026-13-01', '23.11.2026', '2026-1-1', ''].filter((bad) => PlainDate.safeParse(bad).success),
    ).toEqual([]);
  });

  test.each([
    ['2026-01-31', 1, '2026-02-28'],
    ['2028-01-31', 1, '2028-02-29'],
    ['2026-03-31', -1, '2026-02-28'],
    ['2026-11-30', 3, '2027-02-28'],
    ['2026-11-23', 300, '2051-11-23'],
  ])('%s and %d months is %s', (date, months, result) => {
    expect(addMonths(date, months)).toBe(result);
  });

  test.each([
    ['2026-12-31', 1, '2027-01-01'],
    ['2026-03-29', -29, '2026-02-28'],
    ['2026-10-25', 1, '2026-10-26'],
  ])('%s and %d days is %s, and back', (date, days, result) => {
    expect(addDays(date, days)).toBe(result);
    expect(daysBetween(date, result)).toBe(days);
  });

  test('know their weekday, Monday first', () => {
    expect(weekdayOf('2026-11-23')).toBe(1);
    expect(weekdayOf('2026-11-29')).toBe(7);
  });
});

describe('zones', () => {
  test.each([
    ['Europe/Moscow', '2026-11-23T21:00:00.000Z', '2026-11-24'],
    ['Europe/Moscow', '2026-11-23T20:59:59.999Z', '2026-11-23'],
    ['America/New_York', '2026-11-24T04:59:59.999Z', '2026-11-23'],
    ['Asia/Kathmandu', '2026-11-23T18:15:00.000Z', '2026-11-24'],
  ])('in %s %s is on %s', (zone, instant, date) => {
    expect(dateIn(zone, instant)).toBe(date);
  });

  test.each([
    ['Europe/Moscow', '2026-11-23', '2026-11-22T21:00:00.000Z', 24],
    ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00.000Z', 23],
    ['Europe/Berlin', '2026-10-25', '2026-10-24T22:00:00.000Z', 25],
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z', 23],
  ])('in %s %s begins at %s and has %d hours', (zone, date, start, hours) => {
    expect(startOfDay(zone, date)).toBe(start);
    expect((epochOf(endOfDay(zone, date)) - epochOf(start)) / 3_600_000).toBe(hours);
    expect(dateIn(zone, start)).toBe(date);
  });

  test('a wall-clock time skipped by summer time counts from after the jump', () => {
    expect(instantIn('Europe/Berlin', '2026-03-29', '01:30')).toBe('2026-03-29T00:30:00.000Z');
    expect(instantIn('Europe/Berlin', '2026-03-29', '02:30')).toBe('2026-03-29T01:30:00.000Z');
    expect(instantIn('Europe/Moscow', '2026-11-23', '09:05')).toBe('2026-11-23T06:05:00.000Z');
  });

  test('only names of the zone database are zones', () => {
    expect(Zone.safeParse('Asia/Yekaterinburg').success).toBe(true);
    expect(['Mars/Olympus', '+03:00', '', '../etc/passwd'].filter((bad) => Zone.safeParse(bad).success)).toEqual([]);
  });
});

test('people read dates in their language and on their clocks', () => {
  expect(formatDate('2026-11-23', 'ru').replace(/\s/g, ' ')).toBe('23 ноября 2026 г.');
  expect(formatDate('2026-11-23', 'en-GB')).toBe('23 November 2026');
  expect(formatInstant('2026-11-23T21:30:00.000Z', { locale: 'ru', zone: 'Europe/Moscow' })).toMatch(
    /24 ноября.*00:30/,
  );
  expect(mailDate('2026-11-23T18:13:36.000Z')).toBe('Mon, 23 Nov 2026 18:13:36 +0000');
});
