import { expect, test } from 'vitest';
import { compileExpression } from '#local/events/expression.ts';

const at = (iso: string): number => Date.parse(iso);
const runs = (expression: string, zone: string, after: string, count = 1, anchor = after): string[] => {
  const occurrences = compileExpression(expression, zone, at(anchor));
  const found: string[] = [];
  for (let last = occurrences(at(after)); last !== undefined && found.length < count; last = occurrences(last))
    found.push(new Date(last).toISOString());
  return found;
};

test.each([
  ['at(2026-07-01T09:00:00)', 'Europe/Moscow', '2026-01-01T00:00:00Z', ['2026-07-01T06:00:00.000Z']],
  ['at(2026-07-01T09:00:00)', 'America/New_York', '2026-01-01T00:00:00Z', ['2026-07-01T13:00:00.000Z']],
  ['at(2026-01-01T00:00:00)', 'UTC', '2026-01-01T00:00:00Z', []],
  ['rate(5 minutes)', 'UTC', '2026-01-01T00:00:01Z', ['2026-01-01T00:05:01.000Z', '2026-01-01T00:10:01.000Z']],
  ['cron(0 9 * * ? *)', 'UTC', '2026-01-01T08:59:30Z', ['2026-01-01T09:00:00.000Z', '2026-01-02T09:00:00.000Z']],
  ['cron(0 9 * * ? *)', 'Europe/Moscow', '2026-01-01T00:00:00Z', ['2026-01-01T06:00:00.000Z']],
  ['cron(0 9 ? * MON-FRI *)', 'UTC', '2026-01-02T10:00:00Z', ['2026-01-05T09:00:00.000Z']],
  ['cron(0 12 L * ? *)', 'UTC', '2026-02-01T00:00:00Z', ['2026-02-28T12:00:00.000Z', '2026-03-31T12:00:00.000Z']],
  ['cron(0 0 1 1 ? 2025)', 'UTC', '2026-01-01T00:00:00Z', []],
])('%s in %s after %s', (expression, zone, after, expected) => {
  expect(runs(expression, zone, after, expected.length || 1)).toEqual(expected);
});

test('a time that summer time skips is left out, and one that comes twice runs once', () => {
  expect(runs('cron(30 2 * * ? *)', 'Europe/Berlin', '2026-03-28T00:00:00Z', 3)).toEqual([
    '2026-03-28T01:30:00.000Z',
    '2026-03-30T00:30:00.000Z',
    '2026-03-31T00:30:00.000Z',
  ]);
  expect(runs('cron(30 2 * * ? *)', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual([
    '2026-10-25T00:30:00.000Z',
    '2026-10-26T01:30:00.000Z',
  ]);
});

test('in the hour that comes twice, the second pass is not run', () => {
  expect(runs('cron(0/30 * * * ? *)', 'Europe/Berlin', '2026-10-25T01:10:00Z')).toEqual(['2026-10-25T02:00:00.000Z']);
});

test('a rate counts from its beginning, however late it is asked', () => {
  expect(runs('rate(1 hour)', 'UTC', '2026-01-03T10:20:00Z', 1, '2026-01-01T00:15:00Z')).toEqual([
    '2026-01-03T11:15:00.000Z',
  ]);
});

test.each([
  ['every day', 'UTC'],
  ['rate(0 minutes)', 'UTC'],
  ['rate(5 weeks)', 'UTC'],
  ['cron(0 9 * * *)', 'UTC'],
  ['cron(0 9 * * * *)', 'UTC'],
  ['cron(99 9 * * ? *)', 'UTC'],
  ['at(2026-13-01T00:00:00)', 'UTC'],
  ['at(2026-01-01)', 'UTC'],
  ['rate(5 minutes)', 'Mars/Olympus'],
])('%s in %s is refused', (expression, zone) => {
  expect(() => compileExpression(expression, zone, 0)).toThrow(/Invalid/);
});
