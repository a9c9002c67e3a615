import type { DatabaseSync } from 'node:sqlite';
import type { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import type { Access, Clock, Invoke, Log, Service } from '../contract.ts';
import { openDeadLetters } from '../lambda/dead-letter.ts';
import { destinationAccess, type OnFailure } from '../lambda/destination.ts';
import { randomFrom, type Rough } from '../lambda/rough.ts';
import type { Mapping } from './mapping.ts';
import { MappingReader } from './mapping-reader.ts';
import { openPositions } from './position.ts';

export type StreamsOptions = {
  client: Pick<DynamoDBStreamsClient, 'send'>;
  mappings: readonly Mapping[];
  clock: Clock;
  db: DatabaseSync;
  log: Log;
  invoke: Invoke;
  onFailure?: OnFailure;
  /** Refuses what the role of function `fn` (a name or an ARN, not a role) does not grant: AWS reads the stream in its name. */
  authorize?: (fn: string, access: Access) => void;
  /** Delay before the first retry of a batch, ms of real time; 100 unless told. */
  retryMs?: number;
  rough?: Rough | undefined;
};
export type Streams = Service & {
  /** The table proxy says that a write has succeeded. `pending` is 0 only after a later poll found nothing. */
  wrote(): void;
  /** Starts reading; call it when the tables are there. */
  resume(): void;
};

/**
 * DynamoDB Streams to Lambda: every mapping reads its stream in order and remembers how far it came.
 * @throws AccessDenied when a function's role may not read its stream or write to the on-failure destination
 */
export function startStreams(options: StreamsOptions): Streams {
  const random = options.rough && randomFrom(options.rough.seed);
  for (const mapping of options.mappings)
    for (const access of accessesOf(mapping)) options.authorize?.(mapping.fn, access);
  const positions = openPositions(options.db);
  const deadLetters = openDeadLetters(options.db);
  let writes = 0;
  const readers = options.mappings.map(
    (mapping) =>
      new MappingReader({
        client: options.client,
        clock: options.clock,
        log: options.log,
        invoke: options.invoke,
        onFailure: options.onFailure,
        mapping,
        positions,
        deadLetters,
        random,
        retryMs: options.retryMs ?? 100,
        writes: () => writes,
      }),
  );
  return {
    name: 'streams',
    wrote() {
      writes += 1;
      for (const reader of readers) reader.wrote();
    },
    resume() {
      for (const reader of readers) reader.start();
    },
    pending: () => readers.filter((reader) => !reader.isIdle()).length,
    nextDue: () => undefined,
    async stop() {
      await Promise.all(readers.map((reader) => reader.stop()));
    },
  };
}

function accessesOf({ sourceArn: resource, onFailure }: Mapping): Access[] {
  const reading = ['DescribeStream', 'GetShardIterator', 'GetRecords'].map((name) => `dynamodb:${name}`);
  return [...reading.map((action) => ({ action, resource })), ...(onFailure ? [destinationAccess(onFailure)] : [])];
}
