import { GetExecutionHistoryCommand, SFNClient } from '@aws-sdk/client-sfn';
import { personAt } from '#local/person.ts';
import type { Installation } from './installation.ts';
import { fact, type Row } from './report.ts';

type Units = { calls: number; table: number; index: number };
const READS = new Set(['GetItem', 'BatchGetItem', 'Query', 'Scan', 'TransactGetItems']);

/** Read and write units of one business operation and all that follows from it, table and indexes apart. */
async function unitsOf({ control }: Installation, label: string, act: () => Promise<unknown>): Promise<Row> {
  await control.settle();
  await control.count(label);
  await act();
  await control.settle();
  await control.count(null);
  const all = Object.entries((await control.meter())[label] ?? {});
  const sum = (reads: boolean, of: keyof Units): number =>
    all.filter(([action]) => READS.has(action) === reads).reduce((n, [, units]) => n + units[of], 0);
  return fact(
    `units: ${label}`,
    `write ${sum(false, 'table')} + ${sum(false, 'index')} index, read ${sum(true, 'table')} + ${sum(true, 'index')} index, ${all.reduce((n, [, { calls }]) => n + calls, 0)} calls`,
  );
}

export async function units(installation: Installation): Promise<Row[]> {
  const { url, control } = installation;
  const rows: Row[] = [];
  const seller = personAt(url, await control.token({ email: 'seller@sdelka.example' }));
  const measure = async (label: string, act: () => Promise<unknown>): Promise<void> =>
    void rows.push(await unitsOf(installation, label, act));
  const visitor = personAt(url);
  let rawId = '';
  await measure('a form post with its lead, no letter', async () => {
    const posted = await visitor<{ id: string }>('POST /public/forms/bench', {
      body: { name: 'Units', email: 'units@bench.example', phone: '+7 495 123-45-68' },
    });
    rawId = posted.body.id;
  });
  await measure('the same with its welcome letter, sent', async () =>
    visitor('POST /public/forms/site', {
      body: { name: 'Units', email: 'units2@bench.example', phone: '+7 495 123-45-69' },
    }),
  );
  const leadId = rawId.replace('raw_', 'lead_');
  let dealId = '';
  const products = await seller<{ items: { id: string }[] }>('GET /api/products?category=pumps');
  await measure('convert to client and deal, discount over the limit, approval asked', async () => {
    const lead = await seller(`GET /api/leads/${leadId}`);
    const lines = products.body.items.map(({ id }) => ({ productId: id, quantity: '1', discount: '20' }));
    const made = await seller<{ dealId: string }>(`POST /api/leads/${leadId}/convert`, {
      ifMatch: lead.version,
      body: { client: { kind: 'person' }, deal: { typeId: 'quick', lines } },
    });
    dealId = made.body.dealId;
  });
  const letter = (await control.inbox('head@sdelka.example'))[0];
  const link = letter && (await control.letter(letter.id)).links.find((one) => one.includes('/public/decisions/'));
  await measure('decision by the link, run resumed, asker told', async () =>
    fetch(link ?? '', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'decision=approve',
    }),
  );
  await measure('deal won, draft order, two letters', async () => {
    const deal = await seller(`GET /api/deals/${dealId}`);
    await seller(`POST /api/deals/${dealId}/win`, { ifMatch: deal.version, body: {} });
  });
  await measure('a work list of the few leads there are by now', async () => seller('GET /api/leads?limit=50'));
  return [...rows, await transitions(installation)];
}

/** AWS bills a Standard workflow by state transitions: every state entered, and one for the end. */
async function transitions({ control }: Installation): Promise<Row> {
  const { env } = await control.function('Api');
  const { workflows } = await control.status();
  const run = workflows.find(({ machine, status }) => machine.includes('Approval') && status === 'SUCCEEDED');
  const client = new SFNClient({
    endpoint: env['AWS_ENDPOINT_URL_SFN'] ?? '',
    region: 'us-east-1',
    credentials: { accessKeyId: 'local-root', secretAccessKey: 'local' },
  });
  const { events = [] } = await client.send(
    new GetExecutionHistoryCommand({ executionArn: run?.arn, maxResults: 1000 }),
  );
  const entered = events.filter(({ type }) => type?.endsWith('StateEntered')).length;
  return fact('state transitions of an approval that is answered', `${entered + 1} (${entered} states and the end)`);
}
