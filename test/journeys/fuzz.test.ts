import { Agent, request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fuzz, type Answer, type Request } from '#test/support/fuzz.ts';
import { hints } from '#test/support/hints.ts';
import { openJourney } from '#test/support/journey.ts';
import type { Document } from '#test/support/openapi-request.ts';

/** A thousand over HTTP, tokens, threads and all; nine thousand more go straight to the handlers in `fuzz.db.test.ts`. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);
const COUNT = Number(process.env['FUZZ_COUNT'] ?? 1000);

let journey: Awaited<ReturnType<typeof openJourney>>;
const agent = new Agent({ keepAlive: true });

beforeAll(async () => {
  journey = await openJourney();
});
afterAll(async () => {
  agent.destroy();
  await journey.stop();
});

/** Paths go out as they are: `fetch` would tidy `..` away. */
async function send({ method, path, headers, body }: Request): Promise<Answer> {
  const { hostname, port } = new URL(journey.url);
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  httpRequest({
    agent,
    hostname,
    port,
    method,
    path,
    headers: { ...headers, 'content-length': String(body?.length ?? 0) },
  })
    .on('response', (response) => {
      const named = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
      text(response).then(
        (said) =>
          resolve({
            status: response.statusCode ?? 0,
            headers: Object.fromEntries(named) as Record<string, string>,
            body: said,
          }),
        reject,
      );
    })
    .on('error', reject)
    .end(body);
  return promise;
}

/** Leads with deals that wait for an approval. */
async function waitingDeals(count: number) {
  const { visitor, seller, control } = journey;
  const raws: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const body = { name: `Visitor ${n}`, email: `v${n}@example.com` };
    raws.push((await visitor<{ id: string }>('POST /public/forms/site', { body })).body.id);
  }
  await control.settle();
  const deal = { typeId: 'quick', lines: [{ name: 'A thing', price: '100', quantity: '2', discount: '20' }] };
  const made = [];
  for (const raw of raws) {
    const lead = raw.replace('raw_', 'lead_');
    const body = { client: { kind: 'person' }, deal };
    const converted = await seller<{ dealId: string; clientId: string }>(`POST /api/leads/${lead}/convert`, {
      ifMatch: 1,
      body,
    });
    made.push({ raw, lead, deal: converted.body.dealId, client: converted.body.clientId });
  }
  await control.settle();
  return made;
}

test('no random request over HTTP is answered otherwise than the document says, and nothing fails behind it', async () => {
  const made = await waitingDeals(8);
  const letters = await journey.mail('head@sdelka.example');
  const tokens = letters.flatMap(({ links }) =>
    links.flatMap((link) => /\/public\/decisions\/([\w-]+)/.exec(link)?.[1] ?? []),
  );
  expect(tokens.length).toBeGreaterThanOrEqual(8);
  const roles = ['admin', 'head', 'seller', 'marketer', 'accountant'];
  const people = Object.fromEntries(
    await Promise.all(roles.map(async (role) => [role, `Bearer ${await journey.control.token({ role })}`] as const)),
  );
  const { body: document } = await journey.visitor<Document>('GET /api/openapi.json');
  const known = {
    ...Object.fromEntries(
      (['raw', 'lead', 'deal', 'client'] as const).map((kind) => [kind, made.map((one) => one[kind])]),
    ),
    token: tokens,
  };
  const result = await fuzz({
    document,
    seed: SEED,
    count: COUNT,
    send,
    people: { ...people, nobody: '', stranger: 'Bearer a.b.c' },
    hints,
    known,
  });
  expect({ seed: SEED, failures: result.failures.slice(0, 5) }).toEqual({ seed: SEED, failures: [] });
  expect(Object.keys(result.statuses['postDecisionsToken'] ?? {})).toEqual(expect.arrayContaining(['200', '404']));
  await journey.control.settle();
});
