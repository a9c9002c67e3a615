import { Metrics } from '@aws-lambda-powertools/metrics';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { useSecret } from '#shared/aws/secret.ts';
import type { Event } from '#shared/events.ts';
import { append } from '#shared/feed/append.ts';
import { marker } from '#shared/feed/feed.ts';
import { relay } from '#shared/feed/relay.ts';
import { sweepEvents } from '#shared/feed/sweep.ts';
import { log } from '#shared/log.ts';
import { getMany } from '#shared/table/read.ts';
import { systemNow } from '#shared/time.ts';
import { anEvent, itemOf, written } from '#test/support/event.ts';
import { aNote, NOW, notes } from '#test/support/note.ts';
import { freshTable } from '#test/support/table.ts';
import { transact } from '#shared/table/transact.ts';
import { putItem } from '#shared/table/write.ts';

useSecret('the secret of the test');
process.env['BUS_NAME'] = 'main';
const bus = mockClient(EventBridgeClient);
beforeEach(async () => {
  await freshTable();
  bus.reset();
  bus.on(PutEventsCommand).resolves({ FailedEntryCount: 0 });
});

const lambda = { getRemainingTimeInMillis: () => 20_000 };
const record = (event: Event, eventName: 'INSERT' | 'MODIFY' | 'REMOVE' = 'INSERT'): DynamoDBRecord => {
  const image = marshall(itemOf(event).put.Item, { removeUndefinedValues: true });
  const Keys = { pk: image['pk'], sk: image['sk'] };
  return { eventName, dynamodb: { Keys, ...(eventName !== 'REMOVE' && { NewImage: image }) } } as DynamoDBRecord;
};
const toldOf = (): Event[] =>
  bus
    .commandCalls(PutEventsCommand)
    .flatMap(({ args }) => (args[0].input.Entries ?? []).map(({ Detail }) => JSON.parse(Detail ?? '') as Event));
const told = (): string[] => toldOf().map(({ id }) => id);
const fed = async (all: readonly Event[]) =>
  (
    await getMany(
      marker,
      all.map(({ id }) => ({ eventId: id })),
    )
  ).map(({ eventId }) => eventId);

describe('the relay', () => {
  it('gives each new event its place, and tells the bus of it as it is', async () => {
    const all = [anEvent(undefined, 1, { storyId: 'story_1' }), anEvent()];
    await relay({ Records: all.map((event) => record(event)) }, lambda);
    expect(await fed(all)).toEqual(all.map(({ id }) => id));
    expect(toldOf()).toEqual(all);
  });

  it('tells again what has its place already: nobody knows whether the bus heard of it', async () => {
    const event = anEvent();
    await relay({ Records: [record(event)] }, lambda);
    await relay({ Records: [record(event)] }, lambda);
    expect(told()).toEqual([event.id, event.id]);
  });

  it('raises an alarm when an event is changed or removed, and passes on only what is new', async () => {
    const alarm = vi.spyOn(log(), 'error').mockImplementation(() => {});
    const metric = vi.spyOn(Metrics.prototype, 'addMetric');
    const [good, changed, removed] = [anEvent(), anEvent(), anEvent()];
    await relay({ Records: [record(changed, 'MODIFY'), record(good), record(removed, 'REMOVE')] }, lambda);
    expect(told()).toEqual([good.id]);
    expect(await fed([changed, good, removed])).toEqual([good.id]);
    expect(alarm.mock.calls.map(([, more]) => more)).toEqual([
      { eventName: 'MODIFY', key: `EVENT#${changed.recordId}` },
      { eventName: 'REMOVE', key: `EVENT#${removed.recordId}` },
    ]);
    expect(metric.mock.calls.map(([name, , value]) => [name, value])).toEqual([
      ['EventsTamperedWith', 1],
      ['EventsTamperedWith', 1],
    ]);
  });

  it('fails, so that the batch is repeated, when the bus does not take an event that has its place', async () => {
    bus.on(PutEventsCommand).rejects(new Error('no bus'));
    const event = anEvent();
    await expect(relay({ Records: [record(event)] }, lambda)).rejects.toThrow('no bus');
    expect(await fed([event])).toEqual([event.id]);
  });

  it('does nothing with nothing', async () => {
    await relay({ Records: [] }, lambda);
    expect(told()).toEqual([]);
  });
});

describe('the sweep', () => {
  const later = '2026-11-23T10:10:00.001Z';
  const sweep = (now = later, hasTime = () => true) => sweepEvents(now, hasTime, systemNow() + 20_000);

  it('feeds and tells what lies in the table without a place, and only that', async () => {
    const [lost, known] = [anEvent(), anEvent()];
    await written([lost, known]);
    await append([known], NOW, systemNow() + 20_000);
    await transact([putItem(notes.create(aNote()).put)]);
    expect(await sweep()).toEqual({ found: 1, done: true });
    expect(told()).toEqual([lost.id]);
    expect(await fed([lost])).toEqual([lost.id]);
    expect(await sweep()).toEqual({ found: 0, done: true });
  });

  it('leaves what may be on its way still', async () => {
    await written([anEvent()]);
    expect(await sweep('2026-11-23T10:09:59.999Z')).toEqual({ found: 0, done: true });
    expect(await sweep()).toEqual({ found: 1, done: true });
  });

  it('goes on next time where its time ran out, and finds everything in the end', async () => {
    // A page of a scan is 1 MB: three of these are more.
    const all = Array.from({ length: 40 }, () => anEvent(undefined, 1, { data: { text: 'x'.repeat(60_000) } }));
    for (let at = 0; at < all.length; at += 10) await written(all.slice(at, at + 10));
    const results = [];
    do results.push(await sweep(later, () => false));
    while (results.at(-1)?.done === false && results.length < 10);
    expect(results.length).toBeGreaterThan(2);
    expect(results.reduce((sum, { found }) => sum + found, 0)).toBe(40);
    expect(told().toSorted()).toEqual(all.map(({ id }) => id).toSorted());
    expect(await sweep()).toEqual({ found: 0, done: true });
  });

  it('fails when the bus does not take what it found, and tells of it the next time', async () => {
    const event = anEvent();
    await written([event]);
    bus.on(PutEventsCommand).rejects(new Error('no bus'));
    await expect(sweep()).rejects.toThrow('no bus');
    bus.on(PutEventsCommand).resolves({ FailedEntryCount: 0 });
    bus.resetHistory();
    expect(await sweep()).toEqual({ found: 1, done: true });
    expect(told()).toEqual([event.id]);
    expect(await fed([event])).toEqual([event.id]);
  });

  it('passes over an event that cannot be read, says so, and finds the others', async () => {
    const [broken, lost] = [anEvent(), anEvent()];
    await written([lost]);
    const { put } = itemOf(broken);
    await transact([putItem({ ...put, Item: { ...put.Item, by: 'nobody' } })]);
    const said = vi.spyOn(log(), 'error').mockImplementation(() => undefined);
    expect(await sweep()).toEqual({ found: 1, done: true });
    expect(told()).toEqual([lost.id]);
    expect(said.mock.calls.map(([text]) => text)).toEqual(['an event that cannot be read']);
  });
});
