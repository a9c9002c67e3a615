import type { DeadLetter } from '../lambda/dead-letter.ts';
import type { FunctionStatus } from '../lambda/journal.ts';
import type { ExecutionRow } from '../states/start.ts';

/** A schedule of the template or of the product; `nextDue` is missing when it never fires again. */
export type ScheduleStatus = { name: string; group: string; expression: string; nextDue?: number | undefined };

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
  workflows: ExecutionRow[];
  schedules: ScheduleStatus[];
  deadLetters: DeadLetter[];
  faults: number;
};
