import { fieldSetInForce } from '#functions/settings/custom.ts';
import { inWorkingMinutes } from '#functions/activities/working-time.ts';
import { addTo } from '#shared/time.ts';
import { isOpen, type Lead, type LeadWork } from './lead.ts';
import { scoreLead, type Scoring } from './scoring.ts';

/** A new lead is to be called within this working time. */
const FIRST_CALL_MINUTES = 15;
type Rules = { version: number; body: Scoring } | undefined;

/** What the rules say of a lead: the score with its parts, and which version of the rules said so. */
export async function scored(
  lead: Lead,
  scoring: Rules,
  knownPerson: boolean,
): Promise<Pick<LeadWork, 'score' | 'scoreParts' | 'scoreRules'>> {
  const { channel, sourceId: source, email, phone, name, company, message, locale } = lead;
  const facts = Object.fromEntries(
    Object.entries({ channel, source, email, phone, name, company, message, locale }).filter(
      ([, value]) => value !== undefined,
    ),
  );
  const { score, parts } = await scoreLead(
    scoring?.body ?? { rules: [] },
    { ...facts, custom: lead.custom, knownPerson },
    await fieldSetInForce('lead'),
  );
  return { score, scoreParts: parts, scoreRules: scoring ? `lead v${scoring.version}` : 'none' };
}

/** Where a lead lies in the work lists: what was put off is there again when it comes back. */
export const workStateOf = (lead: Lead): LeadWork['state'] =>
  isOpen(lead) && lead.postponedUntil !== undefined ? 'postponed' : lead.state;

/** What the work list shows of a lead as it is now. */
export const workView = (
  lead: Lead,
): Pick<LeadWork, 'ownerId' | 'teamId' | 'state' | 'name' | 'channel' | 'archivedAt'> => ({
  ownerId: lead.ownerId,
  teamId: lead.teamId,
  state: workStateOf(lead),
  name: lead.name ?? lead.company ?? lead.email ?? lead.phone ?? lead.id,
  channel: lead.channel,
  archivedAt: lead.archivedAt,
});

/** The line of a new lead in the work list. */
export async function workOf(
  lead: Lead,
  scoring: Rules,
  knownPerson: boolean,
  zone: string | undefined,
): Promise<LeadWork> {
  return {
    id: lead.id,
    version: 1,
    storyId: lead.storyId,
    personId: lead.personId,
    ...workView(lead),
    nextAt:
      (await inWorkingMinutes(lead.capturedAt, FIRST_CALL_MINUTES, zone)) ??
      addTo(lead.capturedAt, { minutes: FIRST_CALL_MINUTES }),
    planned: true,
    lastActionAt: lead.capturedAt,
    next: {
      kind: lead.phone === undefined ? 'letter' : 'call',
      text: lead.locale === 'ru' ? 'Первый контакт' : 'First contact',
    },
    ...(await scored(lead, scoring, knownPerson)),
    capturedAt: lead.capturedAt,
  };
}
