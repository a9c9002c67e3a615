import type { Installation } from '../installation.ts';
import type { DeadLetter } from '../lambda/dead-letter.ts';
import type { FunctionStatus } from '../lambda/journal.ts';
import type { States } from '../states/start.ts';
import { pendingOf } from './settle.ts';

/** A schedule of the template or of the product; `nextDue` is missing when it never fires again. */
type ScheduleStatus = { name: string; group: string; expression: string; nextDue?: number | undefined };

/** What the cloud is doing. Instants are epoch ms of its own clock. */
export type CloudStatus = {
  ready: boolean;
  url: string;
  data: string;
  /** Service name to endpoint. */
  endpoints: Record<string, string>;
  clock: { now: number; ahead: number };
  rough: number | undefined;
  /** Service name to how much is under way there; only those with any. */
  pending: Record<string, number>;
  functions: Omit<FunctionStatus, 'lines'>[];
  /** Newest first, at most 100. */
  workflows: ReturnType<States['executions']>;
  schedules: ScheduleStatus[];
  deadLetters: DeadLetter[];
  faults: number;
};

type Said = Pick<CloudStatus, 'ready' | 'url' | 'data' | 'rough' | 'faults'>;

/** Asks every service what it is doing. */
export function statusOf({ clock, lambda, states, schedules, services, env }: Installation, said: Said): CloudStatus {
  return {
    ...said,
    endpoints: Object.fromEntries(
      Object.entries(env).map(([name, url]) => [name.replace('AWS_ENDPOINT_URL_', '').toLowerCase(), url]),
    ),
    clock: { now: clock.now(), ahead: clock.offset() },
    pending: pendingOf(services),
    functions: lambda.functions().map(({ lines: _lines, ...rest }) => rest),
    workflows: states.executions().slice(0, 100),
    schedules: schedules.schedules().map(({ name, group, body, next }) => ({
      name,
      group,
      expression: `${body.ScheduleExpression} ${body.ScheduleExpressionTimezone}`,
      nextDue: next,
    })),
    deadLetters: lambda.deadLetters(),
  };
}
