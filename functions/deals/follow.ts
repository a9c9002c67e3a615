import {
  ActivityCancelled,
  ActivityChanged,
  ActivityCreated,
  ActivityDone,
  ActivityReopened,
  type Activity,
} from '#functions/activities/activity.ts';
import { later, planOf } from '#functions/activities/plan.ts';
import { activities, nextOf } from '#functions/activities/store.ts';
import { commit } from '#shared/command.ts';
import { sameJson } from '#shared/json.ts';
import { listen } from '#shared/listen.ts';
import type { Read } from '#shared/table/read.ts';
import { DealPlanned, type DealWork } from './deal.ts';
import { dealWorks } from './store.ts';

/** What an activity means to a deal it stands on: what is next, and when somebody last did something. Nothing if it shows so. */
async function followed(read: Read, id: string, activity: Activity) {
  // Before the open activities: whoever writes it after us has seen at least what we saw.
  const work = await read.get(dealWorks, { id });
  if (work?.state !== 'open') return undefined;
  const { nextAt, ...plan } = { nextAt: undefined, ...planOf(await nextOf(read, id)) };
  const news: Partial<DealWork> = {
    ...plan,
    nextActionAt: nextAt,
    lastActionAt: activity.state === 'done' ? later(work.lastActionAt, activity.doneAt) : work.lastActionAt,
  };
  const same = Object.entries(news).every(([field, value]) => sameJson(value, work[field as keyof DealWork]));
  if (same) return undefined;
  const write = dealWorks.save(work, news);
  return { write, event: DealPlanned.of(write, { planned: plan.planned }) };
}

const followDeals = (activityId: string, ids: readonly string[]) =>
  commit(async (read) => {
    const activity = await read.need(activities, { id: activityId });
    const all = [];
    for (const id of ids) all.push((await followed(read, id, activity)) ?? []);
    const found = all.flat();
    return found.length > 0
      ? { writes: found.map(({ write }) => write), events: found.map(({ event }) => event) }
      : undefined;
  });

export const followListeners = [
  ActivityCreated,
  ActivityChanged,
  ActivityDone,
  ActivityCancelled,
  ActivityReopened,
].map((type) =>
  listen(
    type,
    `deals.follow-${type.name}`,
    async ({ event }) => {
      const ids = event.data.records.filter((id) => id.startsWith('deal_'));
      return ids.length > 0 ? followDeals(event.recordId, ids) : undefined;
    },
    { once: false },
  ),
);
