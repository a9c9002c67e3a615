import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeStreamCommand, type DynamoDBStreamsClient, type Shard } from '@aws-sdk/client-dynamodb-streams';
import { Batch, type BatchOptions } from './batch.ts';
import type { Mapping } from './mapping.ts';
import type { Positions } from './position.ts';
import { ShardReader } from './shard-reader.ts';

export type MappingReaderOptions = Omit<BatchOptions, 'isStopped' | 'twice'> & {
  client: Pick<DynamoDBStreamsClient, 'send'>;
  mapping: Mapping;
  positions: Positions;
  random: (() => number) | undefined;
  writes(): number;
};

const LIST_AGAIN_MS = 200;

/** Follows a stream from shard to shard: a child is read when its parent is read to its end. */
export class MappingReader {
  readonly #options: MappingReaderOptions;
  readonly #readers = new Map<string, ShardReader>();
  readonly #runs = new Set<Promise<void>>();
  /** How many listings are under way: until they end, there may be shards nobody reads yet. */
  #listing = 0;
  #started = false;
  #stopped = false;

  constructor(options: MappingReaderOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#track(this.#follow());
  }

  wrote(): void {
    for (const reader of this.#readers.values()) reader.wrote();
  }

  isIdle(): boolean {
    const readers = [...this.#readers.values()];
    return this.#started && this.#listing === 0 && readers.every((reader) => reader.isIdle());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const reader of this.#readers.values()) reader.stop();
    await Promise.all(this.#runs);
  }

  #track(run: Promise<void>): void {
    this.#runs.add(run);
    void run.finally(() => this.#runs.delete(run));
  }

  /** Starts a reader for each shard that may be read now; lists again until there is one. */
  async #follow(): Promise<void> {
    this.#listing += 1;
    try {
      while (!this.#stopped) {
        const shards = await this.#shards();
        for (const shard of shards) if (this.#isReadable(shard, shards)) this.#read(shard.ShardId ?? '');
        if (shards.length > 0 && this.#readers.size > 0) return;
        await sleep(LIST_AGAIN_MS);
      }
    } finally {
      this.#listing -= 1;
    }
  }

  #isReadable({ ShardId: id = '', ParentShardId: parent }: Shard, shards: readonly Shard[]): boolean {
    const { positions, mapping } = this.#options;
    if (this.#readers.has(id) || positions.isClosed(mapping.id, id)) return false;
    const waitsFor = shards.find(({ ShardId }) => ShardId === parent)?.ShardId;
    return waitsFor === undefined || positions.isClosed(mapping.id, waitsFor);
  }

  #read(shard: string): void {
    const { client, mapping, positions, writes, log, random } = this.#options;
    const batch = new Batch(shard, {
      ...this.#options,
      isStopped: () => this.#stopped,
      twice: () => random !== undefined && random() < 0.1,
    });
    const batchSize = (): number => (random ? 1 + Math.floor(random() * mapping.batchSize) : mapping.batchSize);
    const onTrouble = (message: string): void => log({ level: 'WARN', message });
    const reader = new ShardReader({ client, mapping, shard, positions, batch, writes, batchSize, onTrouble });
    this.#readers.set(shard, reader);
    this.#track(this.#readToEnd(shard, reader));
  }

  async #readToEnd(shard: string, reader: ShardReader): Promise<void> {
    const end = await reader.run();
    if (end === 'stopped') return;
    const { positions, mapping } = this.#options;
    this.#listing += 1;
    try {
      // A shard that is gone is asked for again: only the listing knows whether it comes back.
      if (end === 'read') positions.close(mapping.id, shard);
      else await sleep(LIST_AGAIN_MS);
      this.#readers.delete(shard);
      await this.#follow();
    } finally {
      this.#listing -= 1;
    }
  }

  async #shards(): Promise<Shard[]> {
    const { client, mapping, log } = this.#options;
    const shards: Shard[] = [];
    let last: string | undefined;
    try {
      do {
        const page = { StreamArn: mapping.streamArn, ...(last && { ExclusiveStartShardId: last }) };
        const { StreamDescription: found } = await client.send(new DescribeStreamCommand(page));
        shards.push(...(found?.Shards ?? []));
        last = found?.LastEvaluatedShardId;
      } while (last);
      return shards;
    } catch (error) {
      log({ level: 'WARN', message: `${mapping.id}: the stream cannot be listed: ${String(error)}` });
      return [];
    }
  }
}
