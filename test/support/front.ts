import type { Clock, Fault, Faults } from '#local/contract.ts';

/** A clock that stands still until it is moved; tasks run when it passes their instant. */
export function handClock(start: string): Clock {
  let now = Date.parse(start);
  const tasks = new Set<{ instant: number; task: () => void }>();
  return {
    now: () => now,
    offset: () => 0,
    moveTo(instant) {
      now = instant;
      for (const entry of [...tasks].filter((one) => one.instant <= now)) {
        tasks.delete(entry);
        entry.task();
      }
    },
    at(instant, task) {
      const entry = { instant, task };
      tasks.add(entry);
      return () => tasks.delete(entry);
    },
  };
}

/** What a front needs besides its own options; `plan` fails the next calls of an action. */
export function frontParts(): {
  faults: Faults;
  plan(fault: Pick<Fault, 'action' | 'kind'>): void;
  crashed: string[];
  crash(worker: string): void;
  log(): void;
} {
  const planned: Pick<Fault, 'action' | 'kind'>[] = [];
  const crashed: string[] = [];
  return {
    faults: { next: (_service, action) => (planned[0]?.action === action ? planned.shift()?.kind : undefined) },
    plan: (fault) => void planned.push(fault),
    crashed,
    crash: (worker) => void crashed.push(worker),
    log: () => {},
  };
}

/** Region and keys for an SDK client that calls as this role (the access key id is the role). */
export const callingAs = (caller: string) => ({
  region: 'us-east-1',
  credentials: { accessKeyId: caller, secretAccessKey: 'local' },
});
