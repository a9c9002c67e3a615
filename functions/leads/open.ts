import { users } from '#functions/auth/store.ts';
import type { Contact } from '#functions/clients/person.ts';
import { personOf } from '#functions/clients/known.ts';
import { LeadCaptured, type Lead } from './lead.ts';
import { inForce } from '#functions/settings/store.ts';
import type { Read } from '#shared/table/read.ts';
import { workOf } from './work.ts';
import { scoringKind } from './scoring.ts';
import { leads, leadWorks } from './store.ts';

/** A lead as it comes in, before it is known whose it is: who may be reached how, from where, and who works on it. */
export type Arrival = Pick<
  Lead,
  'id' | 'rawId' | 'sourceId' | 'channel' | 'company' | 'message' | 'answers' | 'wrongEmail' | 'locale' | 'custom'
> &
  Pick<Lead, 'ownerId' | 'teamId'> & { contact: Contact };

/**
 * What must be written for a new lead, wherever it comes from: the person known or new, the lead, and its line in the work
 * list with score and next action. `fresh` are the ids of a person nobody knows yet.
 */
export async function openedLead(
  read: Read,
  { contact, ...arrival }: Arrival,
  fresh: { id: string; storyId: string },
  now: string,
) {
  const scoring = await inForce(scoringKind, 'lead');
  const known = await personOf(read, contact, { ...fresh, locale: arrival.locale, now });
  const lead: Lead = {
    ...arrival,
    ...contact,
    version: 1,
    storyId: known.person.storyId,
    personId: known.person.id,
    state: 'new',
    duplicates: known.duplicates,
    capturedAt: now,
  };
  const owner = await read.get(users, { id: lead.ownerId });
  const work = await workOf(lead, scoring, !known.isNew, owner?.zone);
  const write = leads.create(lead);
  const { sourceId, channel, ownerId } = lead;
  const told = LeadCaptured.of(write, { sourceId, channel, ownerId, knownPerson: !known.isNew, score: work.score });
  return {
    writes: [write, leadWorks.create(work), ...known.writes],
    events: [told, ...known.events],
    checks: known.checks,
    answer: write,
  };
}
