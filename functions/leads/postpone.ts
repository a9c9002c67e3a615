import { users } from '#functions/auth/store.ts';
import { planOf } from '#functions/activities/plan.ts';
import { planned } from '#functions/activities/record.ts';
import { startOfWork } from '#functions/activities/working-time.ts';
import { setDue, type DueKind, dueKind } from '#shared/due.ts';
import { refuse } from '#shared/errors.ts';
import type { Edited, Editing } from '#shared/record-kind.ts';
import type { Read } from '#shared/table/read.ts';
import { dateIn } from '#shared/time.ts';
import { isOpen, LeadPostponed, LeadReturned, type Lead, type Postponement } from './lead.ts';
import { leads, leadWorks } from './store.ts';
import { workStateOf } from './work.ts';

/** The kind of due thing that brings a lead back. */
export const LEAD_RETURN = 'lead.return';
const DEFAULT_ZONE = 'Europe/Moscow';
const TEXTS = { ru: 'Вернуться к отложенному лиду', en: 'Come back to the postponed lead' } as const;

const ownerOf = (read: Read, { ownerId }: Lead) => read.get(users, { id: ownerId });

/** Puts a lead off to a day: it leaves today's work, and comes back when work begins on that day on its owner's clocks. */
export async function postponed(
  read: Read,
  lead: Lead,
  { until, reason, note }: Postponement,
  now: string,
): Promise<Edited> {
  const zone = (await ownerOf(read, lead))?.zone ?? DEFAULT_ZONE;
  const today = dateIn(zone, now);
  if (until <= today) {
    const detail = `A day after today, ${today}, by the owner's clock.`;
    throw refuse('invalid', {}, [{ pointer: '/body/until', code: 'too_small', detail }]);
  }
  const at = await startOfWork(until, zone);
  const work = await read.need(leadWorks, { id: lead.id });
  const write = leads.save(lead, {
    postponedAt: now,
    postponedUntil: until,
    postponeReason: reason,
    postponeNote: note,
    returnedAt: undefined,
    postponements: (lead.postponements ?? 0) + 1,
  });
  const line = leadWorks.save(work, { state: workStateOf(write.item), nextAt: at, lastActionAt: now });
  const due = await setDue(read, { kind: LEAD_RETURN, recordId: lead.id, at });
  return { writes: [write, line, ...due], events: [LeadPostponed.of(write, { until, reason })], answer: write };
}

/** Brings a postponed lead back into work, with a task for its owner. Whoever calls sees to what was due. */
export async function returned(read: Read, lead: Lead, early: boolean, given: Omit<Editing, 'user'>): Promise<Edited> {
  const owner = await ownerOf(read, lead);
  const write = leads.save(lead, { postponedUntil: undefined, returnedAt: given.now });
  const task = await planned(
    read,
    {
      kind: 'task',
      subject: TEXTS[owner?.locale ?? 'ru'],
      text: lead.postponeNote,
      recordId: lead.id,
      dueAt: given.now,
    },
    { ...given, user: { id: lead.ownerId } },
  );
  const work = await read.need(leadWorks, { id: lead.id });
  const line = leadWorks.save(work, { ...planOf(task.activity), state: workStateOf(write.item) });
  return {
    writes: [write, line, ...task.writes],
    events: [LeadReturned.of(write, { early }), ...task.events],
    answer: write,
  };
}

/** On the day itself. One that was rejected, converted or taken up meanwhile stays as it is. */
export const leadReturn: DueKind = dueKind(LEAD_RETURN, async (read, { recordId }, given) => {
  const lead = await read.get(leads, { id: recordId });
  if (!lead || !isOpen(lead) || lead.postponedUntil === undefined || lead.archivedAt !== undefined) return undefined;
  return returned(read, lead, false, given);
});
