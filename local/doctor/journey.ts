import { setTimeout as sleep } from 'node:timers/promises';
import type { Got, Person } from '../person.ts';
import { fail, type Finding, ok, same, warn } from './finding.ts';

type Letter = { purpose: string; state: string; reason?: string };
type Deal = { approvalId?: string; code?: string };

/** How long each thing that happens by itself may take: SES's reports are the slowest. */
const PATIENCE_MS = 90_000;
const STEP_MS = 500;

/** The last answer that came while waiting for one that satisfies. */
async function until<T>(ask: () => Promise<Got<T>>, satisfied: (body: T) => boolean): Promise<Got<T> | undefined> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const got = await ask();
    if (got.status < 300 && satisfied(got.body)) return got;
    if (performance.now() > end) return undefined;
    await sleep(STEP_MS);
  }
}

/** A visitor, who asks as nobody; a person who is signed in and may change leads and deals; the form; a mark of this run. */
export type Cast = { visitor: Person; person: Person; form: string; stamp: string };

/**
 * Plays the main path with letters to SES's mailbox simulator, and cleans up as far as history allows: the deal is lost,
 * its approval voided. Each finding compares with what the local cloud does.
 */
export async function* journeyFindings(cast: Cast): AsyncGenerator<Finding> {
  const { visitor, person, form, stamp } = cast;
  const shown = await visitor(`GET /public/forms/${form}`);
  if (shown.status === 404)
    return yield fail(
      `journey: there is no form ${form}`,
      'Load the starter set (npm run starter), or name one by --form.',
    );
  const leadId = yield* captured(cast, `success+doctor-${stamp}@simulator.amazonses.com`, 'delivered');
  yield* captured(cast, `bounce+doctor-${stamp}@simulator.amazonses.com`, 'bounced');
  if (leadId === undefined) return;
  yield await searched(person, `doctor-${stamp}`, leadId);
  const lead = await person(`GET /api/leads/${leadId}`);
  const deal = { typeId: 'quick', name: `Doctor ${stamp}: please ignore`, lines: linesAt('0') };
  const converted = await person<{ dealId: string }>(`POST /api/leads/${leadId}/convert`, {
    ifMatch: lead.version,
    body: { client: { kind: 'person' }, deal },
  });
  yield same('journey: the lead becomes a client and a deal', converted.status, 200, detailOf(converted));
  if (converted.status === 200) yield* approved(person, converted.body.dealId);
}

async function searched(person: Person, text: string, leadId: string): Promise<Finding> {
  const found = await until(
    () => person<{ items?: { id: string }[] }>(`GET /api/search?q=${text}`),
    ({ items = [] }) => items.some(({ id }) => id === leadId),
  );
  return found
    ? ok('journey: search finds it by a part of its address')
    : fail(
        'journey: search does not find it',
        'Look at the log of the query function, and whether it may read the table and the folder copy/ of the bucket Files.',
      );
}

const linesAt = (discount: string) => [{ name: 'Check', quantity: '1', price: '1000', discount }];
const detailOf = ({ body }: Got<unknown>): string =>
  (body as { detail?: string } | undefined)?.detail ?? 'Look at the log of the api function.';

/** From a sent form to what became of the welcome letter. Returns the lead. */
async function* captured(
  { visitor, person, form }: Cast,
  email: string,
  outcome: 'delivered' | 'bounced',
): AsyncGenerator<Finding, string | undefined> {
  const began = performance.now();
  const since = (): string => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  const posted = await visitor<{ id: string }>(`POST /public/forms/${form}`, { body: { name: 'Doctor', email } });
  yield same('journey: a sent form is taken', posted.status, 202, detailOf(posted));
  if (posted.status !== 202) return undefined;
  const raw = await until(
    () => person<{ leadId?: string }>(`GET /api/intake/${posted.body.id}`),
    ({ leadId }) => leadId !== undefined,
  );
  const leadId = raw?.body.leadId;
  if (leadId === undefined) {
    yield fail(
      `journey: no lead after ${since()}`,
      'The way is stream → relay → bus → events: look at their logs, at the dead letters, and whether the token may read intake.',
    );
    return undefined;
  }
  yield ok(`journey: it is a lead after ${since()}`);
  const done = await until(
    () => person<{ items: Letter[] }>(`GET /api/records/${leadId}/letters`),
    ({ items }) => items[0]?.state === outcome || items[0]?.state === 'not_sent',
  );
  const [letter] = done?.body.items ?? [];
  if (letter?.state === outcome) yield ok(`journey: its letter to the simulator is ${outcome} after ${since()}`);
  else
    yield letter
      ? fail(
          `journey: the letter was not sent: ${letter.reason ?? ''}`,
          'Mend the template or the sender, and send the form again.',
        )
      : warn(
          `journey: no letter is ${outcome} after ${since()}`,
          'Has the form a welcome letter? If so, look at the log of the letters function, and at the SNS subscription for SES’s reports.',
        );
  return leadId;
}

/** A discount that needs an approval starts a workflow that writes to the approver; then all of it is taken back. */
async function* approved(person: Person, dealId: string): AsyncGenerator<Finding> {
  const change = async (discount: string) => {
    const { version } = await person(`GET /api/deals/${dealId}`);
    return person<Deal>(`PUT /api/deals/${dealId}`, { ifMatch: version, body: { lines: linesAt(discount) } });
  };
  const asked = await change('50');
  const { approvalId, code } = asked.body;
  if (code === 'no_approver') yield warn('journey: nobody but you could approve a discount', detailOf(asked));
  else if (approvalId === undefined)
    yield warn('journey: no rule asks for an approval of 50 % discount', 'Load the starter set, or make a policy.');
  else {
    const told = await until(
      () => person<{ items: Letter[] }>(`GET /api/records/${dealId}/letters`),
      ({ items }) => items.length > 0,
    );
    yield told
      ? ok('journey: the workflow runs and has written to the approver')
      : fail(
          'journey: nobody was asked to approve',
          'Look at the execution of the approval workflow in Step Functions.',
        );
    const changed = await change('0');
    const approval = await person<{ state: string }>(`GET /api/approvals/${approvalId}`);
    yield same('journey: other terms void the approval', approval.body.state, 'voided', detailOf(changed));
  }
  const { version } = await person(`GET /api/deals/${dealId}`);
  const lost = await person(`POST /api/deals/${dealId}/stage`, {
    ifMatch: version,
    body: { stage: 'lost', lostReason: 'A check of the installation' },
  });
  yield same('journey: the deal is closed as lost', lost.status, 200, detailOf(lost));
}
