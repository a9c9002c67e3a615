import { parseArgs } from 'node:util';
import { controlAt } from './control/client.ts';
import { personAt, type Got } from './person.ts';

/** Plays the main path against a running local cloud as people would, and prints each step with its link. */

const { values } = parseArgs({ options: { port: { type: 'string', default: '4000' } } });
const port = Number(values.port);
const url = `http://127.0.0.1:${port}`;
const control = controlAt(`http://127.0.0.1:${port + 1}`);

function must<T>(got: Got<T>, step: string): Got<T> {
  if (got.status < 300) return got;
  throw new Error(`${step}: ${got.status} ${JSON.stringify(got.body)}`);
}

let count = 0;
function tell(what: string, link: string): void {
  count += 1;
  console.log(`${String(count).padStart(2)}. ${what}\n    ${link}`);
}

type Line = { productId: string; quantity: string; discount?: string };

async function play(): Promise<void> {
  const visitor = personAt(url);
  const seller = personAt(url, await control.token({ email: 'seller@sdelka.example' }));
  const stamp = Date.now().toString(36);
  const email = `buyer-${stamp}@client.example`;

  const posted = must(
    await visitor<{ id: string }>('POST /public/forms/site', {
      body: {
        name: 'Вера Покупаева',
        email,
        phone: `8 (495) ${String(Date.now()).slice(-7)}`,
        company: 'ООО «Ромашка»',
        message: 'Нужны два насоса',
      },
    }),
    'form',
  );
  tell(
    'A visitor sends the form of the site; the request is kept before anything else',
    `${url}/_local/records/${posted.body.id}`,
  );
  await control.settle();

  const leadId = posted.body.id.replace('raw_', 'lead_');
  const lead = must(await seller<{ ownerId: string; channel: string }>(`GET /api/leads/${leadId}`), 'lead');
  const work = must(
    await seller<{ score: number; scoreParts: { rule: string; points: number }[] }>(`GET /api/leads/${leadId}/work`),
    'work',
  );
  const parts = work.body.scoreParts.map(({ rule, points }) => `${rule} ${points > 0 ? '+' : ''}${points}`).join(', ');
  tell(`It is a lead of ${lead.body.ownerId}, score ${work.body.score} (${parts})`, `${url}/_local/records/${leadId}`);
  const [welcome] = await control.inbox(email);
  tell(`The visitor has a letter: "${welcome?.subject ?? '?'}"`, `${url}/_local/inbox/${welcome?.id ?? ''}`);

  const catalogue = must(
    await seller<{ items: { id: string; sku: string }[] }>('GET /api/products?category=pumps'),
    'products',
  );
  const lines: Line[] = catalogue.body.items.map(({ id }) => ({ productId: id, quantity: '1', discount: '18' }));
  const converted = must(
    await seller<{ dealId: string; clientId: string }>(`POST /api/leads/${leadId}/convert`, {
      ifMatch: lead.version,
      body: { client: { kind: 'organisation' }, deal: { typeId: 'quick', lines } },
    }),
    'convert',
  );
  const { dealId, clientId } = converted.body;
  tell('The seller makes a client and a deal of it, with 18 % discount', `${url}/_local/records/${dealId}`);
  tell('The client, with the lead behind it', `${url}/_local/records/${clientId}`);

  const deal = must(await seller<{ approvalId: string }>(`GET /api/deals/${dealId}`), 'deal');
  const early = await seller(`POST /api/deals/${dealId}/win`, { ifMatch: deal.version, body: {} });
  tell(
    `Winning it now is refused (${early.status}): the discount needs an approval`,
    `${url}/_local/records/${deal.body.approvalId}`,
  );
  await control.settle();

  const [asked] = await control.inbox('head@sdelka.example');
  const letter = asked && (await control.letter(asked.id));
  const link = letter?.links.find((one) => one.includes('/public/decisions/'));
  if (!letter || link === undefined) throw new Error('The head has no letter with a link.');
  tell(`The head has a letter: "${letter.subject ?? ''}"`, `${url}/_local/inbox/${letter.id}`);
  for (const method of ['GET', 'HEAD', 'GET']) await fetch(link, { method });
  tell('Opening the link, as mail scanners do too, decides nothing', link);
  const decided = await fetch(link, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'decision=approve',
  });
  tell(`The head presses "approve" (${decided.status}); the link now says who decided`, link);
  await control.settle();

  const order = must(
    await seller<{ id: string; amount: { amount: string; currency: string } }>(`POST /api/deals/${dealId}/win`, {
      ifMatch: deal.version,
      body: {},
      key: `demo-${stamp}`,
    }),
    'win',
  );
  tell(
    `The deal is won; its order over ${order.body.amount.amount} ${order.body.amount.currency} is made in draft`,
    `${url}/_local/records/${order.body.id}`,
  );
  await control.settle();
  const told = await control.inbox('seller@sdelka.example');
  tell(`Seller and head are told: "${told[0]?.subject ?? '?'}"`, `${url}/_local/inbox`);

  const story = must(
    await seller<{ chain: { entity: string }[]; events: { type: string }[] }>(`GET /api/stories/${order.body.id}`),
    'story',
  );
  tell(
    `The story, ${story.body.events.length} events: ${story.body.chain.map(({ entity }) => entity).join(' → ')}`,
    `${url}/_local/records/${order.body.id}`,
  );
}

try {
  await play();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
