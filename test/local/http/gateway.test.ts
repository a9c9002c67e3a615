import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { expect, onTestFinished, test } from 'vitest';
import type { Invoke } from '#local/contract.ts';
import { apiGateway, type GatewayOptions } from '#local/http/gateway.ts';
import { listenerOf } from '#local/http/listener.ts';
import { routeFinder, type Route } from '#local/http/route.ts';
import { routesOf } from '#local/http/template.ts';
import { stillClock } from '../lambda/world.ts';

/** A gateway on a real port; `answer` is what the function returns, `events` what it got. */
async function serve(answer: Invoke | undefined, options: Partial<GatewayOptions> = {}) {
  const events: APIGatewayProxyEventV2[] = [];
  const invoke: Invoke = async (fn, event) => {
    events.push(event as APIGatewayProxyEventV2);
    return answer ? answer(fn, event) : { statusCode: 200 };
  };
  const routes: Route[] = [{ key: 'ANY /api/{proxy+}', fn: 'api' }];
  const gateway = apiGateway({ apiId: 'http', routes, clock: stillClock(), invoke, log: () => undefined, ...options });
  const listener = listenerOf(gateway);
  const server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { events, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test.each([
  ['GET', '/deals/7', 'GET /deals/{id}', { id: '7' }],
  ['GET', '/deals/new', 'GET /deals/new', {}],
  ['PUT', '/deals/new', 'ANY /deals/{id}', { id: 'new' }],
  ['GET', '/deals/7/lines/8', 'ANY /deals/{proxy+}', { proxy: '7/lines/8' }],
  ['GET', '/deals/%D1%8F%20%2F', 'GET /deals/{id}', { id: 'я /' }],
  ['GET', '/deals/', '$default', {}],
  ['GET', '/', '$default', {}],
  ['GET', '/elsewhere', '$default', {}],
  ['GET', '/orders/lines', 'GET /{kind}/lines', { kind: 'orders' }],
  ['GET', '/orders/7', 'ANY /orders/{proxy+}', { proxy: '7' }],
])('%s %s goes to %s', (method, path, key, params) => {
  const keys = [
    '$default',
    'ANY /deals/{proxy+}',
    'ANY /deals/{id}',
    'GET /deals/{id}',
    'GET /deals/new',
    'ANY /orders/{proxy+}',
    'GET /{kind}/lines',
  ];
  const found = routeFinder(keys.map((each) => ({ key: each, fn: 'f' })))(method, path);
  expect([found?.route.key, found?.params]).toEqual([key, params]);
});

test('the event has the shape of payload 2.0', async () => {
  const { events, url } = await serve(undefined);
  await fetch(`${url}/api/deals/%D1%8F?a=1&a=2&b=x%20y&c`, {
    headers: { 'X-Twice': 'one', Cookie: 'a=1; b=2', 'User-Agent': 'test' },
  });
  expect(events[0]).toMatchObject({
    version: '2.0',
    routeKey: 'ANY /api/{proxy+}',
    rawPath: '/api/deals/я',
    rawQueryString: 'a=1&a=2&b=x%20y&c',
    cookies: ['a=1', 'b=2'],
    headers: { 'x-twice': 'one', 'user-agent': 'test', 'x-forwarded-for': '127.0.0.1' },
    queryStringParameters: { a: '1,2', b: 'x y', c: '' },
    pathParameters: { proxy: 'deals/я' },
    requestContext: {
      http: { method: 'GET', path: '/api/deals/я', sourceIp: '127.0.0.1', userAgent: 'test' },
      stage: '$default',
      time: '05/Jan/2026:09:00:00 +0000',
      timeEpoch: Date.UTC(2026, 0, 5, 9),
    },
    isBase64Encoded: false,
  });
  expect(events[0]?.headers).not.toHaveProperty('cookie');
  expect(events[0]).not.toHaveProperty('body');
});

test('a header sent twice arrives joined by a comma', async () => {
  const got: APIGatewayProxyEventV2[] = [];
  const gateway = apiGateway({
    apiId: 'http',
    routes: [{ key: '$default', fn: 'f' }],
    clock: stillClock(),
    invoke: async (_fn, event) => void got.push(event as APIGatewayProxyEventV2),
    log: () => undefined,
  });
  const headers = [
    ['X-A', '1'],
    ['x-a', '2'],
    ['Cookie', 'a=1'],
    ['cookie', 'b=2'],
    ['X-Forwarded-For', '9.9.9.9'],
  ] as const;
  await gateway({ method: 'GET', url: '/', headers, body: Buffer.alloc(0), sourceIp: '10.0.0.1' });
  expect(got[0]).toMatchObject({
    cookies: ['a=1', 'b=2'],
    headers: { 'x-a': '1,2', 'x-forwarded-for': '9.9.9.9, 10.0.0.1' },
  });
});

test.each([
  ['application/json; charset=utf-8', '{"имя":1}', false],
  ['application/problem+json', '{}', false],
  ['text/csv', 'a;b', false],
  ['application/xml', '<a/>', false],
  ['application/x-www-form-urlencoded', 'a=1', true],
  ['multipart/form-data; boundary=x', '--x--', true],
  ['application/octet-stream', '\u0000', true],
])('a body of type %s is base64: %s %s', async (type, body, base64) => {
  const { events, url } = await serve(undefined);
  await fetch(`${url}/api/in`, { method: 'POST', body, headers: { 'content-type': type } });
  const event = events[0];
  expect(event?.isBase64Encoded).toBe(base64);
  expect(Buffer.from(event?.body ?? '', base64 ? 'base64' : 'utf8').toString()).toBe(body);
});

test('HEAD reaches the handler as HEAD and gets headers only', async () => {
  const { events, url } = await serve(async () => ({ statusCode: 200, headers: { 'x-a': 'b' }, body: 'page' }));
  const response = await fetch(`${url}/api/page`, { method: 'HEAD' });
  expect([events[0]?.requestContext.http.method, response.headers.get('x-a'), await response.text()]).toEqual([
    'HEAD',
    'b',
    '',
  ]);
});

test('a structured answer sets status, headers, cookies and a binary body', async () => {
  const body = Buffer.from([0, 255, 1]).toString('base64');
  const cookies = ['a=1; Path=/', 'b=2'];
  const headers = { 'Content-Type': 'image/png', 'X-Number': 7 };
  const { url } = await serve(async () => ({ statusCode: 201, headers, cookies, body, isBase64Encoded: true }));
  const response = await fetch(`${url}/api/a`);
  expect(response.status).toBe(201);
  expect(response.headers.getSetCookie()).toEqual(cookies);
  expect([response.headers.get('content-type'), response.headers.get('x-number')]).toEqual(['image/png', '7']);
  expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 255, 1]);
});

test.each([
  ['an object', { a: 1 }, '{"a":1}'],
  ['a string', 'plain', 'plain'],
  ['nothing', null, 'null'],
])('%s without a status becomes the body of a 200', async (_name, result, text) => {
  const { url } = await serve(async () => result);
  const response = await fetch(`${url}/api/a`);
  expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
    200,
    'application/json',
    text,
  ]);
});

test.each([
  ['an error of the function', async () => Promise.reject(new Error('broken')), 500],
  ['an impossible status', async () => ({ statusCode: 'ok' }), 500],
  ['a body that is no string', async () => ({ statusCode: 200, body: { a: 1 } }), 500],
  ['silence', async () => new Promise(() => undefined), 503],
])('%s is answered by the gateway', async (_name, answer, status) => {
  const { url } = await serve(answer, { timeoutMs: 50 });
  const response = await fetch(`${url}/api/a`);
  expect(response.status).toBe(status);
  expect(response.headers.get('apigw-requestid')).toHaveLength(36);
});

test('what matches no route, is too long or is malformed never reaches a function', async () => {
  const { events, url } = await serve(undefined);
  const statusOf = async (path: string, init?: RequestInit): Promise<number> => (await fetch(url + path, init)).status;
  await expect(statusOf('/other')).resolves.toBe(404);
  await expect(statusOf('/api/%E0%A4%A')).resolves.toBe(400);
  await expect(statusOf('/api/a', { method: 'POST', body: Buffer.alloc(10 * 1024 * 1024 + 1) })).resolves.toBe(413);
  await expect(statusOf('/api/a', { headers: { 'x-long': 'x'.repeat(10_300) } })).resolves.toBe(431);
  expect(events).toEqual([]);
  await expect(statusOf('/api/a', { method: 'POST', body: Buffer.alloc(10 * 1024 * 1024) })).resolves.toBe(200);
});

test('the routes are read from the template, and what the gateway cannot do is refused', () => {
  const resource = (id: string, type: string, props: Record<string, unknown>) => ({
    id,
    type,
    name: id,
    arn: '',
    props,
  });
  const arn = 'arn:aws:lambda:us-east-1:000000000000:function:api';
  const IntegrationUri = `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${arn}/invocations`;
  const integration = { ApiId: 'a', IntegrationType: 'AWS_PROXY', IntegrationUri, PayloadFormatVersion: '2.0' };
  const route = { ApiId: 'a', RouteKey: 'ANY /api/{proxy+}', Target: 'integrations/In', AuthorizationType: 'NONE' };
  const read = (change: Record<string, unknown>) =>
    routesOf([
      resource('In', 'AWS::ApiGatewayV2::Integration', { ...integration, ...change }),
      resource('R', 'AWS::ApiGatewayV2::Route', route),
    ]);
  expect(read({})).toEqual([{ key: 'ANY /api/{proxy+}', fn: arn, timeoutMs: 30_000 }]);
  expect(() => read({ PayloadFormatVersion: '1.0' })).toThrow(/In: the local gateway cannot do/);
});
