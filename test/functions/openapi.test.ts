import { beforeAll, describe, expect, test } from 'vitest';
import { rights } from '#functions/auth/rights.ts';
import { handler, routes as routesOfApi } from '#functions/api.ts';
import { routes as publicRoutes } from '#functions/public.ts';
import { routes as queryRoutes } from '#functions/query.ts';
import { useSecret } from '#shared/aws/secret.ts';
import { problems } from '#shared/problems.ts';
import { requestEvent } from '#local/http/request-event.ts';
import { operationsOf, type Document, type Operation } from '#test/support/openapi-request.ts';

type Whole = Document & { openapi: string; info: { title: string; version: string } };
let document: Whole;
let operations: Operation[];

beforeAll(async () => {
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
});

const apiRoutes = [...(await routesOfApi()), ...queryRoutes];
const DOORS = { api: apiRoutes, public: publicRoutes };

describe('the OpenAPI document', () => {
  test('has every route of both doors and nothing else, but itself', () => {
    const routes = Object.entries(DOORS).flatMap(([door, all]) =>
      all.map(({ method, path }) => `${method} /${door}${path}`),
    );
    const described = operations.map(({ method, path }) => `${method} ${path}`);
    expect([...described, 'GET /api/openapi.json'].sort()).toEqual(routes.sort());
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
