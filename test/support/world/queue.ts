import { randomUUID } from 'node:crypto';
import type { Clock } from '#local/contract.ts';

const FUNCTIONS = ['api', 'public', 'relay', 'events', 'tasks', 'letters', 'schedule'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];
export type StreamRecord = { key: string; pk: string; image: Record<string, unknown> };
type Call = { fn: FunctionName; payload: unknown; attempts: number; due: number };

export type QueueState = {
  stream: readonly StreamRecord[];
  calls: readonly Call[];
  seen: ReadonlySet<string>;
};

/** How roughly AWS delivers: each message so often, at once or in turn, in an order of chance or as it came. */
export type Weather = { copies: number; together: boolean; shuffled: boolean };
export const FAIR: Weather = { copies: 1, together: false, shuffled: false };

type Work = { fn: FunctionName; payload: unknown; done(): void; failed(error: unknown): void };
type Options = { clock: Clock; failures: Map<string, unknown>; weather: () => Weather };

/** Lambda tries an asynchronous call three times in all, a minute and two later; a batch of the stream six times. */
const ASYNC_DELAYS = [60_000, 120_000];
const STREAM_TRIES = 6;
const STREAM_BATCH = 100;

/** What AWS has taken over and not yet delivered: stream, asynchronous calls; what it gives up goes to the failures. */
export class Queues {
  readonly #options: Options;
  #stream: StreamRecord[] = [];
  #streamTries = 0;
  #calls: Call[] = [];
  #seen = new Set<string>();

  constructor(options: Options, before?: QueueState) {
    this.#options = options;
    if (!before) return;
    this.#stream = [...before.stream];
    this.#calls = [...before.calls];
    this.#seen = new Set(before.seen);
  }

  /** What waits now, to begin again from. */
  dump(): QueueState {
    return { stream: [...this.#stream], calls: [...this.#calls], seen: new Set(this.#seen) };
  }

  /** A new item of the table; the same one twice is one record (a repeated transaction with one token). */
  inserted(record: StreamRecord): void {
    if (this.#seen.has(record.key)) return;
    this.#seen.add(record.key);
    this.#stream.push(record);
  }

  later(fn: FunctionName, payload: unknown, delay = 0): void {
    this.#calls.push({ fn, payload, attempts: 0, due: this.#options.clock.now() + delay });
  }

  /** The next piece of work that is due, in the order the weather wants. */
  next(): Work | undefined {
    const calls = this.#calls.filter(({ due }) => due <= this.#options.clock.now());
    const { shuffled } = this.#options.weather();
    const streamFirst = this.#stream.length > 0 && (!shuffled || calls.length === 0 || Math.random() < 0.5);
    if (streamFirst) return this.#batch();
    const call = calls[shuffled ? Math.floor(Math.random() * calls.length) : 0];
    return call && this.#call(call);
  }

  isDue(): boolean {
    return this.#stream.length > 0 || this.#calls.some(({ due }) => due <= this.#options.clock.now());
  }

  nextDue(): number | undefined {
    const later = this.#calls.map(({ due }) => due).filter((due) => due > this.#options.clock.now());
    return later.length > 0 ? Math.min(...later) : undefined;
  }

  #call(call: Call): Work {
    this.#calls = this.#calls.filter((one) => one !== call);
    return {
      fn: call.fn,
      payload: call.payload,
      done: () => {},
      failed: (error) => {
        const attempts = call.attempts + 1;
        const delay = ASYNC_DELAYS[attempts - 1];
        if (delay !== undefined)
          return void this.#calls.push({ ...call, attempts, due: this.#options.clock.now() + delay });
        this.#keep(`aws/lambda/async/${call.fn}`, { requestPayload: call.payload, responsePayload: String(error) });
      },
    };
  }

  /** One batch at the head of the stream; nothing passes it until it is done or given up. */
  #batch(): Work {
    const records = this.#stream.slice(0, STREAM_BATCH);
    const Records = inOrder(records, this.#options.weather().shuffled).map(({ image }) => ({
      eventName: 'INSERT',
      dynamodb: { Keys: { pk: image['pk'], sk: image['sk'] }, NewImage: image },
    }));
    const pass = (): void => {
      this.#stream = this.#stream.filter((one) => !records.includes(one));
      this.#streamTries = 0;
    };
    return {
      fn: 'relay',
      payload: { Records },
      done: pass,
      failed: () => {
        this.#streamTries += 1;
        if (this.#streamTries < STREAM_TRIES) return;
        pass();
        this.#keep('aws/lambda/stream', { payload: JSON.stringify({ Records }) });
      },
    };
  }

  #keep(prefix: string, record: unknown): void {
    this.#options.failures.set(`${prefix}/${randomUUID()}`, record);
  }
}

/** A stream keeps the order of what shares a partition key, and no other. */
function inOrder(records: readonly StreamRecord[], shuffled: boolean): StreamRecord[] {
  if (!shuffled) return [...records];
  const left = Map.groupBy(records, ({ pk }) => pk);
  const order: StreamRecord[] = [];
  while (left.size > 0) {
    const all = [...left.values()];
    const group = all[Math.floor(Math.random() * all.length)] ?? [];
    const first = group.shift();
    if (first) order.push(first);
    for (const [pk, rest] of left) if (rest.length === 0) left.delete(pk);
  }
  return order;
}
