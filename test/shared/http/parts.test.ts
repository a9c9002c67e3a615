import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { serveParts } from '#shared/http/parts.ts';
import { publicRoute } from '#shared/http/route.ts';

process.env['POWERTOOLS_LOG_LEVEL'] = 'SILENT';
const hello = publicRoute(
  'GET /greetings/hello',
  { summary: 'Hello', returns: z.object({ hello: z.string() }) },
  async () => ({ hello: 'you' }),
);
let loads = 0;
const handler = serveParts(
  [
    {
      tag: 'Greetings',
      under: ['greetings'],
      routes: async () => {
        loads += 1;
        if (loads === 1) throw new Error('no file today');
        return [hello];
      },
    },
  ],
  '/api',
  undefined,
  async () => {},
);
const ask = (rawPath: string, method = 'GET') =>
  handler(
    {
      version: '2.0',
      rawPath,
      headers: {},
      requestContext: { requestId: 'r', http: { method, path: rawPath, sourceIp: '127.0.0.1' } },
    } as unknown as APIGatewayProxyEventV2,
    { getRemainingTimeInMillis: () => 10_000 } as Context,
  );

it('answers that it could not load a part, and loads it with the next request', async () => {
  const first = await ask('/api/greetings/hello');
  expect([first.statusCode, JSON.parse(String(first.body))]).toMatchObject([500, { code: 'broken', requestId: 'r' }]);
  const second = await ask('/api/greetings/hello');
  expect([second.statusCode, second.body]).toEqual([200, '{"hello":"you"}']);
  expect((await ask('/api/greetings/hello', 'HEAD')).statusCode).toBe(200);
  expect(loads).toBe(2);
});

it.each(['/api/constructor/x', '/api/__proto__', '/api/', '/api', '/api/greetings', '/api/%67reetings/hello', '//'])(
  'has nothing at %s',
  async (path) => {
    const { statusCode, body } = await ask(path);
    expect([path, statusCode, (JSON.parse(String(body)) as { code: string }).code]).toEqual([path, 404, 'no_route']);
  },
);
