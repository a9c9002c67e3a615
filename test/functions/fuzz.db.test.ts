import { beforeAll, expect, test } from 'vitest';
import { fuzz, type Answer } from '#test/support/fuzz.ts';
import { hints } from '#test/support/hints.ts';
import type { Document } from '#test/support/openapi-request.ts';
import { openProduct } from '#test/support/product.ts';
import { freshTable } from '#test/support/table.ts';

/** Each change is held against the same requests; others are asked by FUZZ_SEED, more of them by FUZZ_COUNT. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);
const COUNT = Number(process.env['FUZZ_COUNT'] ?? 4000);

let product: Awaited<ReturnType<typeof openProduct>>;
const known: Record<'lead' | 'raw' | 'deal' | 'client' | 'approval' | 'order', string[]> = {
  lead: [],
  raw: [],
  deal: [],
  client: [],
  approval: [],
  order: [],
};

beforeAll(async () => {
  await freshTable();
  product = await openProduct();
  await ask('POST', '/api/starter');
  const approver = { approverId: product.ids['head'], deadlineHours: 24, subject: 'deal', when: 'deal.discount > 10' };
  await ask('PUT', '/api/settings/policies/discount', { name: 'Discount', body: approver }, 1);
  for (let n = 0; n < 40; n += 1) await addLead(n);
});

const ask = async (method: string, path: string, body?: unknown, version?: number): Promise<Record<string, string>> => {
  const headers = {
    authorization: 'Bearer admin',
    'content-type': 'application/json',
    ...(version && { 'if-match': `"${version}"` }),
  };
  const answer = await product.send({
    method,
    path,
    headers,
    body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
  });
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.body}`);
  return JSON.parse(answer.body) as Record<string, string>;
};

/** A lead; of every third a client and a deal, some of which need an approval and some of which are won. */
async function addLead(n: number): Promise<void> {
  const { id = '' } = await ask('POST', '/public/forms/site', { name: `Visitor ${n}`, email: `v${n}@example.com` });
  await product.capture(id);
  const lead = id.replace('raw_', 'lead_');
  known.raw.push(id);
  known.lead.push(lead);
  if (n % 3 > 0) return;
  const line = { name: 'A thing', price: '100', quantity: '2', discount: n % 2 ? '20' : '5' };
  const deal = { typeId: n % 4 ? 'quick' : 'complex', lines: [line] };
  const { dealId = '', clientId = '' } = await ask(
    'POST',
    `/api/leads/${lead}/convert`,
    { client: { kind: 'person' }, deal },
    1,
  );
  known.deal.push(dealId);
  known.client.push(clientId);
  const { approvalId } = await ask('GET', `/api/deals/${dealId}`);
  if (approvalId) known.approval.push(approvalId);
  else if (n % 4) known.order.push((await ask('POST', `/api/deals/${dealId}/win`, {}, 1))['id'] ?? '');
}

/** Forms become leads as listeners would make them. */
const send = async (request: Parameters<typeof product.send>[0]): Promise<Answer> => {
  const answer = await product.send(request);
  const raw =
    answer.status === 202 && request.path.startsWith('/public/forms/')
      ? /"id":"(raw_\w+)"/.exec(answer.body)?.[1]
      : undefined;
  if (raw !== undefined) await product.capture(raw);
  return answer;
};

test(
  'no random request, right or wrong, by anybody, is answered otherwise than the document says',
  { timeout: 240_000 },
  async () => {
    const document = (await ask('GET', '/api/openapi.json')) as unknown as Document;
    const people = { ...product.people, nobody: '', stranger: 'Bearer nobody' };
    const result = await fuzz({ document, seed: SEED, count: COUNT, send, people, hints, known });
    expect({ seed: SEED, failures: result.failures.slice(0, 5) }).toEqual({ seed: SEED, failures: [] });
    const good = Object.entries(result.statuses).filter(([, counts]) =>
      Object.keys(counts).some((status) => status.startsWith('2')),
    );
    // Hooks are signed, decisions need a letter, form.js is built by the bundle: the journey knows how.
    expect(good.length).toBeGreaterThan(70);
  },
);
