import {
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  type GetRecordsCommandOutput,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { type Batch, Stopped } from './batch.ts';
import type { Mapping } from './mapping.ts';
import type { Positions } from './position.ts';
import { type LambdaRecord, lambdaRecord } from './record.ts';

export type ReaderOptions = {
  client: Pick<DynamoDBStreamsClient, 'send'>;
  mapping: Mapping;
  shard: string;
  positions: Positions;
  batch: Batch;
  /** How many writes the table has seen so far; a poll that began after the last of them and found nothing is proof. */
  writes(): number;
  /** How many records the next call takes: the batch size, less in rough weather. */
  batchSize(): number;
  onTrouble(message: string): void;
};

/** Lambda hands over 6 MB at most. */
const PAYLOAD_LIMIT = 6_000_000;
const BUSY_MS = 15;
const IDLE_MS = 200;
/** Reading takes at most a quarter of the engine's time: under load it waits, and finds more at once. */
const PACE = 3;
const PACE_MAX_MS = 150;
/** How long after a write the shard is still polled quickly. */
const BUSY_AFTER_WRITE_MS = 1000;

/** Reads one shard to its end and delivers what it finds, in order; errors of the stream only delay it. */
export class ShardReader {
  readonly #options: ReaderOptions;
  #iterator: string | undefined;
  /** The last record read, delivered or not. */
  #readTo: string | undefined;
  #buffer: LambdaRecord[] = [];
  #bufferSince = 0;
  #delivering = false;
  /** The count of writes that an empty poll has proved to be delivered. */
  #cleanAt = -1;
  #lastWrite = performance.now();
  #errors = 0;
  #stopped = false;
  #idle = false;
  #wake = (): void => undefined;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#readTo = options.positions.get(options.mapping.id, options.shard);
  }

  isIdle(): boolean {
    return this.#buffer.length === 0 && !this.#delivering && this.#cleanAt >= this.#options.writes();
  }

  /** A write happened: poll at once, and quickly for a while. */
  wrote(): void {
    this.#lastWrite = performance.now();
    if (this.#idle) this.#wake();
  }

  stop(): void {
    this.#stopped = true;
    this.#wake();
  }

  /** Reads until the shard is `read` to its end, the stream says it is `gone`, or the reader is `stopped`. */
  async run(): Promise<'read' | 'gone' | 'stopped'> {
    while (!this.#stopped)
      try {
        if (await this.#step()) return 'read';
        this.#errors = 0;
      } catch (error) {
        if (error instanceof Stopped) return 'stopped';
        if (isGone(error)) return 'gone';
        await this.#recover(error);
      }
    return 'stopped';
  }

  /** One poll and what follows of it; true at the end of a closed shard. */
  async #step(): Promise<boolean> {
    const seen = this.#options.writes();
    const began = performance.now();
    const { Records: records = [], NextShardIterator: next } = await this.#poll();
    const took = performance.now() - began;
    this.#iterator = next;
    this.#accept(records);
    await this.#deliverDue(next === undefined);
    if (records.length === 0 && this.#buffer.length === 0) this.#cleanAt = seen;
    if (next === undefined) return true;
    await pause(Math.min(PACE_MAX_MS, took * PACE));
    if (records.length === 0) await this.#rest();
    return false;
  }

  async #poll(): Promise<GetRecordsCommandOutput> {
    const { client, mapping, shard } = this.#options;
    const place = this.#readTo
      ? { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER' as const, SequenceNumber: this.#readTo }
      : { ShardIteratorType: 'TRIM_HORIZON' as const };
    this.#iterator ??= (
      await client.send(new GetShardIteratorCommand({ StreamArn: mapping.streamArn, ShardId: shard, ...place }))
    ).ShardIterator;
    return client.send(new GetRecordsCommand({ ShardIterator: this.#iterator, Limit: 1000 }));
  }

  #accept(records: NonNullable<GetRecordsCommandOutput['Records']>): void {
    const { filters, sourceArn } = this.#options.mapping;
    if (records.length === 0) return;
    if (this.#buffer.length === 0) this.#bufferSince = performance.now();
    this.#readTo = records.at(-1)?.dynamodb?.SequenceNumber ?? this.#readTo;
    for (const each of records) {
      const record = lambdaRecord(each, sourceArn);
      if (filters.length === 0 || filters.some((matches) => matches(record))) this.#buffer.push(record);
    }
    if (this.#buffer.length === 0) this.#save();
  }

  async #deliverDue(all: boolean): Promise<void> {
    const { mapping, batch } = this.#options;
    const isDue = (): boolean =>
      all || this.#buffer.length >= mapping.batchSize || performance.now() - this.#bufferSince >= mapping.windowMs;
    this.#delivering = true;
    try {
      while (this.#buffer.length > 0 && isDue()) {
        const records = this.#nextBatch();
        await batch.deliver(records);
        this.#buffer.splice(0, records.length);
        this.#save(records.at(-1)?.dynamodb.SequenceNumber);
      }
    } finally {
      this.#delivering = false;
    }
  }

  #nextBatch(): LambdaRecord[] {
    let bytes = 0;
    const records = this.#buffer.slice(0, this.#options.batchSize());
    const tooMany = records.findIndex((record, at) => {
      bytes += Buffer.byteLength(JSON.stringify(record));
      return at > 0 && bytes > PAYLOAD_LIMIT;
    });
    return tooMany < 0 ? records : records.slice(0, tooMany);
  }

  /** With nothing waiting, what the filters left out counts as done too. */
  #save(delivered?: string): void {
    const { positions, mapping, shard } = this.#options;
    const sequence = this.#buffer.length === 0 ? this.#readTo : delivered;
    if (sequence) positions.save(mapping.id, shard, sequence);
  }

  async #rest(): Promise<void> {
    const busy = this.#buffer.length > 0 || performance.now() - this.#lastWrite < BUSY_AFTER_WRITE_MS;
    this.#idle = !busy;
    await this.#sleep(busy ? BUSY_MS : IDLE_MS);
    this.#idle = false;
  }

  /** Iterators live 15 minutes and die with their connection: the next poll opens a new one behind what was read. */
  async #recover(error: unknown): Promise<void> {
    this.#iterator = undefined;
    this.#errors += 1;
    const name = error instanceof Error ? error.name : '';
    if (name === 'ExpiredIteratorException') return;
    if (name === 'TrimmedDataAccessException') this.#readTo = undefined;
    if (this.#errors === 1)
      this.#options.onTrouble(`${this.#options.mapping.id}: the stream cannot be read: ${String(error)}`);
    await this.#sleep(Math.min(2000, 25 * 2 ** Math.min(this.#errors, 10)));
  }

  async #sleep(ms: number): Promise<void> {
    if (this.#stopped) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The shard is older than the stream keeps, or went with its table. */
function isGone(error: unknown): boolean {
  return error instanceof Error && error.name === 'ResourceNotFoundException';
}
