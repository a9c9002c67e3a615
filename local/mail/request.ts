import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import { simpleParser } from 'mailparser';
import { AwsError } from '../front.ts';

/** A letter to be sent: envelope, bytes, and what SES is told about it. */
export type Outgoing = {
  source: string;
  recipients: readonly string[];
  raw: Buffer;
  subject: string;
  configurationSet: string | undefined;
  tags: Record<string, string>;
};

/** SES v1 takes at most this many bytes of a message, after base64. */
const MAX_BYTES = 10 * 1024 * 1024;

/** The letter of a SendRawEmail or SendEmail request of the query protocol. @throws AwsError with SES's code */
export async function outgoingOf(action: string, form: URLSearchParams): Promise<Outgoing> {
  const raw = action === 'SendRawEmail' ? rawOf(form) : await composed(form);
  if (raw.length > MAX_BYTES) {
    throw new AwsError(
      'InvalidParameterValue',
      `Message length is more than ${MAX_BYTES} bytes long: '${raw.length}'.`,
    );
  }
  const head = await headOf(raw);
  const source = form.get('Source') ?? head.from;
  const listed = ['Destinations', 'Destination.ToAddresses', 'Destination.CcAddresses', 'Destination.BccAddresses'];
  const envelope = listed.flatMap((name) => membersOf(form, name));
  const recipients = (envelope.length ? envelope : head.recipients).map(bare);
  if (!recipients.length) throw new AwsError('InvalidParameterValue', 'Missing required header "To".');
  if (recipients.length > 50) throw new AwsError('InvalidParameterValue', 'Recipient count exceeds 50.');
  return {
    source: bare(source),
    recipients,
    raw,
    subject: head.subject,
    configurationSet: form.get('ConfigurationSetName') ?? head.header('x-ses-configuration-set'),
    tags: { ...tagsIn(head.header('x-ses-message-tags')), ...tagsOf(form) },
  };
}

function rawOf(form: URLSearchParams): Buffer {
  const data = form.get('RawMessage.Data');
  if (!data) throw new AwsError('InvalidParameterValue', 'The raw message is empty.');
  return Buffer.from(data, 'base64');
}

/** SES builds the message of SendEmail itself. */
async function composed(form: URLSearchParams): Promise<Buffer> {
  const text = (name: string): string | undefined => form.get(name) ?? undefined;
  return new MailComposer({
    from: text('Source'),
    to: membersOf(form, 'Destination.ToAddresses'),
    cc: membersOf(form, 'Destination.CcAddresses'),
    replyTo: membersOf(form, 'ReplyToAddresses'),
    subject: text('Message.Subject.Data'),
    text: text('Message.Body.Text.Data'),
    html: text('Message.Body.Html.Data'),
  })
    .compile()
    .build();
}

/** Subject, sender and recipients by the headers alone; attachments are not read. */
async function headOf(raw: Buffer) {
  const [block = ''] = raw.toString('latin1').split(/\r?\n\r?\n/, 1);
  const text = block.replaceAll(/\r?\n[ \t]+/g, ' ');
  const header = (name: string): string | undefined =>
    text
      .split(/\r?\n/)
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim();
  const parsed = await simpleParser(`${text}\r\n\r\n`);
  const addressed = [parsed.to ?? [], parsed.cc ?? [], parsed.bcc ?? []].flat();
  return {
    header,
    from: parsed.from?.value[0]?.address ?? '',
    subject: parsed.subject ?? '',
    recipients: addressed.flatMap(({ value }) => value.flatMap(({ address }) => (address ? [address] : []))),
  };
}

const membersOf = (form: URLSearchParams, name: string): string[] =>
  [...form].filter(([key]) => key.startsWith(`${name}.member.`)).map(([, value]) => value);

const tagsOf = (form: URLSearchParams): Record<string, string> =>
  Object.fromEntries(
    [...form]
      .filter(([key]) => /^Tags\.member\.\d+\.Name$/.test(key))
      .map(([key, name]) => [name, form.get(key.replace(/Name$/, 'Value')) ?? '']),
  );

const tagsIn = (header: string | undefined): Record<string, string> =>
  Object.fromEntries(
    (header ?? '')
      .split(/[,;]/)
      .map((pair) => pair.split('=').map((part) => part.trim()))
      .flatMap(([name, value]) => (name && value ? [[name, value]] : [])),
  );

/** The address of `Name <address>`. */
const bare = (address: string): string => (/<([^>]+)>/.exec(address)?.[1] ?? address).trim();
