import type { DatabaseSync } from 'node:sqlite';
import type { Authorize, Clock, Log } from '../contract.ts';
import { type DeadLetters, openDeadLetters } from '../lambda/dead-letter.ts';
import { type OnFailure, recordKey, sendRecord } from '../lambda/destination.ts';
import type { InvokeAsync } from '../lambda/start.ts';
import { compileExpression } from './expression.ts';
import { openSchedules, type Schedule, type Schedules } from './schedule.ts';
import { scheduledEvent } from './scheduled-event.ts';

export type SchedulerOptions = {
  db: DatabaseSync;
  clock: Clock;
  log: Log;
  invokeAsync: InvokeAsync;
  authorize: Authorize;
  /** The logical id of a role by its ARN: who `authorize` is asked about when a schedule runs. */
  roleId(arn: string): string;
  onFailure?: OnFailure | undefined;
};

const HOUR = 3_600_000;

/** Runs schedules by the movable clock: what was missed while the cloud was down runs once, at start. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #store: Schedules;
  readonly #deadLetters: DeadLetters;
  #sending = 0;
  #going = false;
  #cancel = (): void => undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#store = openSchedules(options.db);
    this.#deadLetters = openDeadLetters(options.db);
  }

  get(group: string, name: string): Schedule | undefined {
    return this.#store.get(group, name);
  }

  list(): Schedule[] {
    return this.#store.list();
  }

  /** Keeps a schedule, new or changed. @throws Error when its expression or zone cannot be read */
  put(schedule: Schedule): void {
    const next = this.#nextRun(schedule, this.#options.clock.now());
    if (next === undefined && schedule.body.State === 'ENABLED')
      this.#log('WARN', schedule, 'will never run: its time is past');
    this.#store.put({ ...schedule, next });
    this.#arm();
  }

  remove(group: string, name: string): void {
    this.#store.remove(group, name);
    this.#arm();
  }

  /** Makes the template's schedules the kept ones; one that did not change keeps its next run, even a missed one. */
  declare(schedules: readonly Schedule[]): void {
    const keyOf = ({ group, name }: Schedule): string => `${group}/${name}`;
    const declared = new Set(schedules.map(keyOf));
    for (const kept of this.#store.list())
      if (kept.origin !== 'api' && !declared.has(keyOf(kept))) this.remove(kept.group, kept.name);
    for (const schedule of schedules) {
      const kept = this.#store.get(schedule.group, schedule.name);
      if (!kept) this.put(schedule);
      else if (JSON.stringify(kept.body) !== JSON.stringify(schedule.body))
        this.put({ ...schedule, created: kept.created });
    }
  }

  /** Recurring schedules that run at least every hour; `next` is when. */
  frequent(): { id: string; next: number }[] {
    return this.#store.list().flatMap((schedule) => {
      const { next } = schedule;
      const following = next === undefined ? undefined : this.#nextRun(schedule, next);
      if (next === undefined || following === undefined || following - next > HOUR) return [];
      return [{ id: `${schedule.group}/${schedule.name}`, next }];
    });
  }

  /** Leaves out the runs of a schedule before `until`. */
  skip(id: string, until: number): void {
    const kept = this.#store.list().find(({ group, name }) => `${group}/${name}` === id);
    if (kept?.next === undefined || kept.next >= until) return;
    this.#store.put({ ...kept, next: this.#nextRun(kept, until - 1) });
    this.#arm();
  }

  resume(): void {
    this.#going = true;
    this.#run();
  }

  stop(): void {
    this.#going = false;
    this.#cancel();
  }

  pending(): number {
    return this.#store.due(this.#options.clock.now()).length + this.#sending;
  }

  nextDue(): number | undefined {
    return this.#store.nextDue(this.#options.clock.now());
  }

  #nextRun({ body, created }: Schedule, after: number): number | undefined {
    const { ScheduleExpression, ScheduleExpressionTimezone: zone, StartDate: start, EndDate: end, State } = body;
    const occurrences = compileExpression(ScheduleExpression, zone, start === undefined ? created : start * 1000);
    const next = occurrences(Math.max(after, start === undefined ? after : start * 1000 - 1));
    if (State === 'DISABLED' || next === undefined) return undefined;
    const isOnce = ScheduleExpression.startsWith('at(');
    return end !== undefined && !isOnce && next > end * 1000 ? undefined : next;
  }

  #arm(): void {
    this.#cancel();
    if (!this.#going) return;
    const { clock } = this.#options;
    // Also what is due by now: its alarm may be on its way, and this cancels it.
    const next = this.#store.nextDue(0);
    this.#cancel = next === undefined ? () => undefined : clock.at(next, () => this.#run());
  }

  #run(): void {
    if (!this.#going) return;
    const now = this.#options.clock.now();
    for (const schedule of this.#store.due(now)) {
      this.#fire(schedule, schedule.next ?? now);
      // Only when the event is stored: a crash between the two runs it again under the same id, never not at all.
      const next = this.#nextRun(schedule, Math.max(now, schedule.next ?? now));
      if (next === undefined && schedule.body.ActionAfterCompletion === 'DELETE')
        this.#store.remove(schedule.group, schedule.name);
      else this.#store.put({ ...schedule, next });
    }
    this.#arm();
  }

  #fire(schedule: Schedule, at: number): void {
    const { authorize, roleId, invokeAsync } = this.#options;
    const { Arn, RoleArn } = schedule.body.Target;
    const event = scheduledEvent(schedule, at);
    try {
      if (schedule.origin !== 'rule') authorize(roleId(RoleArn), { action: 'lambda:InvokeFunction', resource: Arn });
      invokeAsync(Arn, event, `schedule ${schedule.name}`, `${schedule.arn}@${at}`);
    } catch (error) {
      void this.#lose(schedule, event, String(error));
    }
  }

  /** No retry mends a missing grant or function: the event goes to the dead letters and the schedule's own queue. */
  async #lose(schedule: Schedule, event: unknown, error: string): Promise<void> {
    const { clock, onFailure } = this.#options;
    const destination = schedule.body.Target.DeadLetterConfig?.Arn;
    const target = schedule.body.Target.Arn;
    const from = schedule.arn;
    this.#log('ERROR', schedule, error);
    const letter = { at: clock.now(), service: 'scheduler' as const, from, target, payload: event, destination };
    this.#deadLetters.add({ ...letter, error });
    this.#sending += 1;
    try {
      const trouble = await sendRecord(onFailure, destination, event, recordKey('scheduler', clock.now()));
      if (trouble) this.#log('ERROR', schedule, trouble);
    } finally {
      this.#sending -= 1;
    }
  }

  #log(level: string, { arn }: Schedule, message: string): void {
    this.#options.log({ level, message: `${arn}: ${message}` });
  }
}
