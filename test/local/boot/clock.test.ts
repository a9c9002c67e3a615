import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openClock } from '#local/clock.ts';

const START = Date.UTC(2026, 0, 5, 9);

function clockOn(db: DatabaseSync, real = () => START) {
  const failures: unknown[] = [];
  const clock = openClock(db, (error) => failures.push(error), real);
  onTestFinished(() => clock.stop());
  return { clock, failures };
}

test('moving the clock runs what falls due on the way in order, each at its own instant', () => {
  const { clock } = clockOn(new DatabaseSync(':memory:'));
  const seen: [string, number][] = [];
  const note = (name: string) => () => seen.push([name, clock.now() - START]);
  clock.at(START + 3000, note('third'));
  clock.at(START + 1000, () => {
    note('first')();
    clock.at(START + 2000, note('second, set by the first'));
  });
  clock.at(START + 9000, note('too late'));
  clock.moveTo(START + 5000);
  expect(seen).toEqual([
    ['first', 1000],
    ['second, set by the first', 2000],
    ['third', 3000],
  ]);
  expect(clock.now()).toBe(START + 5000);
});

test('the offset survives a restart, and the clock never goes back', () => {
  const db = new DatabaseSync(':memory:');
  clockOn(db).clock.moveTo(START + 86_400_000);
  const { clock } = clockOn(db);
  expect(clock.offset()).toBe(86_400_000);
  clock.moveTo(START);
  expect(clock.now()).toBe(START + 86_400_000);
});

test('an alarm a year ahead waits in pieces that timers can hold', () => {
  vi.useFakeTimers({ now: START });
  onTestFinished(() => void vi.useRealTimers());
  const { clock } = clockOn(new DatabaseSync(':memory:'), () => Date.now());
  let rang = 0;
  clock.at(START + 365 * 86_400_000, () => (rang += 1));
  vi.advanceTimersByTime(364 * 86_400_000);
  expect(rang).toBe(0);
  vi.advanceTimersByTime(86_400_000);
  expect(rang).toBe(1);
});

test('an alarm that was cancelled stays silent, and one that throws does not stop the others', () => {
  const { clock, failures } = clockOn(new DatabaseSync(':memory:'));
  const seen: string[] = [];
  const cancel = clock.at(START + 1000, () => seen.push('cancelled'));
  clock.at(START + 2000, () => {
    throw new Error('broken');
  });
  clock.at(START + 3000, () => seen.push('after the broken one'));
  cancel();
  clock.moveTo(START + 4000);
  expect(seen).toEqual(['after the broken one']);
  expect(String(failures)).toContain('broken');
});
