import { parseArgs } from 'node:util';
import { controlAt } from './control/client.ts';
import { personAt } from './person.ts';
import { ADMIN } from './starter.ts';

/** `npm run starter`: loads the starter set into a running local cloud, or with --url and --token into an installation. */
const { values } = parseArgs({
  options: { port: { type: 'string', default: '4000' }, url: { type: 'string' }, token: { type: 'string' } },
});
const port = Number(values.port);
const url = values.url ?? `http://127.0.0.1:${port}`;
const token = values.token ?? (await controlAt(`http://127.0.0.1:${port + 1}`).token({ email: ADMIN }));
const { status, body } = await personAt(url, token)<{ added?: number; detail?: string }>('POST /api/starter');
console.log(
  status === 201
    ? `${body.added ?? 0} records added; what was there stays as it is`
    : `Refused (${status}): ${body.detail ?? ''}`,
);
if (status !== 201) process.exitCode = 1;
