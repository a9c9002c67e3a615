import * as z from 'zod';
import { setDue } from '#shared/due.ts';
import { entity } from '#shared/table/entity.ts';
import { listAll, type Read } from '#shared/table/read.ts';
import type { Write } from '#shared/table/write.ts';
import { Activity, hasTime, recordsOf, timesOf } from './activity.ts';

export const activities = entity('activity', Activity, { part: 'R' });

/** The machine's part of an activity: when its owner was reminded, and when its time was over. */
const ActivityWork = z.object({
  id: z.string(),
  version: z.int(),
  storyId: z.string().optional(),
  remindedAt: z.string().optional(),
  overdueAt: z.string().optional(),
});
export const activityWorks = entity('activityWork', ActivityWork, { part: 'W' });

/** An activity or letter stands on a record. Without a time it does no longer. */
const Touch = z.object({
  recordId: z.string(),
  id: z.string(),
  at: z.string().optional(),
  /** By when it is to be done, while it is open and has a time. */
  open: z.string().optional(),
});
export const touches = entity('touch', Touch);

const touchOf = (recordId: string, activity: Activity) => ({
  recordId,
  id: activity.id,
  at: activity.archivedAt === undefined ? activity.at : undefined,
  open: activity.state === 'open' && hasTime(activity) ? activity.nextAt : undefined,
});

/** What lies beside an activity: its places on records, and what is due of it. Its own version keeps them right. */
export async function beside(read: Read, before: Activity | undefined, after: Activity): Promise<Write[]> {
  const now = recordsOf(after);
  const gone = before ? recordsOf(before).filter((id) => !now.includes(id)) : [];
  const moved = now.filter((id) => {
    const was = before && recordsOf(before).includes(id) ? touchOf(id, before) : undefined;
    return JSON.stringify(was) !== JSON.stringify(touchOf(id, after));
  });
  const writes = [
    ...moved.map((id) => touches.put(touchOf(id, after))),
    ...gone.map((recordId) => touches.put({ recordId, id: after.id })),
  ];
  for (const [kind, at] of Object.entries(timesOf(after)))
    if (at !== undefined || before) writes.push(...(await setDue(read, { kind, recordId: after.id, at })));
  return writes;
}

/** The open activity of a record that is to be done first, as it is now. Reads all that stands on the record, with strong consistency. */
export async function nextOf(read: Read, recordId: string): Promise<Activity | undefined> {
  const open = (await listAll(touches, { recordId })).filter((touch) => touch.open !== undefined);
  const found = await read.getMany(
    activities,
    open.map(({ id }) => ({ id })),
  );
  return found
    .filter(
      (one) =>
        one.state === 'open' && one.archivedAt === undefined && hasTime(one) && recordsOf(one).includes(recordId),
    )
    .sort((a, b) => (`${a.nextAt}${a.id}` < `${b.nextAt}${b.id}` ? -1 : 1))[0];
}
