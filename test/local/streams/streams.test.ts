import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test, vi } from 'vitest';
import { AccessDenied, FunctionError, type Invoke } from '#local/contract.ts';
import { compilePattern } from '#local/events/pattern.ts';
import { type DeadLetter, openDeadLetters } from '#local/lambda/dead-letter.ts';
import { type Mapping, mappingOf } from '#local/streams/mapping.ts';
import { startStreams, type Streams, type StreamsOptions } from '#local/streams/start.ts';
import { memoryDb, stillClock } from '../lambda/world.ts';
import { fakeStream } from './fake-stream.ts';

type Batch = { Records: { dynamodb: { Keys: { pk: { S: string } }; SequenceNumber: string } }[] };

const keysOf = (event: unknown): string[] => (event as Batch).Records.map(({ dynamodb }) => dynamodb.Keys.pk.S);

const MAPPING: Mapping = {
  id: 'Map',
  streamArn: 'arn:ddblocal',
  sourceArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/app/stream/1',
  fn: 'relay',
  batchSize: 10,
  windowMs: 0,
  retries: 2,
  bisect: false,
  partial: false,
  filters: [],
};

/** Streams over a fake stream; `batches` is what the function was called with, `handle` may fail or report. */
async function reading(
  options: {
    mapping?: Partial<Mapping>;
    handle?: (keys: string[], event: Batch) => unknown;
    db?: DatabaseSync;
  } & Partial<Pick<StreamsOptions, 'onFailure' | 'rough'>> = {},
  stream = fakeStream(),
) {
  const batches: string[][] = [];
  const db = options.db ?? memoryDb();
  const invoke: Invoke = async (_fn, event) => {
    batches.push(keysOf(event));
    return options.handle?.(keysOf(event), event as Batch);
  };
  const mappings = [{ ...MAPPING, ...options.mapping }];
  const { onFailure, rough } = options;
  const log = (): void => undefined;
  const common = { client: stream.client, mappings, clock: stillClock(), db, log, invoke, retryMs: 1, rough };
  const streams = startStreams({ ...common, ...(onFailure && { onFailure }) });
  onTestFinished(() => streams.stop());
  const put = (...keys: string[]): string[] => {
    const sequences = keys.map((key) => stream.put(key));
    streams.wrote();
    return sequences;
  };
  const deadLetters = (): DeadLetter[] => openDeadLetters(db).list();
  streams.resume();
  return { stream, streams, batches, put, deadLetters, db };
}

const idle = async (streams: Streams): Promise<void> => {
  await vi.waitFor(() => expect(streams.pending()).toBe(0), { timeout: 5000, interval: 2 });
};

test('records reach the function in order, in batches', async () => {
  const { streams, batches, put } = await reading({ mapping: { batchSize: 2 } });
  put('a', 'b', 'c');
  expect(streams.pending()).toBe(1);
  await idle(streams);
  expect(batches).toEqual([['a', 'b'], ['c']]);
});

test('a stream is pending from the write until a later poll found nothing', async () => {
  const held = Promise.withResolvers<void>();
  const { streams, put, stream } = await reading({ handle: () => held.promise });
  await idle(streams);
  put('a');
  expect(streams.pending()).toBe(1);
  const polls = stream.calls.records;
  await vi.waitFor(() => expect(stream.calls.records).toBeGreaterThan(polls));
  expect(streams.pending()).toBe(1);
  held.resolve();
  await idle(streams);
  expect(stream.calls.records).toBeGreaterThan(polls + 1);
});

test('an empty poll that began before a write proves nothing about it', async () => {
  const { streams, put, stream, batches } = await reading();
  await idle(streams);
  const held = Promise.withResolvers<void>();
  stream.hold(held.promise);
  const polls = stream.calls.records;
  await vi.waitFor(() => expect(stream.calls.records).toBe(polls + 1));
  put('a');
  const next = Promise.withResolvers<void>();
  stream.hold(next.promise);
  held.resolve();
  await vi.waitFor(() => expect(stream.calls.records).toBe(polls + 2));
  expect([streams.pending(), batches]).toEqual([1, []]);
  stream.hold(undefined);
  next.resolve();
  await idle(streams);
  expect(batches).toEqual([['a']]);
});

test('a window collects several writes into one call', async () => {
  const { streams, batches, put } = await reading({ mapping: { windowMs: 60 } });
  put('a');
  put('b');
  await new Promise((resolve) => setTimeout(resolve, 20));
  put('c');
  await idle(streams);
  expect(batches).toEqual([['a', 'b', 'c']]);
});

test('a record has the shape that Lambda gives it', async () => {
  let seen: unknown;
  const { streams, stream } = await reading({ handle: (_keys, event) => void (seen = event.Records) });
  const NewImage = {
    pk: { S: 'a' },
    bytes: { B: Buffer.from('hi') },
    list: { L: [{ BS: [Buffer.from('x')] }] },
    map: { M: { n: { N: '1' } } },
  };
  stream.put('a', {
    dynamodb: { Keys: { pk: { S: 'a' } }, NewImage, SequenceNumber: '7', ApproximateCreationDateTime: new Date(7900) },
  });
  stream.put('b', { eventName: 'UNKNOWN_TO_SDK_VERSION' as 'REMOVE' });
  streams.wrote();
  await idle(streams);
  expect(seen).toMatchObject([
    {
      eventSource: 'aws:dynamodb',
      eventSourceARN: MAPPING.sourceArn,
      eventName: 'INSERT',
      dynamodb: {
        ApproximateCreationDateTime: 7,
        NewImage: { bytes: { B: 'aGk=' }, list: { L: [{ BS: ['eA=='] }] }, map: { M: { n: { N: '1' } } } },
      },
    },
    { eventName: 'REMOVE', userIdentity: { principalId: 'dynamodb.amazonaws.com' } },
  ]);
});

test('only records that match a filter are handed over', async () => {
  const filter = compilePattern({ dynamodb: { Keys: { pk: { S: [{ prefix: 'EVENT#' }] } } } });
  const { streams, batches, put } = await reading({ mapping: { filters: [filter] } });
  put('DEAL#1', 'EVENT#1', 'LEAD#1');
  await idle(streams);
  expect(batches).toEqual([['EVENT#1']]);
});

test('a batch that fails is tried again until it works', async () => {
  let calls = 0;
  const handle = (): void => {
    calls += 1;
    if (calls < 3) throw new FunctionError('Error', 'not yet');
  };
  const { streams, batches, put, deadLetters } = await reading({ handle });
  put('a', 'b');
  await idle(streams);
  expect(batches).toEqual([
    ['a', 'b'],
    ['a', 'b'],
    ['a', 'b'],
  ]);
  expect(deadLetters()).toEqual([]);
});

test('bisecting finds the poison record, which goes whole to the bucket; the others are delivered', async () => {
  const sent: [string, Record<string, unknown>, string][] = [];
  const handle = (keys: string[]): void => {
    if (keys.includes('bad')) throw new FunctionError('TypeError', 'poison');
  };
  const { streams, batches, put, deadLetters } = await reading({
    handle,
    mapping: { bisect: true, retries: 1, onFailure: 'arn:aws:s3:::lost' },
    onFailure: async (destination, record, key) =>
      void sent.push([destination, record as Record<string, unknown>, key]),
  });
  const sequence = put('a', 'b', 'bad', 'c', 'd')[2];
  await idle(streams);
  const delivered = batches.filter((keys) => !keys.includes('bad')).flat();
  expect(delivered).toEqual(['a', 'b', 'c', 'd']);
  expect(batches.filter((keys) => keys.length === 1 && keys[0] === 'bad')).toHaveLength(2);
  expect(sent).toMatchObject([
    [
      'arn:aws:s3:::lost',
      {
        requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 2 },
        responseContext: { functionError: 'Unhandled' },
        DDBStreamBatchInfo: {
          shardId: 'shard-1',
          startSequenceNumber: sequence,
          endSequenceNumber: sequence,
          batchSize: 1,
        },
      },
      expect.stringMatching(/^aws\/lambda\/Map\/shard-1\/2026\/01\/05\//),
    ],
  ]);
  expect(keysOf(JSON.parse(String(sent[0]?.[1]['payload'])))).toEqual(['bad']);
  expect(deadLetters()).toMatchObject([{ service: 'streams', target: 'relay', destination: 'arn:aws:s3:::lost' }]);
});

test('a queue gets the positions of the lost records, not the records', async () => {
  const sent: unknown[] = [];
  const { streams, put } = await reading({
    handle: () => Promise.reject(new FunctionError('Error', 'no')),
    mapping: { retries: 0, onFailure: 'arn:aws:sqs:us-east-1:000000000000:lost' },
    onFailure: async (_destination, record) => void sent.push(record),
  });
  put('a');
  await idle(streams);
  expect(sent).toMatchObject([{ DDBStreamBatchInfo: { batchSize: 1 } }]);
  expect(sent[0]).not.toHaveProperty('payload');
});

test('a partial failure is retried from the earliest record it names', async () => {
  let failed = false;
  const handle = (_keys: string[], event: Batch): unknown => {
    if (failed) return { batchItemFailures: [] };
    failed = true;
    const named = event.Records.filter((_, at) => at === 3 || at === 1);
    return { batchItemFailures: named.map(({ dynamodb }) => ({ itemIdentifier: dynamodb.SequenceNumber })).reverse() };
  };
  const { streams, batches, put } = await reading({ handle, mapping: { partial: true } });
  put('a', 'b', 'c', 'd');
  await idle(streams);
  expect(batches).toEqual([
    ['a', 'b', 'c', 'd'],
    ['b', 'c', 'd'],
  ]);
});

test('a partial failure that names a record of no batch fails the whole batch', async () => {
  let calls = 0;
  const handle = (): unknown => ({ batchItemFailures: calls++ === 0 ? [{ itemIdentifier: 'nonsense' }] : [] });
  const { streams, batches, put } = await reading({ handle, mapping: { partial: true } });
  put('a', 'b');
  await idle(streams);
  expect(batches).toEqual([
    ['a', 'b'],
    ['a', 'b'],
  ]);
});

test('after a restart reading goes on behind the last delivered record', async () => {
  const stream = fakeStream();
  const db = memoryDb();
  const first = await reading({ db }, stream);
  first.put('a', 'b');
  await idle(first.streams);
  await first.streams.stop();
  stream.put('c');

  const second = await reading({ db }, stream);
  await idle(second.streams);
  expect(second.batches).toEqual([['c']]);
});

test('a batch that was not taken when the cloud stopped comes again after the restart', async () => {
  const stream = fakeStream();
  const db = memoryDb();
  const held = Promise.withResolvers<void>();
  const first = await reading({ db, mapping: { retries: 0 }, handle: () => held.promise }, stream);
  first.put('a');
  await vi.waitFor(() => expect(first.batches).toHaveLength(1));
  held.reject(new FunctionError('Runtime.Stopped', 'the local cloud is stopping'));
  await new Promise(setImmediate);
  await first.streams.stop();
  expect(first.deadLetters()).toEqual([]);

  const second = await reading({ db }, stream);
  await idle(second.streams);
  expect(second.batches).toEqual([['a']]);
});

test('errors of the stream and an expired iterator neither lose nor repeat records', async () => {
  const { streams, batches, put, stream } = await reading();
  put('a');
  await idle(streams);
  stream.fail('InternalServerError', 'ExpiredIteratorException', 'TimeoutError');
  put('b');
  await idle(streams);
  stream.fail('TrimmedDataAccessException');
  put('c');
  await idle(streams);
  expect(batches.flat()).toEqual(expect.arrayContaining(['a', 'b', 'c']));
  expect(batches.slice(0, 2)).toEqual([['a'], ['b']]);
});

test('a child shard waits until its parent is delivered', async () => {
  const stream = fakeStream();
  stream.put('a');
  stream.split();
  stream.put('b');
  const order: string[] = [];
  const handle = async (keys: string[]): Promise<void> => {
    order.push(`begin ${keys.join()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
    order.push(`end ${keys.join()}`);
  };
  const { streams } = await reading({ handle }, stream);
  await idle(streams);
  expect(order).toEqual(['begin a', 'end a', 'begin b', 'end b']);
});

test('when a shard splits, its child is read after it, also after a restart', async () => {
  const stream = fakeStream();
  const db = memoryDb();
  const first = await reading({ db }, stream);
  first.put('a');
  stream.split();
  first.put('b');
  await idle(first.streams);
  expect(first.batches).toEqual([['a'], ['b']]);
  await first.streams.stop();
  stream.forgetOldest();
  stream.split();
  stream.put('c');

  const second = await reading({ db }, stream);
  await idle(second.streams);
  expect(second.batches).toEqual([['c']]);
});

test('rough weather cuts batches and repeats some, but keeps the order and loses nothing', async () => {
  const { streams, batches, put } = await reading({ rough: { seed: 3 } });
  const keys = Array.from({ length: 40 }, (_, n) => `k${String(n).padStart(2, '0')}`);
  put(...keys);
  await idle(streams);
  expect([...new Set(batches.flat())]).toEqual(keys);
  expect(batches.flat().length).toBeGreaterThan(40);
});

test('a role that may not read the stream, or not write to the destination, stops the start', () => {
  const start = (refused: string): Streams =>
    startStreams({
      client: fakeStream().client,
      mappings: [{ ...MAPPING, onFailure: 'arn:aws:s3:::lost' }],
      clock: stillClock(),
      db: memoryDb(),
      log: () => undefined,
      invoke: async () => undefined,
      authorize: (fn, { action, resource }) => {
        if (action === refused) throw new AccessDenied(`${fn} ${action} ${resource}`);
      },
    });
  expect(() => start('dynamodb:GetRecords')).toThrow(`relay dynamodb:GetRecords ${MAPPING.sourceArn}`);
  expect(() => start('s3:PutObject')).toThrow('relay s3:PutObject arn:aws:s3:::lost/aws/lambda/');
  expect(start('nothing').pending()).toBe(1);
});

test('a mapping is read from the template, and what is not possible locally is refused', () => {
  const props = {
    FunctionName: 'relay',
    EventSourceArn: MAPPING.sourceArn,
    StartingPosition: 'LATEST',
    BatchSize: 49,
    MaximumRetryAttempts: -1,
    BisectBatchOnFunctionError: true,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    FilterCriteria: { Filters: [{ Pattern: '{"eventName":["INSERT"]}' }] },
    DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::lost' } },
  };
  const resource = { id: 'Map', type: 'AWS::Lambda::EventSourceMapping', name: 'Map', arn: '', props };
  const mapping = mappingOf(resource, 'arn:ddblocal');
  expect(mapping).toMatchObject({ fn: 'relay', batchSize: 49, windowMs: 0, retries: 100, bisect: true, partial: true });
  expect(
    mapping.filters.map((matches) => [matches({ eventName: 'INSERT' }), matches({ eventName: 'REMOVE' })]),
  ).toEqual([[true, false]]);
  expect(() => mappingOf({ ...resource, props: { ...props, TumblingWindowInSeconds: 5 } }, '')).toThrow(
    /Map.*Tumbling/s,
  );
});
