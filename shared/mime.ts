import MailComposer from 'nodemailer/lib/mail-composer';
import { normaliseEmail } from './email.ts';
import { hashOf } from './json.ts';
import { type Instant, mailDate } from './time.ts';

type Mailbox = { address: string; name?: string };
type Attachment = { fileName: string; contentType: string; content: Buffer };

export type Letter = {
  from: Mailbox;
  to: Mailbox;
  replyTo?: Mailbox;
  subject: string;
  text: string;
  html?: string;
  /** `<letter_01J…@example.com>`: given by us, so that the letter can be recognised when it is resent. */
  messageId: string;
  sentAt: Instant;
  /** Page that unsubscribes by POST (RFC 8058); https only. */
  unsubscribeUrl?: string;
  /** Tags of SES: names and values of Latin letters, digits, - and _. */
  tags?: Readonly<Record<string, string>>;
  attachments?: readonly Attachment[];
};

/** As SES writes it; the composer would change its case. */
const TAGS = 'X-SES-MESSAGE-TAGS';

/** One mailbox: a list or a line break in the address would be more recipients or headers. */
function mailbox({ address, name = '' }: Mailbox, field: string) {
  const normal = normaliseEmail(address);
  if (normal === undefined) throw new RangeError(`${field}: ${JSON.stringify(address)} is not one e-mail address`);
  return { address: normal, name: oneLine(name) };
}

/** Line breaks and other control characters have no place in a header. */
const oneLine = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();

function tagHeader(tags: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(tags);
  const bad = pairs.flat().find((part) => !/^[\w-]{1,256}$/.test(part));
  if (bad !== undefined)
    throw new RangeError(`tags: ${JSON.stringify(bad)} may only have Latin letters, digits, - and _`);
  return pairs.map(([name, value]) => `${name}=${value}`).join(', ');
}

function headersOf({ unsubscribeUrl, tags }: Letter): Record<string, string> {
  const headers: Record<string, string> = { 'Auto-Submitted': 'auto-generated' }; // no answers from absence robots
  if (tags && Object.keys(tags).length > 0) headers[TAGS] = tagHeader(tags);
  if (unsubscribeUrl !== undefined) {
    const url = URL.parse(unsubscribeUrl);
    if (url?.protocol !== 'https:') throw new RangeError('unsubscribeUrl must be an https address');
    headers['List-Unsubscribe'] = `<${url.href}>`;
    headers['List-Unsubscribe-Post'] = 'List-Unsubscribe=One-Click';
  }
  return headers;
}

/**
 * The bytes of a letter for SendRawEmail; the same letter always gives the same bytes. Throws RangeError, naming the
 * field, for an address that is not exactly one, a message id, a tag or a URL that does not fit. Subject, names and file
 * names may hold anything: line breaks in them become spaces.
 */
export function buildLetter(letter: Letter): Promise<Buffer> {
  if (!/^<[\w.+-]+@[\w.-]+>$/.test(letter.messageId)) {
    throw new RangeError(`messageId: ${JSON.stringify(letter.messageId)} is not of the form <id@domain>`);
  }
  const mail = new MailComposer({
    from: mailbox(letter.from, 'from'),
    to: mailbox(letter.to, 'to'),
    ...(letter.replyTo && { replyTo: mailbox(letter.replyTo, 'replyTo') }),
    subject: oneLine(letter.subject),
    text: letter.text,
    ...(letter.html !== undefined && { html: letter.html }),
    messageId: letter.messageId,
    date: mailDate(letter.sentAt),
    headers: headersOf(letter),
    attachments: (letter.attachments ?? []).map(({ fileName, contentType, content }) => {
      if (!/^[\w.+-]+\/[\w.+-]+$/.test(contentType))
        throw new RangeError(`attachments: ${contentType} is not a MIME type`);
      return { filename: oneLine(fileName), contentType, content };
    }),
    // The composer would otherwise read files and addresses that a text names.
    disableFileAccess: true,
    disableUrlAccess: true,
    baseBoundary: hashOf([letter.messageId, letter.text, letter.html]).slice(0, 32),
    normalizeHeaderKey: (key) => (key === 'X-Ses-Message-Tags' ? TAGS : key),
    newline: 'win',
  });
  return mail.compile().build();
}
