import { beforeAll, expect, test } from 'vitest';
import { fuzz, type Send } from '#test/support/fuzz.ts';
import type { Document } from '#test/support/openapi-request.ts';
import { openProduct } from '#test/support/product.ts';
import { freshTable } from '#test/support/table.ts';
import { hints } from '#test/support/hints.ts';

const SEED = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const COUNT = Number(process.env['FUZZ_COUNT'] ?? 9000);

let product: Awaited<ReturnType<typeof openProduct>>;
let document: Document;

beforeAll(async () => {
  await freshTable();
  product = await openProduct();
  const { send } = product;
  document = JSON.parse((await ask(send, 'GET', '/api/openapi.json')).body) as Document;
  await ask(send, 'POST', '/api/starter');
  for (let n = 0; n < 12; n += 1) {
    const { body } = await ask(send, 'POST', '/public/forms/site', {
      name: `Visitor ${n}`,
      email: `v${n}@example.com`,
    });
    await product.capture((JSON.parse(body) as { id: string }).id);
  }
});

const ask = (send: Send, method: string, path: string, body?: unknown) =>
  send({
    method,
    path,
    headers: { authorization: 'Bearer admin', 'content-type': 'application/json' },
    body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
  });

test(
  'no random request, right or wrong, by anybody, is answered otherwise than the document says',
  { timeout: 90_000 },
  async () => {
    console.log(`seed ${SEED}`);
    const { send } = product;
    const intake = JSON.parse((await ask(send, 'GET', '/api/intake?source=site')).body) as {
      items: { leadId: string; id: string }[];
    };
    const known = { lead: intake.items.map(({ leadId }) => leadId), raw: intake.items.map(({ id }) => id) };
    const people = { ...product.people, nobody: '', stranger: 'Bearer nobody' };
    const result = await fuzz({ document, seed: SEED, count: COUNT, send, people, hints, known });
    if (process.env['FUZZ_TELL']) console.log(JSON.stringify(result.statuses, null, 1));
    expect(result.failures.slice(0, Number(process.env['FUZZ_SHOW'] ?? 5)), `FUZZ_SEED=${SEED} repeats this`).toEqual(
      [],
    );
    const good = Object.values(result.statuses).filter((counts) =>
      Object.keys(counts).some((status) => status.startsWith('2')),
    );
    expect(good.length).toBeGreaterThan(55);
  },
);
