import { BatchWriteItemCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { setImmediate as tick } from 'node:timers/promises';
import { inject } from 'vitest';
import * as api from '#functions/api.ts';
import * as events from '#functions/events.ts';
import * as letters from '#functions/letters.ts';
import * as publicDoor from '#functions/public.ts';
import * as relay from '#functions/relay.ts';
import * as schedule from '#functions/schedule.ts';
import * as tasks from '#functions/tasks.ts';
import { forget } from '#functions/settings/store.ts';
import { FunctionError, type Invoke } from '#local/contract.ts';
import { freshTable } from '../table.ts';
import { putEvents, reportOf } from './bus.ts';
import { invocations, type Invocation, type SdkRequest, type Served } from './call.ts';
import { openRuns, SmallServices, type Mailed, type Runs } from './cloud.ts';
import { forward } from './engine.ts';
import { FAIR, Queues, type FunctionName, type QueueState, type Weather } from './queue.ts';
import { answerOf, eventOf, type Answer, type Asked } from './request.ts';
import { openIssuer } from './sign-in.ts';
import { takeTime } from './time.ts';
import { clientDefaults, transport } from './transport.ts';
import { keyOf, type Raw, written } from './written.ts';

export type Item = Record<string, unknown>;
type Context = { getRemainingTimeInMillis(): number; awsRequestId: string };
type Handler = (event: never, context: never) => Promise<unknown>;
const ENTRIES = { api, public: publicDoor, relay, events, tasks, letters, schedule };

/** The state of a world that was prepared: everything a run begins from. */
export type Prepared = {
  table: ReadonlyMap<string, Raw>;
  runs: ReturnType<Runs['dump']>;
  queues: QueueState;
  mailed: readonly Mailed[];
  now: number;
  chance: number;
};

const START = '2026-11-23T09:00:00.000Z';
const MINUTE = 60_000;
/** How often a caller who gets no answer asks the same. */
const CLIENT_TRIES = 8;
/** More invocations than any run of the tests needs: what retries for ever is found by it. */
const MOST = 3000;

/**
 * All functions of the product in this process, over DynamoDB Local, with AWS around them played step by step: nothing
 * happens but what `settle` does next, so a run with the same seed is the same run. Time, pauses and chance are the world's.
 */
export class World {
  readonly clock = takeTime(START);
  readonly calls = transport.calls;
  services = new SmallServices();
  weather: Weather = FAIR;
  /** Invocations of each function since the last `begin`, and how they ended. */
  invoked: { fn: FunctionName; failed: boolean }[] = [];
  #queues = this.#newQueues();
  #runs: Runs;
  #tasks: { payload: unknown; resolve(value: unknown): void; reject(error: unknown): void }[] = [];
  /** Asked before each piece of work; a checkpoint may be taken then. */
  beforeWork: () => Promise<void> = async () => {};
  /** Keys written since the state in `#base`, and ever. */
  readonly #touched = new Set<string>();
  readonly #everTouched = new Set<string>();
  #base: Prepared['table'] | undefined;
  #address = 0;
  #client: DynamoDBClient;
  #tokenOf: (email: string) => Promise<string> = () => Promise.reject(new Error('not open'));
  readonly #tokens = new Map<string, string>();

  private constructor() {
    this.#client = new DynamoDBClient(clientDefaults());
    this.#runs = openRuns(this.clock, this.#invokeTask);
    transport.serve = (asked, request) => this.#serve(asked, request);
  }

  static async open(): Promise<World> {
    Object.assign(process.env, {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      POWERTOOLS_LOG_LEVEL: process.env['FAULT_LOG'] ?? 'SILENT',
      BUS_NAME: 'bus',
      SECRET_ARN: 'secret',
      SENDER: 'sales@sdelka.example',
      CONFIGURATION_SET: 'transactional',
      BASE_URL: 'https://sdelka.example',
      FAILURES_BUCKET: 'failures',
    });
    const { client } = await freshTable();
    client.destroy();
    const world = new World();
    world.#tokenOf = await openIssuer();
    return world;
  }

  /** Asks a door as a client does: the same again when there is no answer or a 5xx. */
  async ask<T = Record<string, unknown>>(at: string, asked: Asked = {}): Promise<Answer<T>> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#once<T>(at, asked).catch((error: unknown) => {
        if (error instanceof FunctionError && attempt < CLIENT_TRIES) return undefined;
        throw error;
      });
      if (answer && (answer.status < 500 || attempt === CLIENT_TRIES)) return answer;
      this.clock.moveTo(this.clock.now() + 1000);
    }
  }

  async #once<T>(at: string, asked: Asked): Promise<Answer<T>> {
    const token =
      asked.who === undefined ? undefined : (this.#tokens.get(asked.who) ?? (await this.#tokenOf(asked.who)));
    if (asked.who !== undefined && token !== undefined) this.#tokens.set(asked.who, token);
    const address = `10.0.${this.#address >> 8}.${this.#address & 255}`;
    const event = eventOf(at, asked, { token, address, id: `request-${this.calls.length}` });
    return answerOf(await this.#invoke(at.includes(' /api') ? 'api' : 'public', event));
  }

  /** Delivers everything that is due, and what that leads to, until nothing is. */
  async settle(): Promise<void> {
    for (let idle = 0; idle < 2;) {
      await tick();
      if (this.#tasks.length > 0 || this.#queues.isDue()) await this.beforeWork();
      const task = this.#tasks.shift();
      const work = task ? undefined : this.#queues.next();
      if (task) await this.#invoke('tasks', task.payload).then(task.resolve, task.reject);
      else if (work) await this.#deliver(work);
      else this.clock.moveTo(this.clock.now());
      idle = task || work ? 0 : idle + 1;
    }
  }

  /** Lets time pass: whatever falls due on the way is delivered when it is. */
  pass(minutes: number): Promise<void> {
    return this.passTo(this.clock.now() + minutes * MINUTE);
  }

  async passTo(end: number): Promise<void> {
    for (;;) {
      await this.settle();
      const next = Math.min(this.#queues.nextDue() ?? Infinity, this.#runs.engine.nextDue() ?? Infinity);
      if (next > end) break;
      this.clock.moveTo(next);
    }
    this.clock.moveTo(end);
    await this.settle();
  }

  async #deliver(work: NonNullable<ReturnType<Queues['next']>>): Promise<void> {
    const { copies, together } = this.weather;
    const call = () => this.#invoke(work.fn, work.payload);
    try {
      if (together) await Promise.all(Array.from({ length: copies }, call));
      else for (let copy = 0; copy < copies; copy += 1) await call();
      work.done();
    } catch (error) {
      work.failed(error);
    }
  }

  /** Asks a schedule's function now. */
  async onSchedule(fn: 'letters' | 'schedule', input: unknown): Promise<void> {
    this.#queues.later(fn, input);
    await this.settle();
  }

  /** One invocation in an environment that was just made: nothing is remembered but what outlives an environment. */
  async #invoke(fn: FunctionName, event: unknown): Promise<unknown> {
    forget();
    const end = this.clock.now() + ENTRIES[fn].needs.timeout * 1000;
    const died = Promise.withResolvers<never>();
    const invocation: Invocation = {
      fn,
      dead: false,
      crash() {
        invocation.dead = true;
        died.reject(new FunctionError('Runtime.ExitError', `injected: ${fn} ended`));
      },
    };
    const context: Context = { getRemainingTimeInMillis: () => end - this.clock.now(), awsRequestId: 'x' };
    const said = { fn, failed: false };
    this.invoked.push(said);
    if (this.invoked.length > MOST) throw new Error(`There is no end: ${MOST} invocations, the last of ${fn}.`);
    try {
      const handler = ENTRIES[fn].handler as unknown as Handler;
      return await invocations.run(invocation, () =>
        Promise.race([handler(structuredClone(event) as never, context as never), died.promise]),
      );
    } catch (error) {
      said.failed = true;
      throw error instanceof FunctionError ? error : new FunctionError((error as Error).name, String(error));
    }
  }

  readonly #invokeTask: Invoke = (_fn, payload) =>
    new Promise((resolve, reject) => this.#tasks.push({ payload, resolve, reject }));

  async #serve(
    { service, action, body, fault }: Parameters<typeof transport.serve>[0],
    request: SdkRequest,
  ): Promise<Served> {
    if (service === 'dynamodb') return this.#table(action, body, request);
    if (service === 'states') return this.#runs.serve(action, body);
    if (service === 'events') return putEvents(body, fault === 'conflict', this.#later);
    return this.services.serve(service, action, body, request.path);
  }

  async #table(action: string, body: string, request: SdkRequest): Promise<Served> {
    const served = await forward(inject('dynamo'), request);
    if (served.status === 200 && /^(Transact|Put|Update|BatchWrite)/.test(action)) {
      for (const { key, item } of written(action, body)) {
        this.#touched.add(key);
        this.#everTouched.add(key);
        const pk = item?.['pk']?.S ?? '';
        if (item && pk.startsWith('EVENT#')) this.#queues.inserted({ key, pk, image: item });
      }
    }
    return served;
  }

  readonly #later = (fn: FunctionName, payload: unknown, delay = 0): void => this.#queues.later(fn, payload, delay);

  #newQueues(before?: QueueState): Queues {
    const { services } = this;
    services.onMailed = (mailed) => reportOf(mailed, this.#later);
    return new Queues({ clock: this.clock, failures: services.failures, weather: () => this.weather }, before);
  }

  /** The table, as the product's code sees it. */
  async items(): Promise<Item[]> {
    return [...(await this.#scan()).values()].map((item) => unmarshall(item));
  }

  async #scan(): Promise<Map<string, Raw>> {
    const all = new Map<string, Raw>();
    let ExclusiveStartKey: Raw | undefined;
    do {
      const page = await this.#client.send(
        new ScanCommand({ TableName: process.env['TABLE_NAME'], ConsistentRead: true, ExclusiveStartKey }),
      );
      for (const item of page.Items ?? []) all.set(keyOf(item), item);
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    return all;
  }

  /** The state of everything, to begin again from; nothing may have been given up yet. */
  async prepared(): Promise<Prepared> {
    const table = await this.#scan();
    this.#touched.clear();
    this.#base = table;
    return {
      table,
      runs: this.#runs.dump(),
      queues: this.#queues.dump(),
      mailed: [...this.services.mailed],
      now: this.clock.now(),
      chance: this.clock.chance.state,
    };
  }

  /** Puts everything back to a prepared state. */
  async begin({ table, runs, queues, mailed, now, chance }: Prepared, weather: Weather = FAIR): Promise<void> {
    await this.#putBack(table);
    this.#runs.engine.close();
    this.#tasks = [];
    this.clock.set(now);
    this.clock.chance.state = chance;
    this.services = new SmallServices();
    this.services.mailed.push(...mailed);
    this.#queues = this.#newQueues(queues);
    this.#runs = openRuns(this.clock, this.#invokeTask, runs);
    this.#address += 1;
    this.weather = weather;
    this.invoked = [];
    transport.reset();
  }

  /** Only what was written since costs anything. */
  async #putBack(table: Prepared['table']): Promise<void> {
    const requests = [...(table === this.#base ? this.#touched : this.#everTouched)].map((key) => {
      const Item = table.get(key);
      const [pk = '', sk = ''] = key.split('\n');
      return Item ? { PutRequest: { Item } } : { DeleteRequest: { Key: { pk: { S: pk }, sk: { S: sk } } } };
    });
    const chunks = Array.from({ length: Math.ceil(requests.length / 25) }, (_, at) =>
      requests.slice(at * 25, at * 25 + 25),
    );
    const name = process.env['TABLE_NAME'] ?? '';
    await Promise.all(
      chunks.map((chunk) => this.#client.send(new BatchWriteItemCommand({ RequestItems: { [name]: chunk } }))),
    );
    this.#touched.clear();
    this.#base = table;
  }

  /** Runs that ended other than well, or that have not ended. */
  unfinishedRuns = (): string[] => this.#runs.unfinished();
}
