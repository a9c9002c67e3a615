import { teams, workingMembers } from '#functions/auth/store.ts';
import { formKind, sourceKind } from '#functions/marketing/form.ts';
import { IntakeUnmapped, type Raw } from '#functions/marketing/intake.ts';
import { mapped, type Mapped } from '#functions/marketing/mapping.ts';
import { raws } from '#functions/marketing/store.ts';
import { visitorIn, visitorStory } from '#functions/marketing/visit.ts';
import { fieldSetInForce } from '#functions/settings/custom.ts';
import { customOfTexts } from '#functions/settings/field-text.ts';
import { inForce } from '#functions/settings/store.ts';
import { readBody } from '#shared/body.ts';
import type { Decide, Decision } from '#shared/command.ts';
import { joinStories } from '#shared/story.ts';
import { get } from '#shared/table/read.ts';
import { openedLead } from './open.ts';
import { nextInTurn } from './store.ts';

type Given = { rawId: string; now: string; newId(prefix: string): string };
type Door = {
  channel: string;
  teamId: string;
  locale: 'ru' | 'en';
  mapping: Parameters<typeof mapped>[1];
  track?: boolean;
};

/** The lead of a request has the request's own number: however often it is tried, there is one. */
const leadIdOf = (rawId: string): string => rawId.replace(/^raw_/, 'lead_');

/**
 * Makes a lead of a request: person known or new, owner in turn, score, next action — or says why it cannot be one.
 * What does not decide (form, rules, whose turn) is read before; everything else in the transaction.
 */
export async function captureLead({ rawId, now, newId }: Given): Promise<Decide | undefined> {
  const first = await get(raws, { id: rawId });
  if (first?.state !== 'received') return undefined;
  const door: Door | undefined = (await inForce(first.door === 'form' ? formKind : sourceKind, first.sourceId))?.body;
  const { found, visitor } = await contentOf(first, door);
  const team = door && (await get(teams, { id: door.teamId }));
  const owner = team && (await nextInTurn(team.id, await workingMembers(team, now)));
  const fields = await fieldSetInForce('lead');
  const fresh = { id: newId('person'), storyId: first.storyId };
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
    const { sourceId } = raw;
    const { channel, teamId, locale } = door;
    const { texts, ...said } = found;
    const { custom, rest } = customOfTexts(fields, texts);
    const arrival = {
      ...said,
      // What a field does not take is not lost: it stays with the answers.
      answers: { ...said.answers, ...rest },
      custom,
      id: leadIdOf(raw.id),
      rawId: raw.id,
      sourceId,
      channel,
      locale,
      ownerId: owner,
      teamId,
    };
    const opened = await openedLead(read, arrival, fresh, now);
    const { recordId: leadId, after } = opened.answer;
    const done = raws.save(raw, { state: 'done', leadId, attention: undefined, reason: undefined });
    const storyId = String(after['storyId']);
    // What he did before he said who he is: from now on one story.
    const before = visitor === undefined ? [] : joinStories(visitorStory(visitor), storyId);
    return { ...opened, writes: [...opened.writes, done, ...joinStories(raw.storyId, storyId), ...before] };
  };
}

type Content = { found: Mapped | { error: string }; visitor: string | undefined };

async function contentOf(raw: Raw, door: Door | undefined): Promise<Content> {
  const read = await readBody(new Uint8Array(Buffer.from(raw.body, raw.encoding)), raw.contentType);
  if ('error' in read) return { found: { error: read.error }, visitor: undefined };
  return { found: mapped(read.value, door?.mapping ?? {}), visitor: door?.track ? visitorIn(read.value) : undefined };
}
