import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { rights } from '#functions/auth/rights.ts';
import { handler } from '#functions/api.ts';
import { useSecret } from '#shared/aws/secret.ts';
import { eventTypes } from '#shared/events.ts';
import type { Route } from '#shared/http/route.ts';
import { problems } from '#shared/problems.ts';
import { requestEvent } from '#local/http/request-event.ts';
import { routeFinder } from '#local/http/route.ts';
import { faults, type Schema } from '#test/support/json-schema.ts';
import { operationsOf, type Document, type Operation } from '#test/support/openapi-request.ts';
import { freshTable } from '#test/support/table.ts';

type Whole = Document & { openapi: string; info: { title: string; version: string } };
let document: Whole;
let operations: Operation[];

type Routes = readonly Route[];
/** What serves HTTP: each entry's routes, and the paths that are sent to it. */
const doors: { name: string; prefix: string; routes: Routes; paths: readonly string[] }[] = [];
const ROOT = join(import.meta.dirname, '../..');
const PATHS: Readonly<Record<string, readonly string[]>> = { api: ['/api/{proxy+}'], public: ['/public/{proxy+}'] };

/** What `api` alone has loaded when it loaded everything: other functions know more. */
let knownToApi: ReadonlySet<string>;

async function openDoors(): Promise<void> {
  for (const file of globSync('functions/*.ts', { cwd: ROOT })) {
    const name = basename(file, '.ts');
    const entry = (await import(`#functions/${name}.ts`)) as {
      routes?: Routes | (() => Promise<Routes>);
      paths?: readonly string[];
    };
    if (entry.routes === undefined) continue;
    const routes = typeof entry.routes === 'function' ? await entry.routes() : entry.routes;
    doors.push({
      name,
      prefix: name === 'public' ? '/public' : '/api',
      routes,
      paths: entry.paths ?? PATHS[name] ?? [],
    });
  }
}

beforeAll(async () => {
  await freshTable();
  useSecret('a secret of this test');
  const request = {
    method: 'GET',
    url: '/api/openapi.json',
    headers: [],
    body: Buffer.alloc(0),
    sourceIp: '203.0.113.7',
  };
  const found = { route: { key: 'ANY /api/{proxy+}', fn: 'api' }, params: { proxy: 'openapi.json' } };
  const context = { getRemainingTimeInMillis: () => 20_000 } as Parameters<typeof handler>[1];
  const answer = (await handler(requestEvent(request, found, 'test', 0), context)) as { body: string };
  document = JSON.parse(answer.body) as Whole;
  operations = operationsOf(document);
  knownToApi = new Set(eventTypes());
  await openDoors();
});

describe('the OpenAPI document', () => {
  test('has every route of every function and nothing else, but itself', () => {
    const routes = doors.flatMap(({ prefix, routes: all }) =>
      all.map(({ method, path }) => `${method} ${prefix}${path}`),
    );
    const described = operations.map(({ method, path }) => `${method} ${path}`);
    expect([...described, 'GET /api/openapi.json'].sort()).toEqual(routes.sort());
    expect(doors.map(({ name }) => name)).toEqual(expect.arrayContaining(['api', 'public', 'query']));
  });

  test('describes nothing that the gateway would send to a function that does not serve it', () => {
    const find = routeFinder(
      doors.flatMap(({ name, paths }) => paths.map((path) => ({ key: `ANY ${path}`, fn: name }))),
    );
    const lost = doors.flatMap(({ name, prefix, routes: all }) =>
      all
        .map(({ method, path }) => ({ method, path: `${prefix}${path.replaceAll(/\{\w+\}/g, 'x')}` }))
        .filter(({ method, path }) => find(method, path)?.route.fn !== name)
        .map(({ method, path }) => `${name}: ${method} ${path}`),
    );
    expect(lost).toEqual([]);
  });

  test('gives examples that fit what they are examples of', () => {
    const wrong: string[] = [];
    let seen = 0;
    const look = { schemas: document.components.schemas, closed: false };
    const walk = (node: unknown, at: string): void => {
      if (typeof node !== 'object' || node === null) return;
      const { examples } = node as { examples?: unknown };
      if (Array.isArray(examples) && !at.endsWith('/properties')) {
        seen += examples.length;
        wrong.push(...examples.flatMap((one) => faults(node as Schema, one, look, at)));
      }
      for (const [name, one] of Object.entries(node)) walk(one, `${at}/${name}`);
    };
    walk(document, '');
    expect(wrong).toEqual([]);
    expect(seen).toBeGreaterThan(0);
  });

  test('is made of code that knows every type of event there is: a webhook may be asked for any', () => {
    const told = globSync('{functions,shared}/**/*.ts', { cwd: ROOT }).flatMap((file) =>
      [...readFileSync(join(ROOT, file), 'utf8').matchAll(/\beventType\(\s*'([\w.-]+)'/g)].map(
        ([, type]) => type ?? '',
      ),
    );
    expect(told.length).toBeGreaterThan(40);
    expect(told.filter((type) => !knownToApi.has(type))).toEqual([]);
  });

  test('is OpenAPI 3.1 with a title and a version', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d$/);
    expect(document.info).toMatchObject({ title: 'Sdelka', version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
    expect(Object.keys(document).sort()).toEqual(['components', 'info', 'openapi', 'paths']);
  });

  test('gives every operation a name of its own that is an identifier, so that clients can be generated', () => {
    const names = operations.map(({ operationId }) => operationId);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z]\w*$/i.test(name))).toEqual([]);
  });

  test('declares every part of a path once, and nothing in the path that is not there', () => {
    const wrong = operations.filter(({ path, parameters }) => {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = parameters
        .filter((one) => one.in === 'path')
        .map(({ name, required }) => (required ? name : undefined));
      return JSON.stringify(inPath) !== JSON.stringify(declared);
    });
    expect(wrong).toEqual([]);
  });

  test('declares no parameter twice and each with a schema in one of the three places', () => {
    const wrong = operations.filter(({ parameters }) => {
      const keys = parameters.map((one) => `${one.in} ${one.name.toLowerCase()}`);
      const fits = parameters.every(
        (one) => ['path', 'query', 'header'].includes(one.in) && typeof one.schema === 'object',
      );
      return new Set(keys).size < keys.length || !fits;
    });
    expect(wrong).toEqual([]);
  });

  test('describes a good answer with one media type, and refusals as problem documents', () => {
    const wrong = operations.filter(({ method, path }) => {
      const responses = document.paths[path]?.[method.toLowerCase()]?.['responses'] as Responses;
      const { default: refused, ...good } = responses;
      const statuses = Object.keys(good);
      const told = Object.values(responses).every(({ description }) => description !== '');
      const problem = JSON.stringify(refused?.content) === JSON.stringify(PROBLEM);
      return !told || !problem || statuses.length === 0 || !statuses.every((status) => /^20[0-4]$/.test(status));
    });
    expect(wrong).toEqual([]);
  });

  test('has a schema behind every reference and no schema that nothing refers to', () => {
    const refs = new Set(
      [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name),
    );
    expect(Array.from(refs, String).sort()).toEqual(Object.keys(document.components.schemas).sort());
    expect(JSON.stringify(document)).not.toContain('#/$defs/');
  });

  test('says of every signed operation which right it needs, one that somebody has, and of public ones none', () => {
    for (const { path, right } of operations) {
      if (path.startsWith('/public/')) expect(right).toBeUndefined();
      else expect(Object.keys(rights)).toContain(right);
    }
  });

  test('names every code a refusal may have', () => {
    expect(document.components.schemas['Problem']).toMatchObject({
      properties: { code: { enum: Object.keys(problems) } },
    });
  });

  test('closes every request body to members it does not describe', () => {
    const open = operations.filter(
      ({ body }) => body?.schema['type'] === 'object' && body.schema['additionalProperties'] !== false,
    );
    expect(open.map(({ operationId }) => operationId)).toEqual([]);
  });

  test('has only schemas that a generator can use: patterns compile, requirements exist', () => {
    const wrong: string[] = [];
    const walk = (node: unknown, at: string): void => {
      if (typeof node !== 'object' || node === null) return;
      const { pattern, properties, required } = node as { pattern?: unknown; properties?: object; required?: unknown };
      if (typeof pattern === 'string') expect(() => new RegExp(pattern, 'u')).not.toThrow();
      if (Array.isArray(required) && properties)
        wrong.push(
          ...required
            .filter((name) => !Object.hasOwn(properties, String(name)))
            .map((name) => `${at}: ${String(name)}`),
        );
      for (const [name, one] of Object.entries(node)) walk(one, `${at}/${name}`);
    };
    walk(document.components.schemas, 'schemas');
    for (const { operationId, body, answers } of operations) walk([body, answers], operationId);
    expect(wrong).toEqual([]);
  });
});

type Responses = Record<string, { description: string; content?: object }>;
const PROBLEM = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
