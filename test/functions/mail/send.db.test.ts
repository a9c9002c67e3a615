import { GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { SendRawEmailCommand, SESClient } from '@aws-sdk/client-ses';
import { mockClient } from 'aws-sdk-client-mock';
import { simpleParser } from 'mailparser';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { send } from '#functions/mail/send.ts';
import { letters } from '#functions/mail/store.ts';
import { derivedKey, useSecret } from '#shared/aws/secret.ts';
import { decisionUrl } from '#shared/decision-link.ts';
import { asEvent, events } from '#shared/events.ts';
import { table, tableName } from '#shared/table/client.ts';
import { list, listWhole, need } from '#shared/table/read.ts';
import { addTo } from '#shared/time.ts';
import { queuedLetter } from '#test/support/letter.ts';
import { context, NOW } from '#test/support/note.ts';
import { freshTable } from '#test/support/table.ts';

process.env['POWERTOOLS_LOG_LEVEL'] = 'SILENT';
const ses = mockClient(SESClient);
beforeAll(async () => {
  await freshTable();
  useSecret('the secret of the test');
  Object.assign(process.env, {
    SENDER: 'sales@firm.example',
    CONFIGURATION_SET: 'plain',
    BASE_URL: 'https://firm.example',
  });
});
beforeEach(() => {
  ses.reset();
  ses.on(SendRawEmailCommand).resolves({ MessageId: 'ses-1' });
});

const sending = (id: string, now = NOW) => send(id, now, context());
const stateOf = async (id: string) => need(letters, { id });
const calls = () => ses.commandCalls(SendRawEmailCommand).map(({ args }) => args[0].input);
const eventsOf = async (recordId: string) =>
  (await list(events, 'item', { recordId }, { consistent: true })).items.map(asEvent);
/** An error as the SDK throws it: `status` where SES answered. */
const failure = (name: string, status?: number, message = 'no') =>
  Object.assign(new Error(message), { name, $metadata: { ...(status !== undefined && { httpStatusCode: status }) } });
const minutes = (count: number) => addTo(NOW, { minutes: count });

describe('a letter that waits', () => {
  it('is sent, marked with the id SES gave it, told of, and leaves the queue', async () => {
    const { id, to } = await queuedLetter();
    expect(await sending(id)).toBe('sent');
    const [call] = calls();
    expect(call).toMatchObject({
      Source: 'sales@firm.example',
      Destinations: [to.email],
      ConfigurationSetName: 'plain',
    });
    const mail = await simpleParser(Buffer.from(call?.RawMessage?.Data ?? ''));
    expect([mail.subject, mail.text?.trim()]).toEqual(['Здравствуйте', 'Здравствуйте']);
    expect(mail.headers.get('x-ses-message-tags')).toContain(`letter=${id}`);
    const letter = await stateOf(id);
    expect(letter).toMatchObject({ state: 'sent', sentAt: NOW, messageId: 'ses-1', version: 2 });
    const { Item } = await table().send(
      new GetCommand({ TableName: tableName(), Key: letters.key({ id }), ConsistentRead: true }),
    );
    expect(Object.keys(Item ?? {}).filter((name) => /lease|gsi3|dueAt/.test(name))).toEqual([]);
    expect((await eventsOf(id)).map(({ type, data }) => [type, data])).toEqual([
      ['letter.sent', { purpose: 'welcome' }],
    ]);
  });

  it('is sent once of five that try at the same time', async () => {
    const { id } = await queuedLetter();
    const results = await Promise.all(Array.from({ length: 5 }, () => sending(id)));
    expect(results.toSorted()).toEqual(['nothing', 'nothing', 'nothing', 'nothing', 'sent']);
    expect(calls()).toHaveLength(1);
  });

  it('is not sent before it is due, and a sent one never again', async () => {
    const { id } = await queuedLetter({ dueAt: minutes(5) });
    expect(await sending(id, minutes(4))).toBe('nothing');
    expect(await sending(id, minutes(5))).toBe('sent');
    expect(await sending(id, minutes(60))).toBe('nothing');
    expect(calls()).toHaveLength(1);
  });

  it('is nothing when there is none', async () => {
    expect(await sending('letter_none')).toBe('nothing');
  });

  it('gets the link that decides only on its way out: it stands nowhere in the table', async () => {
    const decision = { approvalId: 'approval_1', approverId: 'user_1', round: 2 };
    const { Placeholder, renderLetter } = await import('#shared/templates.ts');
    const rendered = renderLetter(
      { subject: 'Decide', html: '<a href="{{ link.decision | safe_url }}">here</a>' },
      { link: { decision: new Placeholder('decision') } },
      { locale: 'en', zone: 'UTC' },
    );
    if (!rendered.ok) throw new Error(rendered.error);
    const { subject, html, text } = rendered;
    const { id } = await queuedLetter({ decision, subject, html, text });
    await sending(id);
    const url = decisionUrl(derivedKey('decision-link'), decision);
    const mail = await simpleParser(Buffer.from(calls()[0]?.RawMessage?.Data ?? ''));
    expect(mail.html).toContain(url);
    expect(mail.text).toContain(url);
    expect(JSON.stringify([await stateOf(id), await eventsOf(id)])).not.toContain(url.split('/').at(-1));
  });
});

describe('a letter that SES does not take', () => {
  it.each([
    ['it refuses the letter', failure('MessageRejected', 400)],
    ['the sender is not ours', failure('MailFromDomainNotVerifiedException', 400)],
    ['the letter is wrong', failure('InvalidParameterValue', 400)],
  ])('is given up at once, with the reason, when %s', async (_, error) => {
    ses.on(SendRawEmailCommand).rejects(error);
    const { id } = await queuedLetter();
    expect(await sending(id)).toBe('not_sent');
    expect(await stateOf(id)).toMatchObject({ state: 'not_sent', reason: `${error.name}: no`, attempts: 1 });
    expect((await eventsOf(id)).map(({ type }) => type)).toEqual(['letter.not-sent']);
    expect(await sending(id, minutes(60))).toBe('nothing');
  });

  it('waits longer each time SES is busy, and goes out when it is not', async () => {
    ses
      .on(SendRawEmailCommand)
      .rejectsOnce(failure('Throttling', 400))
      .rejectsOnce(failure('LimitExceededException', 400))
      .resolves({ MessageId: 'ses-2' });
    const { id } = await queuedLetter();
    expect(await sending(id)).toBe('waits');
    expect(await stateOf(id)).toMatchObject({ state: 'queued', attempts: 1, dueAt: minutes(1) });
    expect(await sending(id, addTo(NOW, { seconds: 59 }))).toBe('nothing');
    expect(await sending(id, minutes(1))).toBe('waits');
    expect(await stateOf(id)).toMatchObject({ attempts: 2, dueAt: minutes(3) });
    expect(await sending(id, minutes(3))).toBe('sent');
    expect(calls()).toHaveLength(3);
  });

  it('is given up after eight failures and says why', async () => {
    ses.on(SendRawEmailCommand).rejects(failure('Throttling', 400));
    const { id } = await queuedLetter({ attempts: 7 });
    expect(await sending(id)).toBe('not_sent');
    expect(await stateOf(id)).toMatchObject({ state: 'not_sent', attempts: 8, reason: 'Throttling: no' });
  });

  it('waits when the function lacks its sender: nobody was called', async () => {
    delete process.env['SENDER'];
    const { id } = await queuedLetter();
    expect(await sending(id)).toBe('waits');
    process.env['SENDER'] = 'sales@firm.example';
    expect(await stateOf(id)).toMatchObject({ state: 'queued', attempts: 1, dueAt: minutes(1) });
  });
});

it('tells of a refusal without the address, which would stand in the history for ever', async () => {
  const { id, to } = await queuedLetter();
  ses.on(SendRawEmailCommand).rejects(failure('MessageRejected', 400, `Not verified: <${to.email}>, "${to.email}"`));
  expect(await sending(id)).toBe('not_sent');
  expect((await stateOf(id)).reason).toBe('MessageRejected: Not verified: <…@…>, "…@…"');
  expect(JSON.stringify(await eventsOf(id))).not.toContain(to.email);
});

it('stands in the queue at the time it is due, behind letters that are due before it', async () => {
  const shard = 'of this test';
  ses.on(SendRawEmailCommand).rejectsOnce(failure('Throttling', 400)).rejectsOnce(failure('TimeoutError'));
  const waiting = [await queuedLetter({ shard }), await queuedLetter({ shard }), await queuedLetter({ shard })];
  for (const { id } of waiting.slice(0, 2)) await sending(id);
  const { items } = await listWhole(letters, 'gsi3', { priority: '0', shard });
  expect(items.map(({ id }) => id)).toEqual([waiting[2]?.id, waiting[0]?.id, waiting[1]?.id]);
});

describe('a letter of which nobody knows whether it was sent', () => {
  it.each([
    ['SES never answered', failure('TimeoutError')],
    ['SES broke while it answered', failure('InternalFailure', 500)],
  ])('keeps its lease for ten minutes, and is sent again then: %s', async (_, error) => {
    ses.on(SendRawEmailCommand).rejectsOnce(error).resolves({ MessageId: 'ses-2' });
    const { id } = await queuedLetter();
    expect(await sending(id)).toBe('waits');
    expect(await stateOf(id)).toMatchObject({ state: 'sending', attempts: 1, leaseUntil: minutes(10) });
    expect((await stateOf(id)).reason).toBe(`Perhaps sent: ${error.name}: no`);
    expect(await sending(id, minutes(10))).toBe('nothing');
    expect(await sending(id, addTo(NOW, { minutes: 10, seconds: 1 }))).toBe('sent');
    const { state, messageId, reason } = await stateOf(id);
    expect({ state, messageId, reason }).toEqual({ state: 'sent', messageId: 'ses-2', reason: undefined });
  });

  it('is given up after eight such failures', async () => {
    ses.on(SendRawEmailCommand).rejects(failure('TimeoutError'));
    const { id } = await queuedLetter({ attempts: 7 });
    expect(await sending(id)).toBe('not_sent');
  });

  it('is not sent again at once when SES took it and only the mark failed', async () => {
    const { id } = await queuedLetter();
    const real = table().send.bind(table());
    const away = vi.spyOn(table(), 'send').mockImplementation((async (command: object) => {
      if (command instanceof TransactWriteCommand) throw new Error('the table is away');
      return real(command as never);
    }) as never);
    await expect(sending(id)).rejects.toThrow('the table is away');
    away.mockRestore();
    expect(await stateOf(id)).toMatchObject({ state: 'sending', attempts: 0, leaseUntil: minutes(10) });
    expect(await sending(id, minutes(5))).toBe('nothing');
    expect(calls()).toHaveLength(1);
  });

  it('is sent again by somebody else when its sender was lost, and the lost one marks nothing', async () => {
    const { id } = await queuedLetter({ state: 'sending', lease: 'lost', leaseUntil: minutes(10), dueAt: minutes(10) });
    expect(await sending(id, minutes(10))).toBe('nothing');
    expect(await sending(id, minutes(11))).toBe('sent');
    expect(calls()).toHaveLength(1);
  });
});
