import { formKind, sourceKind } from '#functions/marketing/form.ts';
import { IntakeReceived, IntakeReplayed } from '#functions/marketing/intake.ts';
import { queueLetter } from '#functions/mail/queue.ts';
import { users } from '#functions/auth/store.ts';
import { fieldSetInForce } from '#functions/settings/custom.ts';
import { customForLetter } from '#functions/settings/field-text.ts';
import { inForce } from '#functions/settings/store.ts';
import { commit } from '#shared/command.ts';
import { armsDue } from '#shared/due-sweep.ts';
import { listen, type Listener } from '#shared/listen.ts';
import { get, need } from '#shared/table/read.ts';
import { captureLead } from './capture.ts';
import { followListeners } from './follow.ts';
import { LeadCaptured, LeadPostponed, LeadReturned } from './lead.ts';
import { LEAD_RETURN } from './postpone.ts';
import { consentListener } from './consent-note.ts';
import { leads } from './store.ts';

type Given = Parameters<typeof captureLead>[0];
const captured = async (given: Given) => {
  const decide = await captureLead(given);
  return decide && commit(decide);
};

export const leadListeners: readonly Listener[] = [
  consentListener,
  ...followListeners,
  ...armsDue([LEAD_RETURN], [LeadPostponed, LeadReturned]),

  // The request's own state says whether this was done: no row is needed to remember it.
  listen(
    IntakeReceived,
    'leads.capture',
    async ({ event, now, newId }) => captured({ rawId: event.recordId, now, newId }),
    { once: false },
  ),
  listen(
    IntakeReplayed,
    'leads.capture-replayed',
    async ({ event, now, newId }) => captured({ rawId: event.recordId, now, newId }),
    { once: false },
  ),

  /** The welcome letter of the form; its own hash keeps it from being sent twice. */
  listen(
    LeadCaptured,
    'leads.welcome',
    async ({ event, now }) => {
      const lead = await need(leads, { id: event.recordId });
      // Whoever was entered by hand did not ask us for anything.
      if (lead.rawId === undefined) return undefined;
      const door = (await inForce(formKind, lead.sourceId)) ?? (await inForce(sourceKind, lead.sourceId));
      const template = door?.body.welcome;
      const { email, name } = lead;
      if (template === undefined || email === undefined) return undefined;
      const owner = await get(users, { id: lead.ownerId });
      const custom = customForLetter(await fieldSetInForce('lead'), lead.custom, lead.locale);
      return commit(async (read) => {
        const letter = await queueLetter(read, {
          purpose: 'welcome',
          cause: lead.id,
          recordId: lead.id,
          storyId: lead.storyId,
          to: { email, personId: lead.personId, ...(name !== undefined && { name }) },
          locale: lead.locale,
          template,
          values: {
            lead: { name, company: lead.company, message: lead.message, custom },
            seller: { name: owner?.name, email: owner?.email },
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
