import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Service } from '../contract.ts';

/** Service name to how much is under way there; empty when everything is idle. */
export type Pending = Record<string, number>;
export type Part = Pick<Service, 'name' | 'pending' | 'nextDue'>;

/** Between two looks: long enough for what one service hands to the next to arrive there. */
const LOOK_MS = 12;

export const pendingOf = (services: readonly Part[]): Pending =>
  Object.fromEntries(
    services.map((service) => [service.name, service.pending()] as const).filter(([, count]) => count > 0),
  );

/** Waits until two looks in a row find nothing under way; answers what is still pending after `timeoutMs`. */
export async function settle(services: readonly Part[], timeoutMs: number): Promise<Pending> {
  const until = performance.now() + timeoutMs;
  for (let quiet = 0; ;) {
    const pending = pendingOf(services);
    quiet = Object.keys(pending).length === 0 ? quiet + 1 : 0;
    if (quiet === 2) return {};
    if (quiet === 0 && performance.now() > until) return pending;
    await sleep(LOOK_MS);
  }
}

/**
 * Moves the clock to `target` from one due instant to the next, and lets everything settle at each of them.
 * Stops early when something does not settle in time, and answers what.
 */
export async function advance(
  services: readonly Part[],
  clock: Clock,
  target: number,
  timeoutMs: number,
): Promise<Pending> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const pending = await settle(services, until - performance.now());
    if (Object.keys(pending).length > 0 || clock.now() >= target) return pending;
    const due = services.map((service) => service.nextDue() ?? Infinity);
    clock.moveTo(Math.max(clock.now(), Math.min(target, ...due)));
  }
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A length of time: milliseconds, or text like `90s`, `30m`, `4h`, `3d`. Undefined when it is neither. */
export function lengthOf(text: number | string): number | undefined {
  if (typeof text === 'number') return text >= 0 ? text : undefined;
  const [, count, unit] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(text.trim()) ?? [];
  const factor = UNITS[unit ?? ''];
  return count === undefined || factor === undefined ? undefined : Number(count) * factor;
}
