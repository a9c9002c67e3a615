import * as z from 'zod';
import { ownerAsked } from '#functions/auth/rights.ts';
import { inForceOr } from '#functions/settings/store.ts';
import { commit } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { Id } from '#shared/id.ts';
import { Paged, PageQuery, pageOf } from '#shared/http/page.ts';
import { route } from '#shared/http/route.ts';
import { notArchived } from '#shared/record-kind.ts';
import { getMany, list } from '#shared/table/read.ts';
import { stillAt } from '#shared/stale.ts';
import { Text } from '#shared/text.ts';
import {
  Activity,
  ActivityCancelled,
  ActivityChange,
  ActivityReopened,
  ActivityState,
  NewActivity,
  RecordId,
} from './activity.ts';
import { done } from './done.ts';
import { activityRecord, moved } from './record.ts';
import { activities, touches } from './store.ts';
import { mayTouch } from './subject.ts';
import { timelineRoute } from './timeline.ts';
import { DEFAULT_WORK_RULES, MAIN_WORK_RULES, NamedFilter, namedFilters, workRulesKind } from './work-list.ts';

const Next = NewActivity.extend({ recordId: RecordId.optional() });
const Outcome = Text(2000).optional();

function mustBe(state: Activity['state'], activity: Activity): void {
  notArchived('The activity', activity);
  if (activity.state !== state)
    throw refuse('wrong_state', {
      what: 'The activity',
      state: activity.state,
      why: `only one that is ${state} can be`,
    });
}

async function ofRecord(recordId: string, page: ReturnType<typeof pageOf>) {
  const { items, ...rest } = await list(touches, 'gsi2', { recordId }, { ...page, descending: true });
  const ids = items.map(({ id }) => id).filter((id) => id.startsWith('activity_'));
  const found = await getMany(
    activities,
    ids.map((id) => ({ id })),
  );
  return { ...rest, items: found.filter(({ archivedAt }) => archivedAt === undefined) };
}

export const activityRoutes = [
  route(
    'POST /activities',
    {
      summary:
        'Plans a task, call, meeting or letter, or notes one that is over; it stands on its record, on the person and clients of it, and on those named in `with`',
      rights: 'activity.change',
      body: NewActivity,
      returns: Activity,
      status: 201,
    },
    async (asked) => {
      await mayTouch(asked.user, [asked.body.recordId, ...(asked.body.with ?? [])]);
      return commit((read) => activityRecord.create(read, asked.body, asked));
    },
  ),

  route(
    'GET /activities',
    {
      summary:
        'Activities of a record, the newest first; or of an owner (mine unless said) in a state, by when they are due',
      rights: 'activity.read',
      query: z.object({
        record: RecordId.optional(),
        owner: Id('user').optional(),
        state: ActivityState.optional(),
        ...PageQuery.shape,
      }),
      returns: Paged(Activity),
    },
    async ({ query, user }) => {
      const { record, owner, state = 'open' } = query;
      if (record === undefined)
        return list(activities, 'gsi1', { ownerId: ownerAsked(user, 'activity.read', owner), state }, pageOf(query));
      if (owner !== undefined || query.state !== undefined)
        throw refuse('invalid', {}, [
          { pointer: '/query/record', code: 'invalid_value', detail: 'Ask by record, or by owner and state.' },
        ]);
      await mayTouch(user, [record]);
      return ofRecord(record, pageOf(query));
    },
  ),

  route(
    'GET /activities/{id}',
    { summary: 'An activity', rights: 'activity.read', of: activities, returns: Activity },
    async ({ record }) => record,
  ),

  route(
    'PUT /activities/{id}',
    {
      summary:
        'Changes or moves an activity; null takes a value away, archived puts it away or back. Its reminder moves with it',
      rights: 'activity.change',
      of: activities,
      ifMatch: true,
      body: ActivityChange,
      returns: Activity,
    },
    async (asked) => {
      const { recordId, with: others = [] } = asked.body;
      const new_ = [...(recordId === undefined ? [] : [recordId]), ...others];
      await mayTouch(
        asked.user,
        new_.filter((id) => id !== asked.record.recordId && !asked.record.with.includes(id)),
      );
      return commit(async (read) => {
        const activity = await read.need(activities, { id: asked.params.id });
        await stillAt(activity.id, activity.version, asked.ifMatch);
        return activityRecord.change(read, activity, asked.body, asked);
      });
    },
  ),

  route(
    'POST /activities/{id}/done',
    {
      summary: 'Ends an activity with what came of it and, if wanted, plans the next one in the same step',
      rights: 'activity.change',
      of: activities,
      ifMatch: true,
      body: z.object({ outcome: Outcome, next: Next.optional() }),
      returns: Activity,
    },
    async (asked) => {
      const { recordId, with: others = [] } = asked.body.next ?? {};
      await mayTouch(asked.user, [...(recordId === undefined ? [] : [recordId]), ...others]);
      return commit(async (read) => {
        const activity = await read.need(activities, { id: asked.params.id });
        await stillAt(activity.id, activity.version, asked.ifMatch);
        mustBe('open', activity);
        return done(read, activity, asked.body, asked);
      });
    },
  ),

  route(
    'POST /activities/{id}/cancel',
    {
      summary: 'Calls an activity off; it reminds nobody any more',
      rights: 'activity.change',
      of: activities,
      ifMatch: true,
      body: z.object({ outcome: Outcome }),
      returns: Activity,
    },
    async ({ params, body, now, ifMatch }) =>
      commit(async (read) => {
        const activity = await read.need(activities, { id: params.id });
        await stillAt(activity.id, activity.version, ifMatch);
        mustBe('open', activity);
        const news = { state: 'cancelled', doneAt: now, ...(body.outcome !== undefined && body) } as const;
        return moved(read, activity, news, (write, records) => ActivityCancelled.of(write, { records }));
      }),
  ),

  route(
    'POST /activities/{id}/reopen',
    {
      summary: 'Takes up again what was done or called off; a reminder that is still ahead comes again',
      rights: 'activity.change',
      of: activities,
      ifMatch: true,
      returns: Activity,
    },
    async ({ params, ifMatch }) =>
      commit(async (read) => {
        const activity = await read.need(activities, { id: params.id });
        await stillAt(activity.id, activity.version, ifMatch);
        notArchived('The activity', activity);
        if (activity.state === 'open' || activity.kind === 'note')
          throw refuse('wrong_state', {
            what: 'The activity',
            state: activity.state,
            why: 'there is nothing to reopen',
          });
        const news = { state: 'open', doneAt: undefined } as const;
        return moved(read, activity, news, (write, records) => ActivityReopened.of(write, { records }));
      }),
  ),

  route(
    'GET /activities/lists',
    {
      summary:
        'Lists to work by (today, overdue, without a next action, forgotten): each is a filter and a sort of GET /lists/{list}',
      rights: 'activity.read',
      returns: z.object({ items: z.array(NamedFilter) }),
    },
    async () => {
      const { body } = await inForceOr(workRulesKind, MAIN_WORK_RULES, DEFAULT_WORK_RULES);
      return { items: namedFilters(body) };
    },
  ),

  timelineRoute,
];
