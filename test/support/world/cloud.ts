import { DatabaseSync } from 'node:sqlite';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACCOUNT, type Clock, type Invoke, REGION } from '#local/contract.ts';
import { functionCaller } from '#local/states/call.ts';
import { Engine } from '#local/states/engine.ts';
import { openStore } from '#local/states/store.ts';
import { statesApi } from '#local/states/api.ts';
import { workflowVariable } from '#shared/aws/workflows.ts';
import type { Served } from './call.ts';

const WORKFLOWS = join(import.meta.dirname, '..', '..', '..', 'workflows');
const arnOf = (name: string): string => `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${name}`;
const machines = ['approval', 'job'].map((name) => ({
  arn: arnOf(name),
  name,
  role: 'StatesRole',
  definition: readFileSync(join(WORKFLOWS, `${name}.asl.json`), 'utf8')
    .replaceAll('${Partition}', 'aws')
    .replaceAll('${Tasks}', 'tasks'),
}));
for (const { name, arn } of machines) process.env[workflowVariable(name)] = arn;

const TABLES = ['states_execution', 'states_history', 'states_token', 'states_definition'];
export type Runs = {
  engine: Engine;
  serve(action: string, body: string): Promise<Served>;
  /** Everything that is known of runs, to begin again from. */
  dump(): Record<string, Record<string, unknown>[]>;
  unfinished(): string[];
};

/** Step Functions over a database in memory, begun from what an earlier one knew. */
export function openRuns(clock: Clock, invoke: Invoke, before: ReturnType<Runs['dump']> = {}): Runs {
  const db = new DatabaseSync(':memory:');
  const store = openStore(db);
  for (const [name, rows] of Object.entries(before))
    for (const row of rows) {
      const marks = Object.keys(row).map(() => '?');
      db.prepare(`insert or ignore into ${name} values (${marks.join(', ')})`).run(...(Object.values(row) as string[]));
    }
  const authorize = (): void => {};
  const call = functionCaller({ invoke, authorize, log: () => {} });
  const engine = new Engine({ machines, store, clock, call, log: () => {} });
  engine.resume();
  const api = statesApi({ engine, store, authorize, createdAt: clock.now() });
  return {
    engine,
    dump: () => Object.fromEntries(TABLES.map((name) => [name, db.prepare(`select * from ${name}`).all()])),
    unfinished: () =>
      store
        .list(null, null, { limit: -1, offset: 0 })
        .filter(({ status }) => status !== 'SUCCEEDED')
        .map(({ name, status, error }) => `${name} ${status} ${error ?? ''}`),
    async serve(action, body) {
      const plain = {
        caller: 'x',
        worker: '',
        action,
        method: 'POST',
        path: '/',
        headers: {},
        body: Buffer.from(body),
      };
      try {
        return await api(plain);
      } catch (error) {
        const { type = 'InternalServerError', status = 500 } = error as { type?: string; status?: number };
        return { status, body: JSON.stringify({ __type: type, message: String(error) }) };
      }
    },
  };
}

/** A letter SES was given; `letter` is the product's own id of it. */
export type Mailed = { letter: string; to: string; raw: string; at: number; messageId: string };

/** SES v1, Secrets Manager and the bucket of failures, as far as the product uses them. */
export class SmallServices {
  readonly mailed: Mailed[] = [];
  readonly failures = new Map<string, unknown>();
  onMailed: (mailed: Mailed) => void = () => {};

  serve(service: string, action: string, body: string, path: string): Served {
    if (action === 'GetSecretValue') return { status: 200, body: JSON.stringify({ SecretString: 'root of all keys' }) };
    if (service === 'ses') return this.#ses(action, new URLSearchParams(body));
    return this.#s3(action, decodeURIComponent(path.slice(1)));
  }

  #ses(action: string, form: URLSearchParams): Served {
    const answer = (inner: string): Served => ({
      status: 200,
      headers: { 'content-type': 'text/xml' },
      body: `<${action}Response xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><${action}Result>${inner}</${action}Result></${action}Response>`,
    });
    if (action === 'GetSendQuota')
      return answer(
        '<Max24HourSend>50000</Max24HourSend><MaxSendRate>50</MaxSendRate><SentLast24Hours>0</SentLast24Hours>',
      );
    const raw = Buffer.from(form.get('RawMessage.Data') ?? '', 'base64').toString('utf8');
    const mailed: Mailed = {
      letter: /X-SES-MESSAGE-TAGS:\s*letter=(\w+)/.exec(raw)?.[1] ?? '?',
      to: form.get('Destinations.member.1') ?? '?',
      raw,
      at: Date.now(),
      messageId: `ses-${this.mailed.length + 1}`,
    };
    this.mailed.push(mailed);
    this.onMailed(mailed);
    return answer(`<MessageId>${mailed.messageId}</MessageId>`);
  }

  #s3(action: string, key: string): Served {
    if (action === 'DeleteObject') {
      this.failures.delete(key);
      return { status: 204, body: '' };
    }
    if (action === 'GetObject') return { status: 200, body: JSON.stringify(this.failures.get(key) ?? null) };
    const contents = [...this.failures.keys()].map((one) => `<Contents><Key>${one}</Key></Contents>`);
    return {
      status: 200,
      headers: { 'content-type': 'application/xml' },
      body: `<?xml version="1.0"?><ListBucketResult>${contents.join('')}<IsTruncated>false</IsTruncated></ListBucketResult>`,
    };
  }
}
