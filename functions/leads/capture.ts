import { teams } from '#functions/auth/store.ts';
import { personOf, type Known } from '#functions/clients/store.ts';
import { formKind, sourceKind } from '#functions/marketing/form.ts';
import { IntakeUnmapped, type Raw } from '#functions/marketing/intake.ts';
import { mapped, type Mapped } from '#functions/marketing/mapping.ts';
import { raws } from '#functions/marketing/store.ts';
import { inForce } from '#functions/settings/store.ts';
import { readBody } from '#shared/body.ts';
import type { Decide, Decision } from '#shared/command.ts';
import { joinStories } from '#shared/story.ts';
import { get } from '#shared/table/read.ts';
import { addTo } from '#shared/time.ts';
import { LeadCaptured, type Lead, type LeadWork } from './lead.ts';
import { scoreLead, scoringKind, type Scoring } from './scoring.ts';
import { leads, leadWorks, nextInTurn } from './store.ts';

type Given = { rawId: string; now: string; newId(prefix: string): string };
type Door = { channel: string; teamId: string; locale: 'ru' | 'en'; mapping: Parameters<typeof mapped>[1] };

/** The lead of a request has the request's own number: however often it is tried, there is one. */
const leadIdOf = (rawId: string): string => rawId.replace(/^raw_/, 'lead_');
/** A new lead is to be called within this time. */
const FIRST_CALL_MINUTES = 15;

/**
 * Makes a lead of a request: person known or new, owner in turn, score, next action — or says why it cannot be one.
 * What does not decide (form, rules, whose turn) is read before; everything else in the transaction.
 */
export async function captureLead({ rawId, now, newId }: Given): Promise<Decide | undefined> {
  const first = await get(raws, { id: rawId });
  if (first?.state !== 'received') return undefined;
  const door: Door | undefined = (await inForce(first.door === 'form' ? formKind : sourceKind, first.sourceId))?.body;
  const found = await contentOf(first, door);
  const team = door && (await get(teams, { id: door.teamId }));
  const owner = team && (await nextInTurn(team.id, team.memberIds));
  const scoring = await inForce(scoringKind, 'lead');
  const fresh = { id: newId('person'), storyId: first.storyId, locale: door?.locale ?? 'ru', now } as const;
  return async (read): Promise<Decision | undefined> => {
    const raw = await read.need(raws, { id: rawId });
    if (raw.state !== 'received') return undefined;
    const fault =
      'error' in found
        ? found.error
        : owner === undefined
          ? 'There is nobody to give it to: put people into the team of the form.'
          : undefined;
    if ('error' in found || !door || owner === undefined) {
      const reason = fault ?? 'Its form is gone.';
      const write = raws.save(raw, { state: 'unmapped', attention: 'unmapped', reason });
      return { writes: [write], events: [IntakeUnmapped.of(write, { reason })] };
    }
    const known = await personOf(read, found.contact, fresh);
    const lead = leadOf(raw, door, found, known, owner, now);
    const work = await workOf(lead, scoring, !known.isNew, now);
    const done = raws.save(raw, { state: 'done', leadId: lead.id, attention: undefined, reason: undefined });
    const created = leads.create(lead);
    const { sourceId, channel, ownerId } = lead;
    const captured = LeadCaptured.of(created, {
      sourceId,
      channel,
      ownerId,
      knownPerson: !known.isNew,
      score: work.score,
    });
    return {
      writes: [created, leadWorks.create(work), ...known.writes, done, ...joinStories(raw.storyId, lead.storyId)],
      events: [captured, ...known.events],
      answer: created,
    };
  };
}

async function contentOf(raw: Raw, door: Door | undefined): Promise<Mapped | { error: string }> {
  const read = await readBody(new Uint8Array(Buffer.from(raw.body, raw.encoding)), raw.contentType);
  if ('error' in read) return { error: read.error };
  return mapped(read.value, door?.mapping ?? {});
}

const leadOf = (raw: Raw, door: Door, found: Mapped, known: Known, ownerId: string, now: string): Lead => ({
  id: leadIdOf(raw.id),
  version: 1,
  storyId: known.person.storyId,
  rawId: raw.id,
  sourceId: raw.sourceId,
  channel: door.channel,
  personId: known.person.id,
  ...found.contact,
  company: found.company,
  message: found.message,
  answers: found.answers,
  wrongEmail: found.wrongEmail,
  locale: door.locale,
  ownerId,
  teamId: door.teamId,
  state: 'new',
  duplicates: known.duplicates,
  capturedAt: now,
});

async function workOf(
  lead: Lead,
  scoring: { version: number; body: Scoring } | undefined,
  knownPerson: boolean,
  now: string,
): Promise<LeadWork> {
  const { channel, sourceId: source, email, phone, name, company, message, locale } = lead;
  const facts = Object.fromEntries(
    Object.entries({ channel, source, email, phone, name, company, message, locale }).filter(
      ([, value]) => value !== undefined,
    ),
  );
  const { score, parts } = await scoreLead(scoring?.body ?? { rules: [] }, { ...facts, knownPerson });
  return {
    id: lead.id,
    version: 1,
    storyId: lead.storyId,
    personId: lead.personId,
    ownerId: lead.ownerId,
    state: lead.state,
    nextAt: addTo(now, { minutes: FIRST_CALL_MINUTES }),
    next: {
      kind: phone === undefined ? 'letter' : 'call',
      text: lead.locale === 'ru' ? 'Первый контакт' : 'First contact',
    },
    name: name ?? company ?? email ?? phone ?? lead.id,
    channel,
    score,
    scoreParts: parts,
    scoreRules: scoring ? `lead v${scoring.version}` : 'none',
    capturedAt: now,
  };
}
