import { expect, test } from 'vitest';
import type { Clock } from '#local/contract.ts';
import { advance, lengthOf, type Part, settle } from '#local/control/settle.ts';

/** A part that says, look by look, how much is pending; the last answer stays. */
const part = (name: string, ...answers: number[]): Part => ({
  name,
  pending: () => (answers.length > 1 ? answers.shift() : answers[0]) ?? 0,
  nextDue: () => undefined,
});

test('settling needs two quiet looks in a row: work may be on its way between two parts', async () => {
  const looks = [0, 1, 0, 0];
  const streams = { ...part('streams'), pending: () => looks.shift() ?? 0 };
  expect(await settle([part('lambda', 0), streams], 5000)).toEqual({});
  expect(looks).toEqual([]);
});

test('what does not settle in time is named with its count', async () => {
  expect(await settle([part('lambda', 3), part('ses', 0)], 20)).toEqual({ lambda: 3 });
});

function ticking(dues: number[]) {
  let now = 0;
  const seen: number[] = [];
  const clock: Clock = {
    now: () => now,
    offset: () => 0,
    at: () => () => {},
    moveTo(instant) {
      now = instant;
      seen.push(instant);
    },
  };
  const schedule: Part = { name: 'scheduler', pending: () => 0, nextDue: () => dues.find((due) => due > now) };
  return { clock, seen, schedule };
}

test('advancing stops at each due instant up to the target and at the target, and not beyond', async () => {
  const { clock, seen, schedule } = ticking([100, 250, 900]);
  expect(await advance([schedule], clock, 500, 5000)).toEqual({});
  expect(seen).toEqual([100, 250, 500]);
});

test('advancing stops where something does not settle', async () => {
  const { clock, seen, schedule } = ticking([100, 250]);
  const stuck: Part = { name: 'lambda', pending: () => (clock.now() >= 100 ? 1 : 0), nextDue: () => undefined };
  expect(await advance([schedule, stuck], clock, 500, 60)).toEqual({ lambda: 1 });
  expect(seen).toEqual([100]);
});

test.each([
  [1500, 1500],
  ['90s', 90_000],
  ['30m', 1_800_000],
  ['4h', 14_400_000],
  ['1.5d', 129_600_000],
  ['3 days', undefined],
  ['soon', undefined],
  [-1, undefined],
])('%s is %s milliseconds', (text, expected) => {
  expect(lengthOf(text)).toBe(expected);
});
