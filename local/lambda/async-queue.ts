import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { type Clock, type Delivery, FunctionError, type Log } from '../contract.ts';
import type { DeadLetters } from './dead-letter.ts';
import { type OnFailure, recordKey, sendRecord } from './destination.ts';
import type { LambdaFunction } from './environment.ts';
import { type Deliveries, openDeliveries } from './delivery.ts';
import { randomFrom, type Rough, roughDelays } from './rough.ts';

export type AsyncQueueOptions = {
  functions: readonly LambdaFunction[];
  clock: Clock;
  db: DatabaseSync;
  log: Log;
  deadLetters: DeadLetters;
  perFunction: number;
  /** Delays before the retries, in ms of the movable clock; AWS waits 60 s and 120 s. */
  retryDelays: readonly number[];
  onFailure?: OnFailure | undefined;
  rough?: Rough | undefined;
  run(fn: LambdaFunction, payload: string): Promise<unknown>;
};

/** A retry due this soon is waited for by `settle`; a later one is for `advance`. */
const SOON_MS = 10_000;

/** Asynchronous invocations: durable, at least once, retried, and then a dead letter and the function's destination. */
export class AsyncQueue {
  readonly #options: AsyncQueueOptions;
  readonly #store: Deliveries;
  readonly #random: (() => number) | undefined;
  /** Ids of deliveries under way, with their functions' names. */
  readonly #inFlight = new Map<string, string>();
  #going = false;
  #cancel = (): void => undefined;

  constructor(options: AsyncQueueOptions) {
    this.#options = options;
    this.#store = openDeliveries(options.db);
    this.#random = options.rough && randomFrom(options.rough.seed);
  }

  /** Stores the event and returns its id. The same `id` adds nothing while the first is undelivered. */
  add(fn: LambdaFunction, payload: string, from: string, id: string = randomUUID()): string {
    const now = this.#options.clock.now();
    const delays = this.#random ? roughDelays(this.#random) : [0];
    for (const [copy, delay] of delays.entries())
      this.#store.add({ id: copy === 0 ? id : `${id}:again`, target: fn.name, payload, from, due: now + delay });
    queueMicrotask(() => this.#pump());
    return id;
  }

  pending(): number {
    return Math.max(this.#inFlight.size, this.#store.count(this.#options.clock.now() + SOON_MS));
  }

  nextDue(): number | undefined {
    return this.#store.nextDue(this.#options.clock.now());
  }

  resume(): void {
    this.#going = true;
    const known = new Set(this.#options.functions.map(({ name }) => name));
    for (const delivery of this.#store.all())
      if (!known.has(delivery.target)) this.#bury(delivery, `${delivery.target} is no longer in the template`);
    this.#pump();
  }

  stop(): void {
    this.#going = false;
    this.#cancel();
  }

  #pump(): void {
    if (!this.#going) return;
    const { functions, clock, perFunction } = this.#options;
    const now = clock.now();
    for (const fn of functions) {
      const running = [...this.#inFlight.values()].filter((target) => target === fn.name).length;
      const due = this.#store.due(fn.name, now, perFunction + running).filter(({ id }) => !this.#inFlight.has(id));
      for (const delivery of due.slice(0, perFunction - running)) void this.#deliver(fn, delivery);
    }
    this.#cancel();
    const next = this.#store.nextDue(now);
    this.#cancel = next === undefined ? () => undefined : clock.at(next, () => this.#pump());
  }

  async #deliver(fn: LambdaFunction, delivery: Delivery): Promise<void> {
    this.#inFlight.set(delivery.id, fn.name);
    try {
      await this.#options.run(fn, JSON.stringify(delivery.payload));
      this.#store.remove(delivery.id);
    } catch (error) {
      // When the cloud goes down it is not the function's fault: the next start delivers it.
      if (this.#going) await this.#failed(fn, { ...delivery, attempts: delivery.attempts + 1 }, error);
    } finally {
      this.#inFlight.delete(delivery.id);
      this.#pump();
    }
  }

  async #failed(fn: LambdaFunction, delivery: Delivery, error: unknown): Promise<void> {
    const { clock, log, retryDelays } = this.#options;
    const { id, from, attempts } = delivery;
    log({ level: 'WARN', message: 'asynchronous call failed', function: fn.name, from, attempts });
    if (attempts > (fn.async?.retries ?? 2)) return this.#giveUp(fn, delivery, error);
    const delay = retryDelays[attempts - 1] ?? retryDelays.at(-1) ?? 0;
    this.#store.retry(id, attempts, clock.now() + delay);
  }

  async #giveUp(fn: LambdaFunction, delivery: Delivery, error: unknown): Promise<void> {
    const { clock, log, onFailure } = this.#options;
    const at = clock.now();
    const destination = fn.async?.onFailure;
    const key = recordKey(`aws/lambda/async/${fn.name}`, at);
    const trouble = await sendRecord(onFailure, destination, failureRecord(fn, delivery, error, at), key);
    if (trouble) log({ level: 'ERROR', message: trouble, function: fn.name });
    this.#bury(delivery, trouble ? `${String(error)}; ${trouble}` : String(error), destination);
  }

  #bury({ id, target, from, payload }: Delivery, error: string, destination?: string): void {
    const at = this.#options.clock.now();
    this.#options.deadLetters.add({ at, service: 'lambda', from, target, error, payload, destination });
    this.#store.remove(id);
  }
}

/** The invocation record AWS sends to an on-failure destination. */
function failureRecord(fn: LambdaFunction, delivery: Delivery, error: unknown, at: number) {
  const { errorType, trace } = error instanceof FunctionError ? error : { errorType: 'Error', trace: [] };
  return {
    version: '1.0',
    timestamp: new Date(at).toISOString(),
    requestContext: {
      requestId: delivery.id,
      functionArn: `${fn.arn}:$LATEST`,
      condition: 'RetriesExhausted',
      approximateInvokeCount: delivery.attempts,
    },
    requestPayload: delivery.payload,
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: {
      errorType,
      errorMessage: error instanceof Error ? error.message : String(error),
      trace,
    },
  };
}
