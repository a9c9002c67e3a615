import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { faults, type Schema } from './json-schema.ts';
import { draftOf, operationsOf, type Bend, type Document, type Draft, type Operation } from './openapi-request.ts';
import type { Hints } from './schema-value.ts';

export type Request = { method: string; path: string; headers: Record<string, string>; body: Buffer | undefined };
export type Answer = { status: number; headers: Readonly<Record<string, string>>; body: string };
export type Send = (request: Request) => Promise<Answer>;

export type FuzzOptions = {
  document: Document;
  seed: number;
  count: number;
  send: Send;
  /** Who asks: a name and his Authorization header; '' sends none. */
  people: Readonly<Record<string, string>>;
  hints: Hints;
  /** Ids to begin with, by prefix. */
  known: Readonly<Record<string, readonly string[]>>;
  wanted?: (operation: Operation) => boolean;
};
/** `failures` can each be repeated by hand; `statuses` says how many answers of which kind each operation gave. */
export type FuzzResult = { failures: string[]; statuses: Record<string, Record<string, number>>; sent: number };

/**
 * Sends random requests in turn and says which answers break the rules of the API: none of our own faults, good answers as
 * the document describes them, refusals as problem documents, and the same answer to a repeated Idempotency-Key.
 */
export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const { document, seed, count, people } = options;
  const operations = operationsOf(document).filter(options.wanted ?? (() => true));
  const making = { schemas: document.components.schemas, hints: options.hints };
  const arbitrary = fc.oneof(
    ...operations.map((one) => ({
      weight: one.method === 'GET' ? 1 : one.path.includes('/settings/') ? 2 : 4,
      arbitrary: draftOf(one, making, Object.keys(people)),
    })),
  );
  const run = new Run(options);
  for (const draft of fc.sample(arbitrary, { numRuns: count, seed })) await run.play(draft);
  return { failures: run.failures, statuses: run.statuses, sent: run.sent };
}

class Run {
  readonly failures: string[] = [];
  readonly statuses: FuzzResult['statuses'] = {};
  sent = 0;
  readonly #options: FuzzOptions;
  readonly #ids = new Map<string, string[]>();
  readonly #versions = new Map<string, number>();

  constructor(options: FuzzOptions) {
    this.#options = options;
    for (const [prefix, ids] of Object.entries(options.known)) this.#ids.set(prefix, [...ids]);
  }

  async play(draft: Draft): Promise<void> {
    const request = this.#requestOf(draft);
    const answer = await this.#ask(draft, request);
    if (answer.status >= 300 || draft.operation.method === 'GET' || !takesKey(draft.operation)) return;
    const key = request.headers['idempotency-key'];
    if (key === undefined || !draft.repeat) return;
    const again = await this.#ask(draft, request);
    if (again.status !== answer.status || !isDeepStrictEqual(parsed(again.body), shownTwice(answer.body)))
      this.#fail(request, answer, [
        `a repeat under the same key was answered otherwise: ${again.status} ${again.body.slice(0, 300)}`,
      ]);
  }

  async #ask({ operation }: Draft, request: Request): Promise<Answer> {
    const answer = await this.#options.send(request);
    this.sent += 1;
    const counts = (this.statuses[operation.operationId] ??= {});
    counts[answer.status] = (counts[answer.status] ?? 0) + 1;
    const wrong = faultsOfAnswer(operation, answer, this.#options.document);
    if (wrong.length > 0) this.#fail(request, answer, wrong);
    if (answer.status < 300) this.#learn(answer, request);
    return answer;
  }

  #fail({ method, path, headers, body }: Request, { status, body: said }: Answer, wrong: string[]): void {
    const flags = Object.entries(headers).map(
      ([name, value]) => `-H ${quoted(`${name}: ${name === 'authorization' ? 'Bearer …' : value}`)}`,
    );
    const data = body === undefined ? '' : ` --data-binary ${quoted(body.toString('utf8').slice(0, 2000))}`;
    this.failures.push(
      `${wrong.slice(0, 4).join('\n  ')}\n  seed ${this.#options.seed}, request ${this.sent}: curl -X ${method} ${quoted(path)} ${flags.join(' ')}${data}\n  -> ${status} ${said.slice(0, 400)}`,
    );
  }

  /** Remembers the ids and versions an answer names, so that later requests meet real records. */
  #learn({ body, headers }: Answer, { path }: Request): void {
    for (const [id, prefix = ''] of body.matchAll(/\b([a-z]+)_[0-9A-Za-z]{26,32}\b/g)) {
      const ids = this.#ids.get(prefix) ?? [];
      if (!ids.includes(id)) ids.push(id);
      this.#ids.set(prefix, ids.slice(-60));
    }
    const version = Number(/^"(\d+)"$/.exec(headers['etag'] ?? '')?.[1]);
    const record = /"id":"([^"]+)"/.exec(body)?.[1];
    for (const one of [record, path.split('?')[0]])
      if (one !== undefined && version > 0) this.#versions.set(one, version);
  }

  #requestOf({ operation, by, params, query, headers, body, bend }: Draft): Request {
    const filled = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(this.#real(params[name] ?? '').toWellFormed()),
    );
    const search = new URLSearchParams(query.map(([name, value]) => [name, this.#real(value)])).toString();
    const id = this.#real(Object.values(params)[0] ?? '');
    const version = this.#versions.get(id) ?? this.#versions.get(filled) ?? 1;
    const own = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace(/@@version:\d+@@/, `"${version}"`)]),
    );
    const token = this.#options.people[by];
    const sent =
      body === undefined ? undefined : bent(this.#real(typeof body === 'string' ? body : JSON.stringify(body)), bend);
    return {
      method: operation.method,
      path: `${filled}${search === '' ? '' : `?${search}`}`,
      headers: { ...own, ...(token !== undefined && token !== '' && { authorization: token }) },
      body: operation.method === 'GET' ? undefined : sent,
    };
  }

  #real(value: string): string {
    return value.replaceAll(/@@(\w+):(\d+)@@/g, (_, prefix: string, pick: string) => {
      const ids = this.#ids.get(prefix) ?? [];
      return ids[Number(pick) % Math.max(1, ids.length)] ?? `${prefix}_01J8Z3Y1QW9R7V5T3S1P0N2M4K`;
    });
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
const takesKey = ({ parameters }: Operation): boolean => parameters.some(({ name }) => name === 'Idempotency-Key');

/** A secret is shown once: what is stored of it is not to be read. */
function shownTwice(body: string): unknown {
  const shown = parsed(body);
  if (typeof shown !== 'object' || shown === null || !('secret' in shown)) return shown;
  const { secret: _, ...rest } = shown;
  return rest;
}

/** The text of a body turned into what careless or hostile programs send. */
function bent(json: string, bend: Bend): Buffer | undefined {
  const texts: Record<Exclude<Bend, 'nothing' | 'binary'>, () => string> = {
    none: () => json,
    cut: () => json.slice(0, Math.ceil(json.length / 2)),
    twice: () => `${json.slice(0, -1)},"name":"second","name":"third"}`,
    deep: () => `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`,
    deeper: () => '['.repeat(100_000),
    proto: () => json.replace('{', '{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},'),
    mark: () => `\uFEFF${json}`,
    large: () => JSON.stringify({ name: 'x'.repeat(300_000) }),
  };
  if (bend === 'nothing') return undefined;
  if (bend === 'binary') return Buffer.from([0xff, 0xfe, 0x00, 0x80, 0xc3, 0x28]);
  return Buffer.from(texts[bend](), 'utf8');
}

const headerOf = ({ headers }: Answer, name: string): string => headers[name] ?? '';
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

/** What of an answer breaks the rules of the API. */
function faultsOfAnswer(operation: Operation, answer: Answer, document: Document): string[] {
  const { status, body } = answer;
  if (status >= 500) return [`${status}: our own fault`];
  const media = headerOf(answer, 'content-type').split(';')[0];
  const good = operation.answers[status];
  if (status < 300) {
    if (!good) return [`${status} is not described for ${operation.operationId}`];
    if (status === 204) return body === '' ? [] : ['204 with a body'];
    const pages = ['text/html', 'text/plain', 'text/javascript'];
    if (pages.includes(media ?? '')) return [];
    if (media !== good.media) return [`content type ${media} instead of ${good.media}`];
    return schemaFaults(good.schema, parsed(body), document);
  }
  // The pages of links in letters tell people what is wrong; everybody else gets a problem document.
  if (status === 431) return []; // the gateway's own: headers and address are too long to reach us
  if (media === 'text/html' && operation.answers['200']?.media === 'text/html') return [];
  if (media !== 'application/problem+json') return [`refused with ${media} instead of a problem document`];
  const problem = parsed(body) as Record<string, unknown>;
  const declared = document.components.schemas['Problem'] ?? {};
  return [
    ...schemaFaults(declared, problem, document),
    ...(problem?.['status'] === status ? [] : [`the problem says ${String(problem?.['status'])}`]),
    ...(status === 401 && headerOf(answer, 'www-authenticate') === '' ? ['401 without WWW-Authenticate'] : []),
    ...(status === 429 && headerOf(answer, 'retry-after') === '' ? ['429 without Retry-After'] : []),
  ];
}

const schemaFaults = (schema: Schema, value: unknown, { components }: Document): string[] =>
  value === undefined ? ['the body is not JSON'] : faults(schema, value, { schemas: components.schemas, closed: true });
