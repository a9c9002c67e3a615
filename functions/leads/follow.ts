import {
  ActivityCancelled,
  ActivityChanged,
  ActivityCreated,
  ActivityDone,
  ActivityReopened,
  type Activity,
} from '#functions/activities/activity.ts';
import { contactOf, later, planOf } from '#functions/activities/plan.ts';
import { activities, nextOf } from '#functions/activities/store.ts';
import { commit, type Decision } from '#shared/command.ts';
import { listen } from '#shared/listen.ts';
import { sameJson } from '#shared/json.ts';
import type { Read } from '#shared/table/read.ts';
import { isOpen, LeadContacted, LeadPlanned, LeadUnplanned, LeadWorked, type LeadWork } from './lead.ts';
import { leads, leadWorks } from './store.ts';
import { workStateOf } from './work.ts';

/**
 * What an activity means to a lead it stands on: the first contact if it was one, when somebody last did something, and
 * what is next. Everything is compared with what stands there already, so the order of events, and their repeats, are of no
 * matter. The work line is read before the open activities: whoever writes it after us has seen at least what we saw.
 */
async function followed(
  read: Read,
  id: string,
  activity: Activity,
): Promise<Required<Pick<Decision, 'writes' | 'events'>>> {
  const [lead, work] = [await read.get(leads, { id }), await read.get(leadWorks, { id })];
  if (!lead || !work || !isOpen(lead)) return { writes: [], events: [] };
  const contact = contactOf(activity);
  const first = contact && lead.firstContactAt === undefined ? contact : undefined;
  const met =
    first && leads.save(lead, { firstContactAt: first.at, state: lead.state === 'new' ? 'working' : lead.state });
  const worked = activity.state === 'done' ? later(work.lastActionAt, activity.doneAt) : work.lastActionAt;
  const plan = await planFor(read, work, contact !== undefined);
  const news: Partial<LeadWork> = { ...plan, lastActionAt: worked, state: workStateOf(met?.item ?? lead) };
  const changes = Object.entries(news).some(([field, value]) => !sameJson(value, work[field as keyof LeadWork]));
  const write = changes ? leadWorks.save(work, news) : undefined;
  return {
    writes: [...(met ? [met] : []), ...(write ? [write] : [])],
    events: [
      ...(met && first ? [LeadContacted.of(met, { how: first.how })] : []),
      ...(write ? [toldOf(write, plan)] : []),
    ],
  };
}

const toldOf = (write: ReturnType<typeof leadWorks.save>, plan: Partial<LeadWork>) => {
  if (plan.planned === true) return LeadPlanned.of(write, { nextAt: write.item.nextAt });
  return plan.planned === false ? LeadUnplanned.of(write, {}) : LeadWorked.of(write, {});
};

/** What is to be done next, where that changes. A step that was only typed stands until it is done or something is planned. */
async function planFor(read: Read, work: LeadWork, contacted: boolean): Promise<Partial<LeadWork>> {
  if (work.state === 'postponed') return {};
  const next = await nextOf(read, work.id);
  const typed = work.nextActivityId === undefined && work.next !== undefined;
  if (!next && ((typed && !contacted) || work.planned === false)) return {};
  const plan = planOf(next);
  const same = Object.entries(plan).every(([field, value]) => sameJson(value, work[field as keyof LeadWork]));
  return same ? {} : plan;
}

/** The leads among the records an activity stands on, or stood on. */
const followLeads = (activityId: string, records: readonly string[]) =>
  commit(async (read) => {
    const activity = await read.need(activities, { id: activityId });
    const all = [];
    for (const id of records.filter((one) => one.startsWith('lead_'))) all.push(await followed(read, id, activity));
    const writes = all.flatMap((one) => one.writes);
    return writes.length > 0 ? { writes, events: all.flatMap(({ events }) => events) } : undefined;
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
    `leads.follow-${type.name}`,
    async ({ event }) =>
      event.data.records.some((id) => id.startsWith('lead_'))
        ? followLeads(event.recordId, event.data.records)
        : undefined,
    { once: false },
  ),
);
