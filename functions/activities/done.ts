import type { Edited, Editing } from '#shared/record-kind.ts';
import type { Read } from '#shared/table/read.ts';
import { ActivityDone, type Activity, type NewActivity } from './activity.ts';
import { moved, planned, withCustom } from './record.ts';

type Done = {
  outcome?: string | undefined;
  /** About the same records unless it says others. */
  next?: (Omit<NewActivity, 'recordId'> & { recordId?: string | undefined }) | undefined;
};

/** Ends an activity and plans the one that follows it, in one transaction. */
export async function done(read: Read, activity: Activity, { outcome, next }: Done, editing: Editing): Promise<Edited> {
  const { recordId, with: others, ownerId } = activity;
  const following =
    next &&
    (await planned(
      read,
      await withCustom({ ownerId, with: others, ...next, recordId: next.recordId ?? recordId }),
      editing,
    ));
  const news: Partial<Activity> = {
    state: 'done',
    doneAt: editing.now,
    ...(outcome !== undefined && { outcome }),
    ...(following && { followedBy: following.activity.id }),
  };
  const { kind } = activity;
  const ended = await moved(read, activity, news, (write, records) => ActivityDone.of(write, { kind, records }));
  return {
    writes: [...ended.writes, ...(following?.writes ?? [])],
    events: [...ended.events, ...(following?.events ?? [])],
    answer: ended.answer,
  };
}
