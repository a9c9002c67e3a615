import { afterAll, beforeAll, expect, test } from 'vitest';
import { openJourney } from '#test/support/journey.ts';
import { operationsOf, type Document } from '#test/support/openapi-request.ts';

let journey: Awaited<ReturnType<typeof openJourney>>;
beforeAll(async () => {
  journey = await openJourney();
});
afterAll(() => journey.stop());

/** Ids of records that the starter set has, by the path they are asked at. */
async function idsThere(): Promise<Record<string, string>> {
  const users = (await journey.admin<{ items: { id: string }[] }>('GET /api/users')).body.items;
  const products = (await journey.admin<{ items: { id: string }[] }>('GET /api/products?category=pumps')).body.items;
  return { users: users[0]?.id ?? '', products: products[0]?.id ?? '' };
}

test('R64 every list and record that can be read without knowing more is answered as the document says', async () => {
  const { body: document } = await journey.visitor<Document>('GET /api/openapi.json');
  const ids = await idsThere();
  const read: string[] = [];
  for (const { method, path, parameters } of operationsOf(document)) {
    const needed = parameters.some((one) => one.in === 'query' && one.required);
    const kind = path.split('/')[2] ?? '';
    if (method !== 'GET' || needed || !path.startsWith('/api/')) continue;
    if (path.includes('{') && !(ids[kind] && path.endsWith('s/{id}'))) continue;
    // Anything that is not as described throws where journeys ask.
    const { status } = await journey.admin(`GET ${path.replace('{id}', ids[kind] ?? '')}`);
    if (status < 300) read.push(path);
  }
  expect(read.length).toBeGreaterThan(20);
});

test('R64 an unknown path, a wrong method and a body of another kind are told as problems of the documented codes', async () => {
  const { body: document } = await journey.visitor<Document>('GET /api/openapi.json');
  const codes = (document.components.schemas['Problem'] as { properties: { code: { enum: string[] } } }).properties.code
    .enum;
  for (const [call, status] of [
    ['GET /api/nothing', 404],
    ['PUT /api/deals', 404],
    ['POST /api/webhooks', 400],
    ['GET /api/changes?limit=1000', 400],
    ['PUT /api/external-ids/1c/1', 400],
  ] as const) {
    const {
      status: got,
      body,
      headers,
    } = await journey.admin<{ code: string }>(call, call.startsWith('GET') ? {} : { body: 'x' });
    expect([call, got, headers.get('content-type')]).toEqual([
      call,
      status,
      expect.stringContaining('application/problem+json'),
    ]);
    expect(codes).toContain(body.code);
  }
});
