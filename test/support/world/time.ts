import { vi } from 'vitest';
import type { Clock } from '#local/contract.ts';

/** Longer waits than this are no pause of the product but a guard of some library: they wait in real time. */
const LONGEST_PAUSE = 20_000;

/** A small generator of numbers (mulberry32): the same seed gives the same run, and its state can be gone back to. */
export class Chance {
  state: number;
  constructor(seed: number) {
    this.state = seed >>> 0;
  }
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }
}

/**
 * Takes over clock, pauses and chance of this process. A pause takes no time: the clock jumps to its end.
 * Two pauses at once end at the later of their ends, as they would.
 */
export function takeTime(start: string): Clock & { chance: Chance; set(epoch: number): void } {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(start) });
  const real = globalThis.setTimeout;
  vi.stubGlobal('setTimeout', (task: (...given: unknown[]) => void, ms = 0, ...given: unknown[]) => {
    if (ms > LONGEST_PAUSE) return real(task, ms, ...given).unref();
    const end = Date.now() + ms;
    return setImmediate(() => {
      if (end > Date.now()) vi.setSystemTime(end);
      task(...given);
    });
  });
  const chance = new Chance(1);
  // Plainly replaced: spies would be taken off between two tests.
  Math.random = () => chance.next();
  globalThis.crypto.getRandomValues = (into) => {
    if (into instanceof Uint8Array)
      for (let at = 0; at < into.length; at += 1) into[at] = Math.floor(chance.next() * 256);
    return into;
  };
  const tasks = new Set<{ instant: number; task: () => void }>();
  return {
    now: () => Date.now(),
    offset: () => 0,
    moveTo(instant) {
      // A jittered pause may end between two milliseconds, and a Date has no fractions.
      if (instant > Date.now()) vi.setSystemTime(Math.ceil(instant));
      for (const entry of [...tasks].filter((one) => one.instant <= Date.now())) {
        tasks.delete(entry);
        entry.task();
      }
    },
    at(instant, task) {
      const entry = { instant, task };
      tasks.add(entry);
      return () => tasks.delete(entry);
    },
    chance,
    set(epoch) {
      tasks.clear();
      vi.setSystemTime(epoch);
    },
  };
}
