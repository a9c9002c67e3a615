import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { tell } from '#shared/aws/bus.ts';
import type { Event } from '#shared/events.ts';
import { anEvent } from '#test/support/event.ts';

process.env['AWS_REGION'] = 'us-east-1';
const mock = mockClient(EventBridgeClient);
beforeEach(() => {
  mock.reset();
  process.env['BUS_NAME'] = 'main';
});

const event = (id: string, change: Partial<Event> = {}): Event => anEvent(id, 1, { id, ...change });
const many = (count: number, change: Partial<Event> = {}) =>
  Array.from({ length: count }, (_, at) => event(`e${at}`, change));
const large = (bytes: number) => ({ changes: [{ field: 'text', from: 'я'.repeat(bytes / 2), to: 'b' }] });

/** The ids of the events in each call that was made. */
const told = (): string[][] =>
  mock
    .commandCalls(PutEventsCommand)
    .map(({ args }) => (args[0].input.Entries ?? []).map(({ Detail }) => (JSON.parse(Detail ?? '') as Event).id));
const taking = (...failed: number[]) => ({
  FailedEntryCount: failed.length,
  Entries: Array.from({ length: 10 }, (_, at) =>
    failed.includes(at) ? { ErrorCode: 'ThrottlingException' } : { EventId: `x${at}` },
  ),
});

describe('telling the bus', () => {
  it('says of each event its type, and everything it holds', async () => {
    mock.on(PutEventsCommand).resolves(taking());
    await tell([event('e0')]);
    const entry = mock.commandCalls(PutEventsCommand)[0]?.args[0].input.Entries?.[0];
    expect(entry).toMatchObject({ EventBusName: 'main', Source: 'sdelka', DetailType: 'note.changed' });
    expect(JSON.parse(entry?.Detail ?? '')).toEqual(event('e0'));
  });

  it('takes ten at a time, in order', async () => {
    mock.on(PutEventsCommand).resolves(taking());
    await tell(many(23));
    expect(told().map((ids) => ids.length)).toEqual([10, 10, 3]);
    expect(told().flat()).toEqual(many(23).map(({ id }) => id));
  });

  it('calls nobody with nothing', async () => {
    await tell([]);
    expect(told()).toEqual([]);
  });

  it('never sends more than 256 kB in one call, measured in bytes', async () => {
    mock.on(PutEventsCommand).resolves(taking());
    await tell(many(10, large(60_000)));
    const sizes = mock
      .commandCalls(PutEventsCommand)
      .map(({ args }) =>
        (args[0].input.Entries ?? []).reduce((all, { Detail = '' }) => all + Buffer.byteLength(Detail), 0),
      );
    expect(sizes.length).toBeGreaterThan(1);
    expect(sizes.filter((size) => size > 256 * 1024)).toEqual([]);
    expect(told().flat()).toEqual(many(10).map(({ id }) => id));
  });

  it('leaves a difference that would not fit to the feed', async () => {
    mock.on(PutEventsCommand).resolves(taking());
    await tell([event('e0', { ...large(300_000), data: { why: 'kept' } })]);
    const detail = mock.commandCalls(PutEventsCommand)[0]?.args[0].input.Entries?.[0]?.Detail ?? '';
    expect(JSON.parse(detail)).toMatchObject({ id: 'e0', data: { why: 'kept' }, changes: [] });
  });

  it('tells again only what was not taken', async () => {
    mock.on(PutEventsCommand).resolvesOnce(taking(1, 4)).resolvesOnce(taking(1)).resolves(taking());
    await tell(many(6));
    expect(told()).toEqual([['e0', 'e1', 'e2', 'e3', 'e4', 'e5'], ['e1', 'e4'], ['e4']]);
  });

  it('fails as a whole when something is never taken, and says why', async () => {
    mock.on(PutEventsCommand).resolves(taking(0));
    await expect(tell(many(2))).rejects.toThrow('The bus did not take 1 events: ThrottlingException');
    expect(told()).toEqual([['e0', 'e1'], ['e0'], ['e0'], ['e0']]);
  });

  it('fails when the bus cannot be called', async () => {
    mock.on(PutEventsCommand).rejects(new Error('socket hang up'));
    await expect(tell(many(1))).rejects.toThrow('socket hang up');
  });

  it('says which setting is missing', async () => {
    delete process.env['BUS_NAME'];
    await expect(tell(many(1))).rejects.toThrow('BUS_NAME is not set');
  });
});
