import { randomUUID } from 'node:crypto';
import { sendRaw } from '#shared/aws/mail.ts';
import { derivedKey } from '#shared/aws/secret.ts';
import { commit, run, type Context } from '#shared/command.ts';
import { decisionUrl } from '#shared/decision-link.ts';
import { log } from '#shared/log.ts';
import { buildLetter } from '#shared/mime.ts';
import { claim } from '#shared/table/claim.ts';
import { fill, keys } from '#shared/table/keys.ts';
import { fillPlaceholders } from '#shared/templates.ts';
import { escapeHtml } from '#shared/text.ts';
import { addTo } from '#shared/time.ts';
import { LetterNotSent, LetterSent, type Letter } from './letter.ts';
import { letters } from './store.ts';

/** A lease that nobody settles is lost after this long; then a service letter is sent again. */
const LEASE_MINUTES = 10;
/** After so many failures the letter is given up and says why. */
const MAX_ATTEMPTS = 8;

/** Sends one letter if it still waits: lease, send, mark. Safe to call at once from everywhere. */
export async function send(
  id: string,
  now: string,
  context: Omit<Context, 'now'>,
): Promise<'sent' | 'waits' | 'not_sent' | 'nothing'> {
  const letter = await lease(id, now);
  if (!letter) return 'nothing';
  logged(letter);
  let messageId: string;
  try {
    messageId = await hand(letter, now);
  } catch (error) {
    return failed(letter, error instanceof Error ? error : new Error(String(error)), { ...context, now });
  }
  // SES has it. If this fails the lease stands, so that nobody sends it again before SES's own report settles it.
  await settle(letter, { state: 'sent', sentAt: now, messageId, reason: undefined }, { ...context, now });
  return 'sent';
}

const logged = ({ id, purpose, requestId }: Letter): void => log().info('sending', { letter: id, purpose, requestId });

/** A letter that waits longer goes back in the queue as well: it must not stand before those that are due. */
const dueIn = (id: string, dueAt: string) => ({ dueAt, gsi3sk: fill(keys.letter.gsi3[1], { dueAt, id }) });

/** One sender at a time: queued and due, or leased by one who was lost. */
async function lease(id: string, now: string): Promise<Letter | undefined> {
  const item = await claim({
    key: letters.key({ id }),
    token: 'lease',
    set: {
      state: 'sending',
      lease: randomUUID(),
      leaseUntil: addTo(now, { minutes: LEASE_MINUTES }),
      ...dueIn(id, addTo(now, { minutes: LEASE_MINUTES })),
    },
    condition: '(#state = :queued AND #dueAt <= :now) OR (#state = :sending AND #leaseUntil < :now)',
    names: {},
    values: { ':queued': 'queued', ':now': now, ':sending': 'sending' },
  });
  return item && letters.decode(item);
}

async function hand(letter: Letter, now: string): Promise<string> {
  const from = process.env['SENDER'];
  if (from === undefined) throw new Error('SENDER is not set.');
  const { to, subject = '', html, text = '', decision } = letter;
  const links: Record<string, string> = decision
    ? { decision: decisionUrl(derivedKey('decision-link'), decision) }
    : {};
  const escaped = Object.fromEntries(Object.entries(links).map(([name, url]) => [name, escapeHtml(url)]));
  const bytes = await buildLetter({
    from: { address: from },
    to: { address: to.email, ...(to.name !== undefined && { name: to.name }) },
    subject,
    text: fillPlaceholders(text, links),
    ...(html !== undefined && { html: fillPlaceholders(html, escaped) }),
    messageId: `<${letter.id}@${from.split('@')[1] ?? 'sdelka'}>`,
    sentAt: now,
    tags: { letter: letter.id, purpose: letter.purpose.replaceAll(/[^\w-]/g, '-') },
  });
  return sendRaw(bytes, from, to.email);
}

/** Failures that no repeat will mend: SES refuses this letter, not the moment. */
const FINAL = new Set(['MessageRejected', 'MailFromDomainNotVerifiedException', 'RangeError', 'InvalidParameterValue']);

/** SES names the address it refuses. Events repeat the reason and stand for ever: no address goes into it. */
const saidBy = ({ name, message }: Error): string =>
  `${name}: ${message.replaceAll(/[^\s<>"',;]+@[^\s<>"',;]+/g, '…@…')}`;

async function failed(letter: Letter, error: Error, context: Context): Promise<'waits' | 'not_sent'> {
  const attempts = letter.attempts + 1;
  log().warn('a letter was not sent', { letter: letter.id, attempts, error });
  if (FINAL.has(error.name) || error instanceof RangeError || attempts >= MAX_ATTEMPTS) {
    await settle(letter, { state: 'not_sent', reason: saidBy(error), attempts }, context);
    return 'not_sent';
  }
  const set = unanswered(error)
    ? { attempts, reason: `Perhaps sent: ${saidBy(error)}` }
    : {
        state: 'queued',
        lease: `released-${letter.lease}`,
        ...dueIn(letter.id, addTo(context.now, { seconds: 30 * 2 ** attempts })),
        attempts,
        reason: `Waits after: ${saidBy(error)}`,
      };
  const item = await claim({
    key: letters.key({ id: letter.id }),
    token: 'lease',
    set,
    condition: '#lease = :mine',
    names: { '#lease': 'lease' },
    values: { ':mine': letter.lease },
  });
  if (!item) log().warn('the lease had passed on', { letter: letter.id });
  return 'waits';
}

/**
 * SES was called and nobody knows whether it took the letter: the lease stays, until SES reports it sent or the lease is lost.
 * The SDK gives `$metadata` to every error of a call, with a status where there was an answer.
 */
function unanswered(error: Error): boolean {
  const { $metadata: call } = error as { $metadata?: { httpStatusCode?: number } };
  return call !== undefined && (call.httpStatusCode ?? 500) >= 500;
}

/** Writes what became of a leased letter, if the lease is still ours, and takes it out of the queue. */
async function settle(letter: Letter, change: Partial<Letter>, context: Context): Promise<void> {
  await run(
    commit(async (read) => {
      const now = await read.need(letters, { id: letter.id });
      if (now.state !== 'sending' || now.lease !== letter.lease) return undefined;
      const write = letters.save(
        now,
        { ...change, lease: undefined, leaseUntil: undefined, priority: undefined, shard: undefined, dueAt: undefined },
        {
          ConditionExpression: '#lease = :lease',
          ExpressionAttributeNames: { '#lease': 'lease' },
          ExpressionAttributeValues: { ':lease': letter.lease },
        },
      );
      const { purpose, template } = letter;
      const told =
        change.state === 'sent'
          ? LetterSent.of(write, { purpose })
          : LetterNotSent.of(write, { purpose, template, reason: change.reason ?? '' });
      return { writes: [write], events: [told] };
    }),
    { ...context, requestId: letter.requestId },
  );
}
