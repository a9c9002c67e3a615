import { users } from '#functions/auth/store.ts';
import { checkedCustom } from '#functions/settings/custom.ts';
import { refuse } from '#shared/errors.ts';
import type { EventType } from '#shared/events.ts';
import { newsOf, type Edited, type Editing, type RecordKind } from '#shared/record-kind.ts';
import type { Read } from '#shared/table/read.ts';
import {
  Activity,
  ActivityChange,
  ActivityChanged,
  ActivityCreated,
  checkActivity,
  NewActivity,
  placed,
  recordsOf,
} from './activity.ts';
import { activities, beside } from './store.ts';
import { subjectOf } from './subject.ts';

/** Somebody who works here now. @throws 404 otherwise */
async function mustWork(read: Read, id: string): Promise<void> {
  if (!(await read.get(users, { id }))?.active) throw refuse('not_found', { what: 'user', id });
}

/** Own fields as somebody gave them for a new activity. What the machine plans is asked for none. */
export const withCustom = async (input: NewActivity): Promise<NewActivity> => ({
  ...input,
  custom: await checkedCustom('activity', input.custom ?? {}, undefined),
});

/** What must be written for a new activity; also used by commands of others that plan something. */
export async function planned(read: Read, input: NewActivity, editing: Editing) {
  const { done, with: _, ownerId = editing.user.id, ...given } = input;
  const { now } = editing;
  if (ownerId !== editing.user.id) await mustWork(read, ownerId);
  const over = done === true || input.kind === 'note';
  const activity = placed({
    ...given,
    ...(await subjectOf(input, now)),
    id: editing.newId('activity'),
    version: 1,
    ownerId,
    state: over ? 'done' : 'open',
    ...(over && { doneAt: now }),
    createdAt: now,
  });
  checkActivity(activity);
  const write = activities.create(activity);
  const { kind, state } = activity;
  return {
    activity,
    writes: [write, ...(await beside(read, undefined, activity))],
    events: [ActivityCreated.of(write, { kind, state, records: recordsOf(activity) })],
    answer: write,
    status: 201,
  };
}

/** An activity as it becomes, with all that lies beside it, and what is told of it. */
export async function moved(
  read: Read,
  before: Activity,
  news: Partial<Activity>,
  tell: (write: ReturnType<typeof activities.save>, records: string[]) => ReturnType<EventType['of']>,
) {
  const after = placed({ ...before, ...news });
  checkActivity(after);
  const write = activities.save(before, after);
  const records = [...new Set([...recordsOf(after), ...recordsOf(before)])];
  return {
    writes: [write, ...(await beside(read, before, write.item))],
    events: [tell(write, records)],
    answer: write,
  } satisfies Edited;
}

async function create(read: Read, input: NewActivity, editing: Editing): Promise<Edited> {
  const { activity: _, ...edited } = await planned(read, await withCustom(input), editing);
  return edited;
}

async function change(read: Read, before: Activity, input: ActivityChange, { now }: Editing): Promise<Edited> {
  if (input.ownerId !== undefined && input.ownerId !== before.ownerId) await mustWork(read, input.ownerId);
  const { recordId = before.recordId, with: others = before.with } = input;
  const elsewhere = recordId !== before.recordId || input.with !== undefined;
  const subject = elsewhere ? await subjectOf({ recordId, with: others }, now) : undefined;
  const given = {
    ...input,
    // Firms of its people are added to a new one only: who takes one off means it.
    ...(subject && { with: others.filter((id) => id !== recordId), storyId: subject.storyId ?? null }),
    ...(input.custom && { custom: (await checkedCustom('activity', input.custom, before.custom ?? {})) ?? null }),
  };
  const news = newsOf(before, given, now);
  if (!news) return { answer: activities.asIs(before) };
  return moved(read, before, news, (write, records) => ActivityChanged.of(write, { records }));
}

export const activityRecord: RecordKind<Activity, NewActivity, ActivityChange> = {
  kind: 'activity',
  right: 'activity.change',
  New: NewActivity,
  Change: ActivityChange,
  create,
  change,
  get: (read, id) => read.get(activities, { id }),
  matches: [],
  find: async () => undefined,
};
