import { parseArgs } from 'node:util';
import { controlAt } from './control/client.ts';

const USAGE = 'npm run token -- --role seller | --email seller@sdelka.example  [--port 4000]';

/** Prints a bearer token of a demo user of the running local cloud. */
try {
  const { values } = parseArgs({
    options: { role: { type: 'string' }, email: { type: 'string' }, port: { type: 'string', default: '4000' } },
  });
  const { role, email, port } = values;
  if ((role === undefined) === (email === undefined)) throw new Error('Give one of --role and --email.');
  const control = controlAt(`http://127.0.0.1:${Number(port) + 1}`);
  console.log(await control.token(email === undefined ? { role: role ?? '' } : { email }));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 1;
}
