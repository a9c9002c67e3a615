import { expect, test } from 'vitest';
import type { Clock } from '#local/contract.ts';
import type { Schedule } from '#local/events/schedule.ts';
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

type Tick = { name: string; every: number; next: number };

/** A clock that notes where it stops, one-time instants, and schedules that recur. */
function ticking(dues: number[], recurring: Tick[] = []) {
  let now = 0;
  const stops: number[] = [];
  const runs: string[] = [];
  const clock: Clock = {
    now: () => now,
    offset: () => 0,
    at: () => () => {},
    moveTo(instant) {
      now = instant;
      stops.push(instant);
      for (const tick of recurring)
        for (; tick.next <= now; tick.next += tick.every) runs.push(`${tick.name} ${tick.next}`);
    },
  };
  const often = () =>
    recurring.filter(({ every }) => every <= 60).map(({ name, next }) => ({ id: `default/${name}`, next }));
  const schedules = {
    schedules: () => recurring.map(({ name, next }) => ({ group: 'default', name, next })) as Schedule[],
    frequent: often,
    skip(id: string, until: number) {
      for (const tick of recurring.filter(({ name }) => `default/${name}` === id))
        while (tick.next < until) tick.next += tick.every;
    },
  };
  const states: Part = { name: 'states', pending: () => 0, nextDue: () => dues.find((due) => due > now) };
  return { clock, stops, runs, states, time: { clock, schedules } };
}

test('advancing stops at each due instant up to the target and at the target, and not beyond', async () => {
  const { stops, states, time } = ticking([100, 250, 900]);
  expect(await advance([states], time, 500, 5000)).toEqual({});
  expect(stops).toEqual([100, 250, 500]);
});

test('a schedule of every minute runs once after each other instant, and not all the time between', async () => {
  const { runs, states, time } = ticking(
    [1000, 1007],
    [
      { name: 'minute', every: 10, next: 10 },
      { name: 'day', every: 2000, next: 2000 },
    ],
  );
  expect(await advance([states], time, 3000, 5000)).toEqual({});
  expect(runs).toEqual([
    'minute 10',
    'minute 1000',
    'minute 1010',
    'minute 2000',
    'day 2000',
    'minute 2010',
    'minute 3000',
  ]);
});

test('advancing stops where something does not settle', async () => {
  const { clock, stops, states, time } = ticking([100, 250]);
  const stuck: Part = { name: 'lambda', pending: () => (clock.now() >= 100 ? 1 : 0), nextDue: () => undefined };
  expect(await advance([states, stuck], time, 500, 60)).toEqual({ lambda: 1 });
  expect(stops).toEqual([100]);
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
