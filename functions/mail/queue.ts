import { inForce } from '#functions/settings/store.ts';
import type { NewEvent } from '#shared/events.ts';
import type { Read } from '#shared/table/read.ts';
import type { Write } from '#shared/table/write.ts';
import { renderLetter } from '#shared/templates.ts';
import { letterId, LetterNotSent, LetterQueued, shardOf, type Letter, type Recipient } from './letter.ts';
import { letters, stopped } from './store.ts';
import { templateKind } from './template.ts';

export type NewLetter = {
  /** What the letter is for; with cause and recipient it makes the letter one of its kind. */
  purpose: string;
  cause: string;
  recordId: string;
  storyId: string | undefined;
  to: Recipient;
  locale: 'ru' | 'en';
  zone?: string;
  template: string;
  values: Readonly<Record<string, unknown>>;
  decision?: Letter['decision'];
  now: string;
  requestId: string;
};

export type Queued = { writes: Write[]; events: NewEvent[] };
const NOTHING: Queued = { writes: [], events: [] };

/**
 * What a command must write to have a letter sent once: the letter as it will be sent, or the reason why it is not.
 * Nothing when this letter is there already. Reads: the letter, the address, the template (cached).
 */
export async function queueLetter(read: Read, wanted: NewLetter): Promise<Queued> {
  const id = letterId(wanted.purpose, wanted.cause, wanted.to.email);
  if (await read.get(letters, { id })) return NOTHING;
  const { purpose, cause, recordId, storyId, to, locale, template, decision, now, requestId } = wanted;
  const base = {
    id,
    version: 1,
    purpose,
    cause,
    recordId,
    storyId,
    to,
    locale,
    template,
    decision,
    attempts: 0,
    queuedAt: now,
    requestId,
  };
  const body = await bodyOf(read, wanted);
  if ('reason' in body) {
    const write = letters.create({ ...base, state: 'not_sent', reason: body.reason });
    return { writes: [write], events: [LetterNotSent.of(write, { purpose, template, reason: body.reason })] };
  }
  const write = letters.create({ ...base, ...body, state: 'queued', priority: '0', shard: shardOf(id), dueAt: now });
  return { writes: [write], events: [LetterQueued.of(write, { purpose, template })] };
}

type Body = Pick<Letter, 'subject' | 'html' | 'text' | 'templateVersion'>;

async function bodyOf(
  read: Read,
  { to, locale, zone = 'Europe/Moscow', template, values }: NewLetter,
): Promise<Body | { reason: string }> {
  const silent = await stopped(read, to.email);
  if (silent) return { reason: `The address gets no letters: ${silent.why} on ${silent.at.slice(0, 10)}.` };
  const found = await inForce(templateKind, template);
  const part = found?.body[locale] ?? found?.body.ru ?? found?.body.en;
  if (!found || !part) return { reason: `There is no template ${template}.` };
  const rendered = renderLetter(part, values, { locale, zone });
  if (!rendered.ok)
    return {
      reason:
        rendered.missing === undefined
          ? `The ${rendered.part} of template ${template} fails: ${rendered.error}`
          : `The template ${template} needs ${rendered.missing}, which has no value.`,
    };
  return { subject: rendered.subject, html: rendered.html, text: rendered.text, templateVersion: found.version };
}
