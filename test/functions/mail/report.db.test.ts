import { beforeAll, describe, expect, it } from 'vitest';
import { note, SesReport } from '#functions/mail/report.ts';
import { queueLetter } from '#functions/mail/queue.ts';
import { addresses, letters } from '#functions/mail/store.ts';
import { asEvent, events } from '#shared/events.ts';
import { get, list, need, reader } from '#shared/table/read.ts';
import { queuedLetter } from '#test/support/letter.ts';
import { context, freshId, NOW } from '#test/support/note.ts';
import { freshTable } from '#test/support/table.ts';

process.env['POWERTOOLS_LOG_LEVEL'] = 'SILENT';
beforeAll(async () => {
  await freshTable();
});

type Kind = 'Send' | 'Delivery' | 'Bounce' | 'Complaint' | 'Reject' | 'Open';
const bounce = (bounceType: string) => ({ bounce: { bounceType, bounceSubType: 'General' } });
const reporting = async (id: string, eventType: Kind, more: object = {}) =>
  note(
    SesReport.parse({ eventType, mail: { messageId: 'ses-1', tags: { letter: [id] }, destination: [] }, ...more }),
    context(),
  );
const after = async (reports: readonly [Kind, object?][], change: Parameters<typeof queuedLetter>[0] = {}) => {
  const { id, to } = await queuedLetter({ state: 'sent', sentAt: NOW, ...change });
  for (const [kind, more] of reports) await reporting(id, kind, more);
  const told = (await list(events, 'item', { recordId: id }, { consistent: true })).items.map(asEvent);
  return {
    id,
    email: to.email,
    letter: await need(letters, { id }),
    stopped: (await get(addresses, { email: to.email }))?.why,
    told: told.map(({ data }) => data['report']),
  };
};

describe('what SES reports', () => {
  it.each([
    ['delivered', [['Send'], ['Delivery']], 'delivered', undefined, ['delivered']],
    ['delivered, said before it was sent', [['Delivery'], ['Send']], 'delivered', undefined, ['delivered']],
    ['a complaint before the delivery', [['Complaint'], ['Delivery']], 'complained', 'complained', ['complained']],
    ['a complaint after it', [['Delivery'], ['Complaint']], 'complained', 'complained', ['delivered', 'complained']],
    ['a hard bounce', [['Bounce', bounce('Permanent')]], 'bounced', 'bounced', ['bounced']],
    ['a bounce of unknown kind', [['Bounce', bounce('Undetermined')]], 'bounced', 'bounced', ['bounced']],
    ['a full mailbox', [['Bounce', bounce('Transient')]], 'sent', undefined, []],
    ['a letter that SES found harmful', [['Reject']], 'bounced', undefined, ['bounced']],
    [
      'a full mailbox, and then delivered',
      [['Bounce', bounce('Transient')], ['Delivery']],
      'delivered',
      undefined,
      ['delivered'],
    ],
    ['the same thing three times', [['Delivery'], ['Delivery'], ['Delivery']], 'delivered', undefined, ['delivered']],
    [
      'a bounce twice',
      [
        ['Bounce', bounce('Permanent')],
        ['Bounce', bounce('Permanent')],
      ],
      'bounced',
      'bounced',
      ['bounced'],
    ],
    ['something we do not ask about', [['Open']], 'sent', undefined, []],
  ] as const)('in whatever order, once: %s', async (_, reports, state, why, said) => {
    const { letter, stopped, told } = await after(reports as never);
    expect([letter.state, stopped, told]).toEqual([state, why, said]);
  });

  it('settles a letter whose sender was lost, so that nobody sends it again', async () => {
    const lost = { state: 'sending', lease: 'lost', leaseUntil: NOW, sentAt: undefined } as const;
    const { letter } = await after([['Send']], lost);
    expect(letter).toMatchObject({ state: 'sent', messageId: 'ses-1', sentAt: NOW, version: 2 });
    expect([letter.lease, letter.leaseUntil, letter.dueAt, letter.priority]).toEqual(Array(4).fill(undefined));
  });

  it('says with the letter why it bounced', async () => {
    expect((await after([['Bounce', bounce('Permanent')]])).letter.reason).toBe('Permanent General');
  });

  it('is not refused when it is of a letter that is not ours, or of none', async () => {
    await reporting('letter_none', 'Delivery');
    await note(SesReport.parse({ eventType: 'Delivery', mail: { messageId: 'x' } }), context());
    expect(await get(letters, { id: 'letter_none' })).toBeUndefined();
  });

  it('is noted once when it comes four times at the same moment', async () => {
    const { id } = await queuedLetter({ state: 'sent' });
    await Promise.all(Array.from({ length: 4 }, () => reporting(id, 'Bounce', bounce('Permanent'))));
    expect(await need(letters, { id })).toMatchObject({ state: 'bounced', version: 2 });
  });
});

it('queues no further letter to an address that bounced: it has a row that says why', async () => {
  const { email } = await after([['Bounce', bounce('Permanent')]]);
  const { writes, events: told } = await queueLetter(reader, {
    purpose: 'welcome',
    cause: freshId(),
    recordId: 'lead_1',
    storyId: undefined,
    to: { email },
    locale: 'ru',
    template: 'welcome',
    values: {},
    now: NOW,
    requestId: 'request-1',
  });
  expect(writes.map(({ after: item }) => [item['state'], item['reason'], item['dueAt']])).toEqual([
    ['not_sent', 'The address gets no letters: bounced on 2026-11-23.', undefined],
  ]);
  expect(told.map(({ type }) => type)).toEqual(['letter.not-sent']);
});
