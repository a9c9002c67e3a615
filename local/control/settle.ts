import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Service } from '../contract.ts';
import type { ScheduleService } from '../events/start.ts';

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

/** Where the clock stands, and the schedules that run at least every hour. */
export type Ticking = { clock: Clock; schedules: Pick<ScheduleService, 'schedules' | 'frequent' | 'skip'> };

/**
 * Moves the clock to `target` from one due instant to the next, and lets everything settle at each of them.
 * A schedule that runs at least every hour runs once after each of the other instants, not each minute of a year.
 * Stops early when time is up, and answers what was pending: a service, or the clock itself.
 */
export async function advance(
  services: readonly Part[],
  { clock, schedules }: Ticking,
  target: number,
  timeoutMs: number,
): Promise<Pending> {
  const until = performance.now() + timeoutMs;
  const ran = new Set<string>();
  for (;;) {
    const pending = await settle(services, until - performance.now());
    if (Object.keys(pending).length > 0 || clock.now() >= target) return pending;
    if (performance.now() > until) return { clock: 1 };
    const { instant, id } = nextStop(services, schedules, ran);
    const stop = Math.max(clock.now(), Math.min(target, instant));
    for (const skipped of ran) schedules.skip(skipped, stop);
    if (id === undefined) ran.clear();
    else ran.add(id);
    clock.moveTo(stop);
  }
}

/** The earliest due instant, but for frequent schedules that have run already; `id` when it is that of a frequent one. */
function nextStop(services: readonly Part[], schedules: Ticking['schedules'], ran: ReadonlySet<string>) {
  const frequent = schedules.frequent();
  const often = new Set(frequent.map(({ id }) => id));
  const seldom = schedules.schedules().filter(({ group, name }) => !often.has(`${group}/${name}`));
  const due = services.filter(({ name }) => name !== 'scheduler').map((service) => service.nextDue());
  const instant = [...due, ...seldom.map(({ next }) => next)].reduce<number>(
    (a, b) => Math.min(a, b ?? Infinity),
    Infinity,
  );
  const first = frequent.filter(({ id }) => !ran.has(id)).sort((a, b) => a.next - b.next)[0];
  return first && first.next < instant ? { instant: first.next, id: first.id } : { instant, id: undefined };
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A length of time: milliseconds, or text like `90s`, `30m`, `4h`, `3d`. Undefined when it is neither. */
export function lengthOf(text: number | string): number | undefined {
  if (typeof text === 'number') return text >= 0 ? text : undefined;
  const [, count, unit] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(text.trim()) ?? [];
  const factor = UNITS[unit ?? ''];
  return count === undefined || factor === undefined ? undefined : Number(count) * factor;
}
