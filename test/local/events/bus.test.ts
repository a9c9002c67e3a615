import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { expect, onTestFinished, test } from 'vitest';
import type { Rule } from '#local/events/bus.ts';
import { startEvents, type EventsOptions } from '#local/events/start.ts';
import { targetInput } from '#local/events/target-input.ts';
import { eventsOf } from '#local/events/template.ts';
import { openDeadLetters } from '#local/lambda/dead-letter.ts';
import { functionOf, grants, lambdaOf, memoryDb, noFaults, stillClock } from '../lambda/world.ts';

const FN = 'arn:aws:lambda:us-east-1:000000000000:function:app-events';
const BUS = 'arn:aws:events:us-east-1:000000000000:event-bus/sales';

const resource = (id: string, type: string, props: Record<string, unknown>, arn = `arn:${id}`) => ({
  id,
  type,
  name: id,
  arn,
  props,
});

function ruleOf(pattern: unknown, target: Record<string, unknown> = {}): Rule {
  const props = { EventBusName: 'sales', EventPattern: pattern, Targets: [{ Id: 'T', Arn: FN, ...target }] };
  const [rule] = eventsOf([resource('deals', 'AWS::Events::Rule', props)], 0).rules;
  if (!rule) throw new Error('the rule was not read');
  return rule;
}

async function bus(options: Partial<EventsOptions> = {}) {
  const sent: { fn: string; event: Record<string, unknown>; from: string }[] = [];
  const { authorize, asked } = grants(`relayRole events:PutEvents ${BUS}`);
  const events = await startEvents({
    db: memoryDb(),
    clock: stillClock(),
    log: () => undefined,
    rules: [ruleOf({ 'detail-type': [{ prefix: 'deal.' }] })],
    buses: ['sales'],
    invokeAsync: (fn, event, from) => {
      sent.push({ fn, event: event as Record<string, unknown>, from });
      return 'id';
    },
    authorize,
    faults: noFaults,
    crash: () => undefined,
    ...options,
  });
  const credentials = { accessKeyId: 'relayRole.w-1', secretAccessKey: 'x' };
  const client = new EventBridgeClient({ endpoint: events.url, region: 'us-east-1', credentials, maxAttempts: 1 });
  onTestFinished(async () => {
    client.destroy();
    await events.stop();
  });
  const put = (...entries: Partial<PutEventsRequestEntry>[]) =>
    client.send(new PutEventsCommand({ Entries: entries.map((entry) => Object.assign({}, ENTRY, entry)) }));
  return { put, sent, asked, events };
}
const ENTRY: PutEventsRequestEntry = {
  EventBusName: 'sales',
  Source: 'sdelka',
  DetailType: 'deal.won',
  Detail: '{"amount":7}',
};

test('an accepted event goes to the target of each rule that it matches, in AWS’s shape', async () => {
  const { put, sent, asked } = await bus();
  const answer = await put(
    { Time: new Date('2026-01-01T10:00:00Z') },
    { DetailType: 'lead.captured' },
    { EventBusName: BUS },
  );
  expect(answer.FailedEntryCount).toBe(0);
  expect(asked[0]).toBe(`relayRole events:PutEvents ${BUS}`);
  expect(sent.map(({ event }) => event['id'])).toEqual([answer.Entries?.[0]?.EventId, answer.Entries?.[2]?.EventId]);
  expect(sent[0]).toMatchObject({
    fn: FN,
    from: 'rule deals',
    event: {
      'detail-type': 'deal.won',
      source: 'sdelka',
      time: '2026-01-01T10:00:00Z',
      detail: { amount: 7 },
      resources: [],
    },
  });
  expect(sent[1]?.event['time']).toBe('2026-01-05T09:00:00Z');
});

test('entries fail one by one, and the others are accepted', async () => {
  const { put, sent } = await bus();
  const answer = await put({ Detail: '{' }, {}, { Detail: '[1]' }, { Source: '' }, { Source: 'aws.s3' });
  expect(answer.FailedEntryCount).toBe(4);
  expect(answer.Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
    'MalformedDetail',
    undefined,
    'MalformedDetail',
    'InvalidArgument',
    'NotAuthorizedForSource',
  ]);
  expect(sent).toHaveLength(1);
});

test('10 entries and 256 KiB are the limits of a call', async () => {
  const { put, sent } = await bus();
  await expect(put(...Array.from({ length: 11 }, () => ({})))).rejects.toMatchObject({ name: 'ValidationException' });
  const Detail = JSON.stringify({ text: 'я'.repeat(65_000) });
  await expect(put({ Detail }, { Detail }, { Detail })).rejects.toThrow('over the limit');
  expect(sent).toEqual([]);
  await expect(put({ Detail })).resolves.toMatchObject({ FailedEntryCount: 0 });
});

test('a bus that is not granted is refused, and a bus that does not exist fails its entry', async () => {
  const { put } = await bus();
  await expect(put({ EventBusName: 'other' })).rejects.toThrow('not granted');
  const open = await bus({ authorize: () => undefined });
  await expect(open.put({ EventBusName: 'other' })).resolves.toMatchObject({ FailedEntryCount: 1 });
});

test('what cannot be handed to a function becomes a dead letter', async () => {
  const db = memoryDb();
  const invokeAsync = (): never => {
    throw new Error('Function not found');
  };
  const { put } = await bus({ db, invokeAsync });
  await put({});
  expect(openDeadLetters(db).list()).toMatchObject([
    { service: 'events', from: 'deals', payload: { detail: { amount: 7 } } },
  ]);
});

test('an event lies in the queue of Lambda when PutEvents has answered', async () => {
  const db = memoryDb();
  const fn = functionOf('events', 'export const handler = async () => {}');
  const lambda = await lambdaOf({ functions: [fn], db });
  const { put } = await bus({ db, invokeAsync: lambda.invokeAsync });
  await put({});
  expect(lambda.pending()).toBe(1);
});

test('in rough weather some entries fail, the same ones for the same seed', async () => {
  const outcomes = async (): Promise<boolean[]> => {
    const { put } = await bus({ rough: { seed: 11 } });
    const results: boolean[] = [];
    for (let call = 0; call < 6; call += 1)
      results.push(
        ...((await put(...Array.from({ length: 10 }, () => ({})))).Entries ?? []).map(
          ({ ErrorCode }) => ErrorCode === 'InternalFailure',
        ),
      );
    return results;
  };
  const first = await outcomes();
  expect(new Set(first)).toEqual(new Set([true, false]));
  await expect(outcomes()).resolves.toEqual(first);
});

const event = {
  source: 'sdelka',
  time: '2026-01-01T00:00:00Z',
  detail: { name: 'A "quoted" one', lines: [{ sku: 'X' }], amount: 7 },
};

test.each([
  [{}, event],
  [{ Input: '{"fixed":true}' }, { fixed: true }],
  [{ InputPath: '$.detail.lines[0].sku' }, 'X'],
  [
    {
      InputTransformer: {
        InputPathsMap: { name: '$.detail.name', amount: '$.detail.amount', lines: '$.detail.lines' },
        InputTemplate:
          '{"text":"<name> for <amount>","name":<name>,"amount":<amount>,"lines":<lines>,"rule":"<aws.events.rule-name>"}',
      },
    },
    { text: 'A "quoted" one for 7', name: 'A "quoted" one', amount: 7, lines: [{ sku: 'X' }], rule: 'deals' },
  ],
  [{ InputTransformer: { InputTemplate: '"hello <absent>"' } }, 'hello '],
  [{ InputTransformer: { InputTemplate: '{"whole":<aws.events.event.json>}' } }, { whole: event }],
])('a target with %j gets its input', (target, input) => {
  expect(targetInput(target, event, { name: 'deals', arn: 'arn:deals' })).toEqual(input);
});

test('what the local bus cannot do is refused when the template is read', () => {
  expect(() => ruleOf({ source: [{ cidr: '10.0.0.0/8' }] })).toThrow(/deals.*cidr/);
  expect(() => ruleOf({ source: ['a'] }, { Arn: 'arn:aws:states:us-east-1:000000000000:stateMachine:m' })).toThrow(
    /deals.*Lambda/s,
  );
  expect(() => ruleOf({ source: ['a'] }, { SqsParameters: {} })).toThrow(/deals.*SqsParameters/s);
});
