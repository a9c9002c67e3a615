import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, it, vi } from 'vitest';
import { useSecret } from '#shared/aws/secret.ts';
import { marker } from '#shared/feed/feed.ts';
import { retryLost } from '#shared/feed/lost.ts';
import { log } from '#shared/log.ts';
import { getMany } from '#shared/table/read.ts';
import { systemNow } from '#shared/time.ts';
import { anEvent } from '#test/support/event.ts';
import { NOW } from '#test/support/note.ts';
import { freshTable } from '#test/support/table.ts';

useSecret('the secret of the test');
process.env['BUS_NAME'] = 'main';
process.env['FAILURES_BUCKET'] = 'failures';
const bus = mockClient(EventBridgeClient);
const files = mockClient(S3Client);

/** What lies in the bucket, as AWS would have left it there. */
function left(records: Readonly<Record<string, string>>): void {
  files.on(ListObjectsV2Command).resolves({ Contents: Object.keys(records).map((Key) => ({ Key })) });
  for (const [Key, text] of Object.entries(records)) {
    const Body = { transformToString: async () => text } as never;
    files.on(GetObjectCommand, { Key }).resolves({ Body });
  }
  files.on(DeleteObjectCommand).resolves({});
}
const ofBus = (detail: unknown): string => JSON.stringify({ requestPayload: { detail } });
const removed = () => files.commandCalls(DeleteObjectCommand).map(({ args }) => args[0].input.Key);

beforeEach(async () => {
  await freshTable();
  files.reset();
  bus.reset();
  bus.on(PutEventsCommand).resolves({ FailedEntryCount: 0 });
});

it('tries again what was given up behind records that nobody can read, and leaves those to a person', async () => {
  const event = anEvent();
  const broken = { NewImage: { pk: { S: 'EVENT#1' }, sk: { S: 'R1' }, by: { S: 'nobody' } } };
  const said = vi.spyOn(log(), 'error').mockImplementation(() => undefined);
  left({
    'a-torn': '{"requestPayload":',
    'b-broken': JSON.stringify({ payload: JSON.stringify({ Records: [{ eventName: 'INSERT', dynamodb: broken }] }) }),
    'c-other': JSON.stringify({ requestPayload: { something: 'else' } }),
    'd-event': ofBus(event),
  });
  expect(await retryLost(NOW, systemNow() + 20_000)).toEqual({ again: 1, left: 3 });
  expect(removed()).toEqual(['d-event']);
  expect((await getMany(marker, [{ eventId: event.id }])).length).toBe(1);
  expect(said.mock.calls.length).toBe(3);
});

it('keeps what the bus does not take for the next time, and fails at the end so that somebody hears of it', async () => {
  const [one, other] = [anEvent(), anEvent()];
  bus.on(PutEventsCommand).rejectsOnce(new Error('no bus')).resolves({ FailedEntryCount: 0 });
  left({ one: ofBus(one), other: ofBus(other) });
  await expect(retryLost(NOW, systemNow() + 20_000)).rejects.toThrow('1 failures failed again: Error: no bus');
  expect(removed()).toEqual(['other']);
});

it('forgets calls of the clock: the next one did their work', async () => {
  left({
    clock: JSON.stringify({ requestPayload: { sweep: true } }),
    night: JSON.stringify({ requestPayload: { pull: 'suppression' } }),
  });
  expect(await retryLost(NOW, systemNow() + 20_000)).toEqual({ again: 0, left: 0 });
  expect(removed()).toEqual(['clock', 'night']);
});

it('tells an event that keeps failing twenty times, then leaves it to a person', async () => {
  const said = vi.spyOn(log(), 'error').mockImplementation(() => undefined);
  const event = anEvent();
  left({ often: ofBus({ ...event, tries: 19 }) });
  expect(await retryLost(NOW, systemNow() + 20_000)).toEqual({ again: 1, left: 0 });
  const [told] = bus.commandCalls(PutEventsCommand);
  expect(JSON.parse(told?.args[0].input.Entries?.[0]?.Detail ?? '{}')).toMatchObject({ id: event.id, tries: 20 });
  left({ often: ofBus({ ...event, tries: 20 }) });
  expect(await retryLost(NOW, systemNow() + 20_000)).toEqual({ again: 0, left: 1 });
  expect(said.mock.calls.length).toBe(1);
});
