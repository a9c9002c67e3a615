import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import * as z from 'zod';

const Instant = z.union([z.number(), z.iso.datetime({ offset: true }).transform((text) => Date.parse(text) / 1000)]);

/** What a schedule says, in the words of Scheduler's API; dates are epoch seconds. */
export const ScheduleBody = z.strictObject({
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z.string().default('UTC'),
  StartDate: Instant.optional(),
  EndDate: Instant.optional(),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  ActionAfterCompletion: z.enum(['NONE', 'DELETE']).default('NONE'),
  GroupName: z.string().default('default'),
  Description: z.string().max(512).optional(),
  ClientToken: z.string().optional(),
  FlexibleTimeWindow: z.strictObject({
    Mode: z.enum(['OFF', 'FLEXIBLE']),
    MaximumWindowInMinutes: z.number().optional(),
  }),
  Target: z.strictObject({
    Arn: z.string().startsWith('arn:aws:lambda:', 'the local cloud schedules Lambda functions only'),
    RoleArn: z.string(),
    Input: z.string().optional(),
    DeadLetterConfig: z.strictObject({ Arn: z.string().optional() }).optional(),
    RetryPolicy: z
      .strictObject({ MaximumEventAgeInSeconds: z.number().optional(), MaximumRetryAttempts: z.number().optional() })
      .optional(),
  }),
});
export type ScheduleBody = z.infer<typeof ScheduleBody>;

/** A schedule as it is kept. `api`: made by a call; `template` and `rule`: declared. Instants in epoch ms. */
export type Schedule = {
  group: string;
  name: string;
  arn: string;
  origin: 'api' | 'template' | 'rule';
  created: number;
  modified: number;
  body: ScheduleBody;
  /** When it runs next; a schedule that is done or off has none. */
  next?: number | undefined;
};
export type Schedules = {
  get(group: string, name: string): Schedule | undefined;
  put(schedule: Schedule): void;
  remove(group: string, name: string): void;
  list(): Schedule[];
  /** What is due at `now`, earliest first. */
  due(now: number): Schedule[];
  /** The earliest instant after `now` at which something is due. */
  nextDue(now: number): number | undefined;
};

export function openSchedules(db: DatabaseSync): Schedules {
  db.exec(`create table if not exists schedule(
    grp text, name text, doc text not null, next real, primary key(grp, name));
    create index if not exists schedule_next on schedule(next)`);
  const get = db.prepare('select doc from schedule where grp = ? and name = ?');
  const put = db.prepare('insert or replace into schedule(grp, name, doc, next) values (?, ?, ?, ?)');
  const remove = db.prepare('delete from schedule where grp = ? and name = ?');
  const all = db.prepare('select doc from schedule order by grp, name');
  const due = db.prepare('select doc from schedule where next <= ? order by next');
  const next = db.prepare('select min(next) as next from schedule where next > ?');
  const read = (row: Record<string, SQLOutputValue>): Schedule => JSON.parse(String(row['doc'])) as Schedule;
  return {
    get(group, name) {
      const row = get.get(group, name);
      return row && read(row);
    },
    put: (schedule) => void put.run(schedule.group, schedule.name, JSON.stringify(schedule), schedule.next ?? null),
    remove: (group, name) => void remove.run(group, name),
    list: () => all.all().map(read),
    due: (now) => due.all(now).map(read),
    nextDue(now) {
      const at = next.get(now)?.['next'];
      return typeof at === 'number' ? at : undefined;
    },
  };
}
