import type { DatabaseSync } from 'node:sqlite';
import type { Authorize, Clock, Faults, Log, Service } from '../contract.ts';
import type { OnFailure } from '../lambda/destination.ts';
import { randomFrom, type Rough } from '../lambda/rough.ts';
import type { InvokeAsync } from '../lambda/start.ts';
import { startBusFront } from './bus-front.ts';
import { Bus, type NewEvent, type Rule } from './bus.ts';
import { startSchedulerFront } from './scheduler-front.ts';
import { Scheduler } from './scheduler.ts';
import type { Schedule } from './schedule.ts';

type Common = {
  db: DatabaseSync;
  clock: Clock;
  log: Log;
  invokeAsync: InvokeAsync;
  authorize: Authorize;
  faults: Faults;
  crash(worker: string): void;
};
export type EventsOptions = Common & {
  rules: readonly Rule[];
  buses: readonly string[];
  rough?: Rough | undefined;
};
export type Events = Service & {
  /** The endpoint of EventBridge's API. */
  url: string;
  /** Takes an event of the cloud's own services (S3). Stored when it returns; the answer is its id. */
  publish(event: NewEvent): string;
};

/** EventBridge: buses, rules, PutEvents. What is accepted lies in Lambda's queue, so nothing is ever pending here. */
export async function startEvents(options: EventsOptions): Promise<Events> {
  const { authorize, faults, crash, rough } = options;
  const bus = new Bus(options);
  const random = rough && randomFrom(rough.seed);
  const refuses = (): boolean => random !== undefined && random() < 0.05;
  const front = await startBusFront({ bus, authorize, faults, crash, refuses });
  return {
    name: 'events',
    url: front.url,
    publish: (event) => bus.publish(event),
    pending: () => 0,
    nextDue: () => undefined,
    stop: front.stop,
  };
}

export type SchedulesOptions = Common & {
  /** The template's schedules. */
  schedules: readonly Schedule[];
  /** Names of its schedule groups. */
  groups: readonly string[];
  /** The logical id of a role by its ARN. */
  roleId(arn: string): string;
  onFailure?: OnFailure;
};
export type ScheduleService = Service & {
  /** The endpoint of Scheduler's API. */
  url: string;
  schedules(): Schedule[];
  /** Recurring schedules that run at least every hour, and how to leave out runs of one: for long moves of the clock. */
  frequent(): { id: string; next: number }[];
  skip(id: string, until: number): void;
  /** Starts the clockwork, and runs once what was missed; call it when functions can be invoked. */
  resume(): void;
};

/** EventBridge Scheduler: its API, the template's schedules and the rules by time. */
export async function startSchedules(options: SchedulesOptions): Promise<ScheduleService> {
  const { authorize, faults, crash, clock, groups } = options;
  const scheduler = new Scheduler(options);
  scheduler.declare(options.schedules);
  const front = await startSchedulerFront({ scheduler, groups, authorize, faults, crash, now: () => clock.now() });
  return {
    name: 'scheduler',
    url: front.url,
    schedules: () => scheduler.list(),
    frequent: () => scheduler.frequent(),
    skip: (id, until) => scheduler.skip(id, until),
    resume: () => scheduler.resume(),
    pending: () => scheduler.pending(),
    nextDue: () => scheduler.nextDue(),
    async stop() {
      scheduler.stop();
      await front.stop();
    },
  };
}
