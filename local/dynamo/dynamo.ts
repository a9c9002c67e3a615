import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { REGION, type Authorize, type Clock, type Faults, type Log, type Resource, type Service } from '../contract.ts';
import { AwsError, startFront, type Answer, type Call } from '../front.ts';
import { ROOT } from '../iam/identity.ts';
import { engineAt } from './engine.ts';
import { startDynamoLocal } from './java.ts';
import { newMeter, type Meter } from './meter.ts';
import { accessesOf, type Request } from './request.ts';
import { roughWeather, type Rough, type RoughOptions } from './rough.ts';
import { startSweeper } from './sweep.ts';
import { ensureTables, tablesOf, type Table } from './table.ts';

export type DynamoOptions = {
  resources: readonly Resource[];
  clock: Clock;
  authorize: Authorize;
  faults: Faults;
  crash(worker: string): void;
  log: Log;
  /** Folder of the database file; in memory without it. */
  dir?: string;
  /** Called after each successful write, to wake what reads the streams. */
  wrote(): void;
  rough?: RoughOptions | undefined;
};

export type Dynamo = Service & {
  /** What handlers call: checked, metered, faulty if planned. */
  url: string;
  /** The engine itself, for the stream poller and other parts of the cloud. */
  engineUrl: string;
  /** ARN of a table's stream inside the engine, by physical table name. */
  streams: ReadonlyMap<string, string>;
  meter: Meter;
  /** Deletes expired items now; returns how many. */
  sweep(): Promise<number>;
  /** Resolves when Java ends, also when nobody asked for it. */
  exited: Promise<number>;
};

const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems']);

/** Starts DynamoDB Local with the template's tables, and the front that handlers talk to. */
export async function startDynamo(options: DynamoOptions): Promise<Dynamo> {
  const { resources, clock, wrote, log } = options;
  const tables = tablesOf(resources);
  const java = await startDynamoLocal(options.dir ? { dir: options.dir } : {});
  const engine = engineAt(java.port);
  const client = new DynamoDBClient({
    endpoint: java.url,
    region: REGION,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const streams = await ensureTables(client, [...tables.values()]);
  const meter = newMeter();
  const front = await startFront({
    service: 'dynamodb',
    faults: options.faults,
    crash: options.crash,
    handle: handler(options, tables, engine.forward, meter),
  });
  const sweeper = startSweeper(client, [...tables.values()], clock, wrote, (error) =>
    log({ service: 'dynamodb', sweep: String(error) }),
  );
  return {
    name: 'dynamodb',
    url: front.url,
    engineUrl: java.url,
    streams,
    meter,
    exited: java.exited,
    sweep: sweeper.sweep,
    // a call that is being served is the caller's work; expiry promises no moment
    pending: () => 0,
    nextDue: () => undefined,
    stop: async () => {
      await sweeper.stop();
      await front.stop();
      engine.close();
      client.destroy();
      await java.stop();
    },
  };
}

function handler(
  { authorize, wrote, rough: weather }: DynamoOptions,
  tables: ReadonlyMap<string, Table>,
  forward: (call: Call, body: Buffer) => Promise<Answer>,
  meter: Meter,
): (call: Call) => Promise<Answer> {
  const rough = weather && roughWeather(weather, tables);
  return async (call) => {
    const { action, caller } = call;
    const request = parse(call.body);
    for (const access of accessesOf(action, request, tables)) authorize(caller, access);
    if (caller !== ROOT) rough?.refuse(action, request);
    const answer = await forward(call, call.body);
    if (answer.status !== 200) return answer;
    if (WRITES.has(action)) {
      rough?.wrote(action, request);
      wrote();
    }
    meter.count(action, request, answer.body);
    return { ...answer, body: visible(rough, request, answer.body) };
  };
}

/** An index shows a write only after a moment; the table itself at once. */
const visible = (rough: Rough | undefined, request: Request, body: string | Buffer): string | Buffer =>
  rough && request.IndexName ? rough.withoutFresh(request, body) : body;

function parse(body: Buffer): Request {
  try {
    return JSON.parse(body.toString()) as Request;
  } catch {
    throw new AwsError('SerializationException', 'The request body is not JSON.');
  }
}
