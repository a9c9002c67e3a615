import { DatabaseSync } from 'node:sqlite';
import {
  GetSendQuotaCommand,
  SendEmailCommand,
  SendRawEmailCommand,
  SESClient,
  SendTemplatedEmailCommand,
} from '@aws-sdk/client-ses';
import {
  DeleteSuppressedDestinationCommand,
  GetAccountCommand,
  GetSuppressedDestinationCommand,
  paginateListSuppressedDestinations,
  PutSuppressedDestinationCommand,
  SESv2Client,
} from '@aws-sdk/client-sesv2';
import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Resource } from '#local/contract.ts';
import { identityPolicies } from '#local/iam/identity.ts';
import { startMail, type Mail, type MailOptions } from '#local/mail/mail.ts';
import { callingAs, frontParts, handClock } from '#test/support/front.ts';

const topic = 'arn:aws:sns:us-east-1:000000000000:mail-events';
const resource = (type: string, name: string, props: Record<string, unknown> = {}): Resource => ({
  id: name,
  type,
  name,
  props,
  arn: `arn:${name}`,
});
const ses = (rest: string) => `arn:aws:ses:us-east-1:000000000000:${rest}`;
const resources = [
  resource('AWS::SES::EmailIdentity', 'firm.example'),
  resource('AWS::SES::ConfigurationSet', 'service'),
  resource('AWS::SES::ConfigurationSetEventDestination', 'destination', {
    ConfigurationSetName: 'service',
    EventDestination: {
      Enabled: true,
      MatchingEventTypes: ['send', 'delivery', 'bounce', 'complaint'],
      SnsDestination: { TopicARN: topic },
    },
  }),
  resource('AWS::SNS::Subscription', 'letters', { Protocol: 'lambda', TopicArn: topic, Endpoint: 'arn:fn:letters' }),
  resource('AWS::SNS::Subscription', 'people', { Protocol: 'email', TopicArn: topic, Endpoint: 'ops@firm.example' }),
  resource('AWS::IAM::Role', 'LettersRole', {
    Policies: [
      {
        PolicyName: 'send',
        PolicyDocument: {
          Statement: {
            Effect: 'Allow',
            Action: 'ses:SendRawEmail',
            Resource: [ses('identity/firm.example'), ses('configuration-set/service')],
          },
        },
      },
    ],
  }),
];

const clock = handClock('2026-11-23T10:00:00Z');
const invokeAsync = vi.fn<MailOptions['invokeAsync']>();
let db: DatabaseSync;
let mail: Mail;
const start = () =>
  startMail({ ...frontParts(), resources, db, clock, invokeAsync, authorize: identityPolicies(resources) });
beforeEach(async () => {
  invokeAsync.mockReset();
  db = new DatabaseSync(':memory:');
  mail = await start();
});
afterEach(() => mail.stop());

const v1 = (caller = 'LettersRole.w1') => new SESClient({ ...callingAs(caller), endpoint: mail.url, maxAttempts: 1 });
const v2 = () => new SESv2Client({ ...callingAs('local-root'), endpoint: mail.urlV2, maxAttempts: 1 });
const message = {
  from: 'Фирма <sales@firm.example>',
  to: 'header@client.example',
  subject: 'Счёт на 1 000 ₽',
  text: 'Откройте https://firm.example/a?b=1&c=2.',
  html: '<p><a href="https://firm.example/a?b=1&amp;c=2">Открыть</a> <a href=\'https://firm.example/stop\'>Отписаться</a></p>',
  headers: { 'X-SES-MESSAGE-TAGS': 'purpose=invoice, letter=L1' },
};
const sendRaw = async (more: Partial<SendRawEmailCommand['input']> = {}, options = {}) => {
  const Data = await new MailComposer({ ...message, ...options }).compile().build();
  const command = { RawMessage: { Data }, ConfigurationSetName: 'service', Destinations: ['real@client.example'] };
  return v1().send(new SendRawEmailCommand({ ...command, ...more }));
};
const published = () =>
  invokeAsync.mock.calls.map(([fn, payload]) => {
    const { Sns } = (payload as { Records: [{ Sns: { TopicArn: string; Message: string } }] }).Records[0];
    expect([fn, Sns.TopicArn]).toEqual(['arn:fn:letters', topic]);
    return JSON.parse(Sns.Message) as { eventType: string; mail: object } & Record<string, Record<string, unknown>>;
  });

it('keeps a raw letter as it was sent, to its envelope, and reads it back with its links', async () => {
  const attachments = [{ filename: 'счёт.pdf', content: Buffer.from('%PDF') }];
  const { MessageId } = await sendRaw({ Tags: [{ Name: 'round', Value: '1' }] }, { attachments });
  expect(mail.inbox.list({ to: 'header@client.example' })).toEqual([]);
  const [letter] = mail.inbox.list({ to: 'REAL@client.example' });
  expect(letter).toEqual({
    id: MessageId,
    at: clock.now(),
    from: 'sales@firm.example',
    subject: 'Счёт на 1 000 ₽',
    recipients: { 'real@client.example': 'delivered' },
    tags: { purpose: 'invoice', letter: 'L1', round: '1' },
    configurationSet: 'service',
    caller: 'LettersRole',
  });
  const read = await mail.inbox.read(MessageId ?? '');
  expect(read?.text).toContain('Откройте');
  expect(read?.links).toEqual(['https://firm.example/a?b=1&c=2', 'https://firm.example/stop']);
  expect(read?.attachments.map(({ name, content }) => [name, content.toString()])).toEqual([['счёт.pdf', '%PDF']]);
  expect(mail.inbox.raw(MessageId ?? '')?.toString()).toMatch(/^From: .*sales@firm\.example/m);
  mail.inbox.clear();
  expect(mail.inbox.list()).toEqual([]);
});

it('publishes Send and Delivery by SNS to the subscribed function only, with the tags', async () => {
  const { MessageId } = await sendRaw();
  await vi.waitFor(() => expect(mail.pending()).toBe(0));
  const events = published();
  expect(events.map(({ eventType }) => eventType)).toEqual(['Send', 'Delivery']);
  expect(events[1]).toMatchObject({
    mail: {
      messageId: MessageId,
      destination: ['real@client.example'],
      tags: { letter: ['L1'], 'ses:configuration-set': ['service'] },
    },
    delivery: { recipients: ['real@client.example'] },
  });
  await sendRaw({ ConfigurationSetName: undefined });
  await vi.waitFor(() => expect(mail.pending()).toBe(0));
  expect(published()).toHaveLength(2);
});

it.each([
  ['success@simulator.amazonses.com', ['Send', 'Delivery'], undefined],
  ['bounce+deal7@simulator.amazonses.com', ['Send', 'Bounce'], 'General'],
  ['complaint@simulator.amazonses.com', ['Send', 'Delivery', 'Complaint'], undefined],
  ['suppressionlist@simulator.amazonses.com', ['Send', 'Bounce'], 'OnAccountSuppressionList'],
])('%s behaves as in SES', async (address, types, subType) => {
  await sendRaw({ Destinations: [address] });
  await vi.waitFor(() => expect(mail.pending()).toBe(0));
  const events = published();
  expect(events.map(({ eventType }) => eventType)).toEqual(types);
  const last = events.at(-1);
  expect(last?.['bounce']?.['bounceSubType']).toBe(subType);
  const complained = types.includes('Complaint') ? [{ emailAddress: address }] : undefined;
  expect(last?.['complaint']?.['complainedRecipients']).toEqual(complained);
});

it('bounces what goes to an address on the suppression list, which the v2 API keeps', async () => {
  const list = async () => {
    const found: (string | undefined)[] = [];
    for await (const page of paginateListSuppressedDestinations(
      { client: v2(), pageSize: 1 },
      { Reasons: ['BOUNCE'] },
    )) {
      found.push(...(page.SuppressedDestinationSummaries ?? []).map(({ EmailAddress }) => EmailAddress));
    }
    return found;
  };
  for (const EmailAddress of ['gone@client.example', 'left@client.example']) {
    await v2().send(new PutSuppressedDestinationCommand({ EmailAddress, Reason: 'BOUNCE' }));
  }
  await v2().send(new PutSuppressedDestinationCommand({ EmailAddress: 'angry@client.example', Reason: 'COMPLAINT' }));
  expect(await list()).toEqual(['gone@client.example', 'left@client.example']);
  await sendRaw({ Destinations: ['Gone@client.example', 'ok@client.example'] });
  expect(mail.inbox.list()[0]?.recipients).toEqual({
    'Gone@client.example': 'suppressed',
    'ok@client.example': 'delivered',
  });
  const EmailAddress = 'gone@client.example';
  const { SuppressedDestination } = await v2().send(new GetSuppressedDestinationCommand({ EmailAddress }));
  expect(SuppressedDestination).toMatchObject({ Reason: 'BOUNCE', LastUpdateTime: new Date(clock.now()) });
  await v2().send(new DeleteSuppressedDestinationCommand({ EmailAddress }));
  await expect(v2().send(new GetSuppressedDestinationCommand({ EmailAddress }))).rejects.toMatchObject({
    name: 'NotFoundException',
  });
});

it('refuses a sender, a configuration set and an action that are not granted or not there', async () => {
  await expect(v1('Nobody').send(new GetSendQuotaCommand({}))).rejects.toMatchObject({ name: 'AccessDenied' });
  await expect(sendRaw({ ConfigurationSetName: 'mailings' })).rejects.toThrow(
    /role LettersRole is not authorized to perform: ses:SendRawEmail on resource: .*configuration-set\/mailings/,
  );
  const from = (client: SESClient, Source: string, ConfigurationSetName = 'service') =>
    client.send(
      new SendEmailCommand({
        Source,
        ConfigurationSetName,
        Destination: { ToAddresses: ['a@client.example'] },
        Message: { Subject: { Data: 'Тема' }, Body: { Html: { Data: '<b>Да</b>' } } },
      }),
    );
  await expect(from(v1(), 'sales@firm.example')).rejects.toThrow(/ses:SendEmail on resource: .*identity\/firm.example/);
  const root = v1('local-root');
  await expect(from(root, 'me@other.example')).rejects.toMatchObject({ name: 'MessageRejected' });
  await expect(from(root, 'me@firm.example', 'none')).rejects.toMatchObject({
    name: 'ConfigurationSetDoesNotExistException',
  });
  const templated = { Source: 'a', Destination: {}, Template: 't', TemplateData: '{}' };
  await expect(root.send(new SendTemplatedEmailCommand(templated))).rejects.toMatchObject({ name: 'InvalidAction' });
  expect(mail.inbox.list()).toEqual([]);
  await from(root, 'me@firm.example');
  expect((await mail.inbox.read(mail.inbox.list()[0]?.id ?? ''))?.html).toContain('<b>Да</b>');
});

it('counts the letters of the last day in its quota', async () => {
  await sendRaw();
  const root = v1('local-root');
  expect(await root.send(new GetSendQuotaCommand({}))).toMatchObject({ Max24HourSend: 50_000, SentLast24Hours: 1 });
  clock.moveTo(clock.now() + 86_400_001);
  const { SendQuota, SendingEnabled } = await v2().send(new GetAccountCommand({}));
  expect([SendingEnabled, SendQuota?.SentLast24Hours]).toEqual([true, 0]);
});

it('keeps letters over a restart, and tells then what a kill left untold', async () => {
  invokeAsync.mockRejectedValueOnce(new Error('killed before it was stored'));
  await sendRaw();
  await vi.waitFor(() => expect(mail.pending()).toBe(0));
  expect(invokeAsync).toHaveBeenCalledTimes(1);
  await mail.stop();
  mail = await start();
  expect(mail.inbox.list()).toHaveLength(1);
  expect(published().map(({ eventType }) => eventType)).toEqual(['Send', 'Send', 'Delivery']);
});
