import { users } from '#functions/auth/store.ts';
import { survivorId } from '#functions/clients/survivor.ts';
import { LetterNotSent, LetterQueued } from '#functions/mail/letter.ts';
import { queueLetter } from '#functions/mail/queue.ts';
import { letters } from '#functions/mail/store.ts';
import { inForceOr } from '#functions/settings/store.ts';
import { commit } from '#shared/command.ts';
import { armsDue } from '#shared/due-sweep.ts';
import { listen, type Listener } from '#shared/listen.ts';
import { get, need, reader } from '#shared/table/read.ts';
import {
  ActivityCancelled,
  ActivityChanged,
  ActivityCreated,
  ActivityDone,
  ActivityDue,
  ActivityReopened,
  dueTime,
} from './activity.ts';
import { activities, touches } from './store.ts';
import { subjectOf } from './subject.ts';
import { DEFAULT_WORK_RULES, MAIN_WORK_RULES, workRulesKind } from './work-list.ts';

/** Whatever may change when somebody is to be reminded. */
const PLANNING = [ActivityCreated, ActivityChanged, ActivityDone, ActivityCancelled, ActivityReopened] as const;

/** A letter stands on the record it is about, on the person it goes to and on the firms he stands for. */
async function standsOn(letterId: string, now: string) {
  const letter = await get(letters, { id: letterId });
  if (!letter) return undefined;
  const { recordId, to, queuedAt: at } = letter;
  const personId = to.personId === undefined ? undefined : await survivorId(reader, to.personId);
  const subject = personId === undefined ? undefined : await subjectOf({ recordId: personId }, now);
  const ids = [...new Set([recordId, ...(subject ? [subject.recordId, ...subject.with] : [])])];
  return commit(async (read) => {
    const keys = ids.map((one) => ({ recordId: one, id: letterId }));
    const there = await read.getMany(touches, keys);
    const missing = keys.filter(({ recordId: one }) => !there.some((touch) => touch.recordId === one));
    return missing.length === 0 ? undefined : { writes: missing.map((key) => touches.put({ ...key, at })) };
  });
}

export const activityListeners: readonly Listener[] = [
  ...armsDue(['activity.remind', 'activity.due'], PLANNING),

  ...[LetterQueued, LetterNotSent].map((type) =>
    listen(type, `activities.place-${type.name}`, async ({ event, now }) => standsOn(event.recordId, now), {
      once: false,
    }),
  ),

  /** One letter for each time it was due; the event's own id keeps it single. */
  listen(
    ActivityDue,
    'activities.remind',
    async ({ event, now }) => {
      const { body: rules } = await inForceOr(workRulesKind, MAIN_WORK_RULES, DEFAULT_WORK_RULES);
      const activity = await need(activities, { id: event.recordId });
      // Who asked to be reminded earlier is not told again when the time is over.
      const told = event.data.what === 'remind' || activity.remindAt === undefined;
      const owner = await get(users, { id: activity.ownerId });
      if (!rules.remindByLetter || !told || !owner?.active) return undefined;
      const { kind, subject, text, recordId, storyId } = activity;
      return commit(async (read) => {
        const letter = await queueLetter(read, {
          purpose: 'reminder',
          cause: event.id,
          recordId: activity.id,
          storyId,
          to: { email: owner.email, name: owner.name, userId: owner.id },
          locale: owner.locale,
          zone: owner.zone,
          template: rules.reminderTemplate,
          values: {
            activity: { kind, subject, text, dueAt: dueTime(activity), recordId },
            reader: { name: owner.name },
          },
          now,
          requestId: event.requestId,
        });
        return letter.writes.length > 0 ? letter : undefined;
      });
    },
    { once: false, loud: true },
  ),
];
