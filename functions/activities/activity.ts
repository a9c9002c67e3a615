import * as z from 'zod';
import { refuse, type Fault } from '#shared/errors.ts';
import { eventType } from '#shared/events.ts';
import { personal } from '#shared/fields.ts';
import { Id } from '#shared/id.ts';
import { changeFields, CustomValues, recordFields, removable } from '#shared/record-kind.ts';
import { Name, Text } from '#shared/text.ts';
import { Instant } from '#shared/time.ts';

const ActivityKind = z.enum(['task', 'call', 'meeting', 'note', 'letter']);
export const ActivityState = z.enum(['open', 'done', 'cancelled']);

/** The id of a record of any kind. */
export const RecordId = z.string().regex(/^[a-z][a-zA-Z-]{0,20}_[0-9A-HJKMNP-TV-Z]{26}$/, {
  error: 'must be the id of a record such as lead_01J8Z3Y1QW9R7V5T3S1P0N2M4K',
});
/** Besides the main record. */
const With = z.array(RecordId).max(20);

/** What is to be done or was done about a record: it stands on that record and on others it concerns. */
export const Activity = z.object({
  id: Id('activity'),
  version: z.int(),
  storyId: z.string().optional(),
  kind: ActivityKind,
  subject: Name(500).meta(personal),
  text: Text(20_000).optional().meta(personal),
  ownerId: Id('user'),
  recordId: RecordId,
  with: With,
  /** Of a call or letter: from the client, or to him. */
  direction: z.enum(['in', 'out']).optional(),
  startAt: Instant.optional(),
  durationMinutes: z.int().min(1).max(60_000).optional(),
  dueAt: Instant.optional(),
  remindAt: Instant.optional(),
  state: ActivityState,
  outcome: Text(2000).optional().meta(personal),
  doneAt: z.string().optional(),
  /** Its place in the owner's work list, and on the timelines of its records. */
  nextAt: z.string().optional(),
  at: z.string(),
  /** The activity that was planned when this one was done. */
  followedBy: Id('activity').optional(),
  createdAt: z.string(),
  ...recordFields,
});
export type Activity = z.output<typeof Activity>;

export const NewActivity = z.object({
  kind: ActivityKind,
  subject: Name(500),
  text: Text(20_000).optional(),
  ownerId: Id('user').optional(),
  recordId: RecordId,
  with: With.optional(),
  direction: z.enum(['in', 'out']).optional(),
  startAt: Instant.optional(),
  durationMinutes: z.int().min(1).max(60_000).optional(),
  dueAt: Instant.optional(),
  remindAt: Instant.optional(),
  /** It is over already: a call somebody made. A note always is. */
  done: z.boolean().optional(),
  outcome: Text(2000).optional(),
  custom: CustomValues.optional(),
});
export type NewActivity = z.output<typeof NewActivity>;

export const ActivityChange = z.object({
  subject: Name(500).optional(),
  text: removable(Text(20_000)),
  ownerId: Id('user').optional(),
  recordId: RecordId.optional(),
  with: With.optional(),
  direction: removable(z.enum(['in', 'out'])),
  startAt: removable(Instant),
  durationMinutes: removable(z.int().min(1).max(60_000)),
  dueAt: removable(Instant),
  remindAt: removable(Instant),
  outcome: removable(Text(2000)),
  ...changeFields,
});
export type ActivityChange = z.output<typeof ActivityChange>;

/** Every record it stands on, or stood on before. */
const records = z.array(z.string());
export const ActivityCreated = eventType('activity.created', { kind: ActivityKind, state: ActivityState, records });
export const ActivityChanged = eventType('activity.changed', { records });
export const ActivityDone = eventType('activity.done', { kind: ActivityKind, records });
export const ActivityCancelled = eventType('activity.cancelled', { records });
export const ActivityReopened = eventType('activity.reopened', { records });
/** Its time has come: that of the reminder, or that by which it was to be done. */
export const ActivityDue = eventType('activity.due', { what: z.enum(['remind', 'due']), records });

export const recordsOf = ({ recordId, with: others }: Pick<Activity, 'recordId' | 'with'>): string[] => [
  ...new Set([recordId, ...others]),
];

/** Sorts after every time. */
const NO_TIME = '9999-12-31T00:00:00.000Z';
export const hasTime = ({ nextAt }: Activity): boolean => nextAt !== undefined && nextAt < NO_TIME;

/** By when it is to be done, or begins. */
export const dueTime = ({ dueAt, startAt }: Pick<Activity, 'dueAt' | 'startAt'>): string | undefined =>
  dueAt ?? startAt;

/** Where it stands in lists. One that was put away stands in no work list. */
export function placed(activity: Omit<Activity, 'at' | 'nextAt'>): Activity {
  const { state, doneAt, createdAt, archivedAt } = activity;
  const open = dueTime(activity) ?? NO_TIME;
  return {
    ...activity,
    nextAt: archivedAt === undefined ? (state === 'open' ? open : (doneAt ?? createdAt)) : undefined,
    at: doneAt ?? createdAt,
  };
}

const isWaiting = ({ state, archivedAt }: Activity): boolean => state === 'open' && archivedAt === undefined;

/** What of it is to happen at which time, by kind of due thing; undefined: nothing. */
export const timesOf = (
  activity: Activity,
): { 'activity.remind': string | undefined; 'activity.due': string | undefined } => ({
  'activity.remind': isWaiting(activity) ? activity.remindAt : undefined,
  'activity.due': isWaiting(activity) ? dueTime(activity) : undefined,
});

/** @throws 400 for what does not go together */
export function checkActivity({ kind, direction, durationMinutes, startAt, state, remindAt }: Activity): void {
  const faults: Fault[] = [];
  const wrong = (field: string, detail: string) =>
    faults.push({ pointer: `/body/${field}`, code: 'invalid_value', detail });
  if (direction !== undefined && kind !== 'call' && kind !== 'letter')
    wrong('direction', 'Only a call or a letter has a direction.');
  if (durationMinutes !== undefined && startAt === undefined && state === 'open')
    wrong('durationMinutes', 'Say when it begins (startAt) before how long it takes.');
  if (kind === 'note' && remindAt !== undefined) wrong('remindAt', 'A note reminds nobody: make a task.');
  if (faults.length > 0) throw refuse('invalid', {}, faults);
}
