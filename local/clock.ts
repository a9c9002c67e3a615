import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from './contract.ts';

/** Node fires timers beyond 2^31 - 1 ms at once, so a far one is waited for in pieces. */
const LONGEST_MS = 2 ** 31 - 1;

type Alarm = { instant: number; order: number; task: () => void };

/** The clock of the cloud. It only moves forward; its offset lies in the database. */
export type CloudClock = Clock & {
  /** The earliest alarm, if any. */
  nextAlarm(): number | undefined;
  stop(): void;
};

/** Real time plus the offset kept in `db`. `real` and `failed` (an alarm's task threw) are for tests and the log. */
export function openClock(db: DatabaseSync, failed: (error: unknown) => void, real = () => Date.now()): CloudClock {
  db.exec('create table if not exists clock(id integer primary key check (id = 1), ahead real not null)');
  const save = db.prepare('insert into clock values (1, ?) on conflict(id) do update set ahead = excluded.ahead');
  let ahead = Number(db.prepare('select ahead from clock').get()?.['ahead'] ?? 0);
  const alarms = new Set<Alarm>();
  let order = 0;
  let timer: NodeJS.Timeout | undefined;
  const now = (): number => real() + ahead;
  const earliest = (): Alarm | undefined =>
    alarms.size === 0 ? undefined : [...alarms].reduce((a, b) => (before(b, a) ? b : a));
  const ring = (alarm: Alarm): void => {
    alarms.delete(alarm);
    try {
      alarm.task();
    } catch (error) {
      failed(error);
    }
  };
  const arm = (): void => {
    clearTimeout(timer);
    const next = earliest();
    if (next) timer = setTimeout(check, Math.min(Math.max(next.instant - now(), 0), LONGEST_MS));
  };
  const check = (): void => {
    // An alarm set by a task that has just rung waits for the next look, or a task that sets one for "now" never ends.
    const last = order;
    for (let next = earliest(); next && next.instant <= now() && next.order <= last; next = earliest()) ring(next);
    arm();
  };
  const jump = (instant: number): void => {
    ahead = Math.max(ahead, instant - real());
  };
  return {
    now,
    offset: () => ahead,
    at(instant, task) {
      const alarm = { instant, order: ++order, task };
      alarms.add(alarm);
      if (earliest() === alarm) arm();
      return () => void (alarms.delete(alarm) && arm());
    },
    moveTo(instant) {
      // Saved first: after a kill on the way, what was not reached is overdue and not early.
      save.run(Math.max(ahead, instant - real()));
      for (let next = earliest(); next && next.instant <= instant; next = earliest()) {
        jump(next.instant);
        ring(next);
      }
      jump(instant);
      arm();
    },
    nextAlarm: () => earliest()?.instant,
    stop() {
      clearTimeout(timer);
      alarms.clear();
    },
  };
}

const before = (a: Alarm, b: Alarm): boolean => a.instant < b.instant || (a.instant === b.instant && a.order < b.order);
