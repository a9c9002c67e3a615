import { dueKind, type DueKind } from '#shared/due.ts';
import { ActivityDue, recordsOf } from './activity.ts';
import { activities, activityWorks } from './store.ts';

/** An open activity whose time has come says so; the letter to its owner and all else follows from that. */
const activityDue = (what: 'remind' | 'due'): DueKind =>
  dueKind(`activity.${what}`, async (read, { recordId }, { now }) => {
    const activity = await read.get(activities, { id: recordId });
    if (activity?.state !== 'open' || activity.archivedAt !== undefined) return undefined;
    const work = await read.get(activityWorks, { id: recordId });
    const news = what === 'remind' ? { remindedAt: now } : { overdueAt: now };
    const write = work
      ? activityWorks.save(work, news)
      : activityWorks.create({ id: recordId, version: 1, storyId: activity.storyId, ...news });
    return { writes: [write], events: [ActivityDue.of(write, { what, records: recordsOf(activity) })] };
  });

export const activityDues: readonly DueKind[] = [activityDue('remind'), activityDue('due')];
