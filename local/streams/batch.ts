import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, FunctionError, type Invoke, type Log } from '../contract.ts';
import type { DeadLetters } from '../lambda/dead-letter.ts';
import { type OnFailure, recordKey, sendRecord } from '../lambda/destination.ts';
import type { Mapping } from './mapping.ts';
import type { LambdaRecord } from './record.ts';

/** Thrown out of a delivery when the cloud stops: the records stay undelivered. */
export class Stopped extends Error {}

export type BatchOptions = {
  mapping: Mapping;
  clock: Clock;
  log: Log;
  invoke: Invoke;
  deadLetters: DeadLetters;
  onFailure?: OnFailure | undefined;
  /** Delay before the first retry, ms of real time; doubled each time up to 2 s. */
  retryMs: number;
  isStopped(): boolean;
  /** In rough weather: says whether to deliver this batch twice. */
  twice(): boolean;
};

/** What a call left undone: the records from index `from` on; `error` when the function failed as a whole. */
type Outcome = { from: number; error?: unknown };

/** Delivers one batch in order, as event source mappings do: retry, bisect, partial failures, on-failure destination. */
export class Batch {
  readonly #options: BatchOptions;
  readonly #shard: string;

  constructor(shard: string, options: BatchOptions) {
    this.#shard = shard;
    this.#options = options;
  }

  /** Returns when every record is taken or given up. @throws Stopped */
  async deliver(records: readonly LambdaRecord[], failures = 0): Promise<void> {
    const { mapping, retryMs } = this.#options;
    const outcome = await this.#call(records);
    if (outcome.from >= records.length) return;
    const rest = records.slice(outcome.from);
    const pause = Math.min(2000, retryMs * 2 ** failures);
    if (outcome.error !== undefined && mapping.bisect && rest.length > 1) {
      // Splitting does not use up a retry.
      await sleep(pause);
      const middle = rest.length >> 1;
      await this.deliver(rest.slice(0, middle), failures);
      return this.deliver(rest.slice(middle), failures);
    }
    const failed = (outcome.from > 0 ? 0 : failures) + 1;
    if (failed > mapping.retries) return this.#giveUp(rest, failed, outcome.error);
    await sleep(pause);
    return this.deliver(rest, failed);
  }

  async #call(records: readonly LambdaRecord[]): Promise<Outcome> {
    const { mapping, invoke, log, isStopped, twice } = this.#options;
    if (isStopped()) throw new Stopped();
    try {
      const answer = await invoke(mapping.fn, { Records: records });
      if (twice()) await invoke(mapping.fn, { Records: records });
      return mapping.partial ? firstFailure(answer, records) : { from: records.length };
    } catch (error) {
      if (isStopped() || (error instanceof FunctionError && error.errorType === 'Runtime.Stopped')) throw new Stopped();
      log({
        level: 'WARN',
        message: `stream batch failed: ${String(error)}`,
        function: mapping.fn,
        size: records.length,
      });
      return { from: 0, error };
    }
  }

  async #giveUp(records: readonly LambdaRecord[], calls: number, error: unknown): Promise<void> {
    const { mapping, clock, log, deadLetters, onFailure } = this.#options;
    const at = clock.now();
    const info = failureRecord(mapping, this.#shard, records, calls, error, at);
    // AWS sends the records themselves only to a bucket; a queue gets their positions.
    const whole = { ...info, payload: JSON.stringify({ Records: records }) };
    const destination = mapping.onFailure;
    const record = destination?.startsWith('arn:aws:s3:') ? whole : info;
    const key = recordKey(`aws/lambda/${mapping.id}/${this.#shard}`, at);
    const trouble = await sendRecord(onFailure, destination, record, key);
    const reason = error instanceof Error ? String(error) : 'reported as failed by the function';
    log({
      level: 'ERROR',
      message: `gave up ${records.length} stream records: ${reason}`,
      function: mapping.fn,
      trouble,
    });
    deadLetters.add({
      at,
      service: 'streams',
      from: mapping.id,
      target: mapping.fn,
      error: trouble ? `${reason}; ${trouble}` : reason,
      payload: { Records: records },
      destination,
    });
  }
}

/** The earliest record that the function reports; an identifier it did not get fails the whole batch, as on AWS. */
function firstFailure(answer: unknown, records: readonly LambdaRecord[]): Outcome {
  const failures = (answer as { batchItemFailures?: { itemIdentifier?: unknown }[] } | null)?.batchItemFailures ?? [];
  const places = failures.map(({ itemIdentifier }) =>
    records.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === itemIdentifier),
  );
  return { from: places.length === 0 ? records.length : Math.max(0, Math.min(...places)) };
}

/** The invocation record AWS sends to the on-failure destination of a stream mapping. */
function failureRecord(
  mapping: Mapping,
  shardId: string,
  records: readonly LambdaRecord[],
  calls: number,
  error: unknown,
  at: number,
) {
  const arrival = (record: LambdaRecord | undefined): string =>
    new Date(Number(record?.dynamodb['ApproximateCreationDateTime']) * 1000).toISOString();
  return {
    requestContext: {
      requestId: randomUUID(),
      functionArn: mapping.fn,
      condition: 'RetryAttemptsExhausted',
      approximateInvokeCount: calls,
    },
    responseContext: {
      statusCode: 200,
      executedVersion: '$LATEST',
      ...(error instanceof FunctionError && { functionError: 'Unhandled' }),
    },
    version: '1.0',
    timestamp: new Date(at).toISOString(),
    DDBStreamBatchInfo: {
      shardId,
      startSequenceNumber: records[0]?.dynamodb.SequenceNumber,
      endSequenceNumber: records.at(-1)?.dynamodb.SequenceNumber,
      approximateArrivalOfFirstRecord: arrival(records[0]),
      approximateArrivalOfLastRecord: arrival(records.at(-1)),
      batchSize: records.length,
      streamArn: mapping.sourceArn,
    },
  };
}
