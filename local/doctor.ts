import { parseArgs } from 'node:util';
import { controlAt } from './control/client.ts';
import { functionFindings, mailFindings, stackFindings, tableFindings } from './doctor/account.ts';
import { addressFindings } from './doctor/address.ts';
import { readDeployed } from './doctor/deployed.ts';
import { fail, type Finding, lineOf, warn } from './doctor/finding.ts';
import { journeyFindings } from './doctor/journey.ts';
import { personAt } from './person.ts';

const USAGE = `npm run doctor -- [--stack Sdelka] [--token TOKEN] [--form site]     a deployed installation, with AWS credentials
npm run doctor -- --port 4000                                           the running local cloud

Reads what a deployment depends on. With a token of somebody who may change leads and deals it also plays the main path:
two leads "Doctor" with letters to SES's mailbox simulator, a deal that is lost at the end, and a letter to whoever would
approve its discount.`;

type Flags = { stack: string; form: string; token?: string; port?: string; help: boolean };
const flags = (): Flags =>
  parseArgs({
    options: {
      stack: { type: 'string', default: 'Sdelka' },
      token: { type: 'string' },
      form: { type: 'string', default: 'site' },
      port: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  }).values;

/** A check that cannot be made is a finding too. */
async function tried(what: string, check: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await check();
  } catch (error) {
    return [
      fail(`${what}: ${error instanceof Error ? error.message : String(error)}`, 'Look at credentials and region.'),
    ];
  }
}

async function* deployedFindings(stack: string): AsyncGenerator<Finding, string | undefined> {
  const deployed = await readDeployed(stack);
  yield* stackFindings(deployed);
  const [table] = deployed.ids('AWS::DynamoDB::GlobalTable');
  if (table === undefined)
    yield warn('table: a restored one, not of this stack', 'Check its recovery and protection by hand.');
  else yield* await tried('table', () => tableFindings(table));
  yield* await tried('functions', () => functionFindings(deployed));
  yield* await tried('mail', () => mailFindings(deployed));
  return deployed.outputs['BaseUrl'];
}

async function* findings({ stack, form, token: given, port }: Flags): AsyncGenerator<Finding> {
  const url = port === undefined ? yield* deployedFindings(stack) : `http://127.0.0.1:${port}`;
  if (url === undefined) return yield fail('address: the stack has no output BaseUrl', 'Deploy it again.');
  const token =
    port === undefined ? given : await controlAt(`http://127.0.0.1:${Number(port) + 1}`).token({ role: 'head' });
  const visitor = personAt(url);
  yield* await tried('address', () => addressFindings(visitor, url));
  if (token === undefined)
    return yield warn('journey: not played', 'Give --token: a bearer token of a signed-in user, or an API key.');
  yield* journeyFindings({ visitor, person: personAt(url, token), form, stamp: Date.now().toString(36) });
}

try {
  const settings = flags();
  if (settings.help) console.log(USAGE);
  else {
    if (settings.port !== undefined)
      console.log(
        'local cloud: the account (quotas, sandbox, DKIM, certificate, backups) exists on AWS only and is not asked\n',
      );
    const count = { ok: 0, warn: 0, fail: 0 };
    for await (const finding of findings(settings)) {
      count[finding.state] += 1;
      console.log(lineOf(finding));
    }
    console.log(`\n${count.ok} ok, ${count.warn} warnings, ${count.fail} failures`);
    if (count.fail > 0) process.exitCode = 1;
  }
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 1;
}
