import { join } from 'node:path';
import { parseArgs } from 'node:util';

const USAGE = `npm start -- [--port 4000] [--data .local] [--rough [seed]] [--empty] [--quiet] [--assembly cdk.out]

  --port N        the port for people; N + 1 is the control port       (4000)
  --data DIR      where everything is kept                             (.local)
  --rough [SEED]  rough weather: delays, doubles, throttles, conflicts
  --empty         do not load the starter set into an empty table
  --quiet         print nothing but errors
  --assembly DIR  run this synthesized assembly instead of the project`;

type Settings = { port: number; data: string; rough?: number; empty: boolean; quiet: boolean; assembly?: string };

/** @throws Error in one sentence for flags that make no sense */
function settingsOf(args: string[]): Settings | 'help' {
  // A flag whose value may be left out is not something parseArgs knows.
  const given = args.flatMap((arg, at) =>
    arg === '--rough' && !/^\d+$/.test(args[at + 1] ?? '') ? [`--rough=${Date.now() % 1_000_000}`] : [arg],
  );
  const { values } = parseArgs({
    args: given,
    options: {
      port: { type: 'string', default: '4000' },
      data: { type: 'string', default: join(import.meta.dirname, '..', '.local') },
      rough: { type: 'string' },
      empty: { type: 'boolean', default: false },
      quiet: { type: 'boolean', default: false },
      assembly: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_534)
    throw new Error(`--port ${values.port}: not a port (1 to 65534).`);
  const { data, empty, quiet, assembly } = values;
  const seed = values.rough === undefined ? {} : { rough: Number(values.rough) };
  if (Number.isNaN(seed.rough)) throw new Error(`--rough ${values.rough}: the seed is a whole number.`);
  return { port, data, empty, quiet, ...seed, ...(assembly === undefined ? {} : { assembly }) };
}

async function main(): Promise<void> {
  const settings = read();
  if (settings === 'help') {
    console.log(USAGE);
    return;
  }
  if (!settings.quiet) console.log('Sdelka, local cloud: for development, trial and tests on this machine only');
  const started = performance.now();
  // Loaded only now, so that a wrong flag is answered at once.
  const { startCloud } = await import('./cloud.ts');
  const cloud = await startCloud(settings);
  const stop = (code: number): void => void cloud.stop().then(() => process.exit(code));
  process.once('SIGINT', () => stop(0)).once('SIGTERM', () => stop(0));
  void cloud.failed.then((error) => {
    console.error(error.message);
    stop(1);
  });
  if (settings.quiet) return;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (settings.rough !== undefined)
    console.log(`rough weather, seed ${settings.rough}: --rough ${settings.rough} repeats it`);
  console.log(`ready in ${seconds} s: ${cloud.url}/_local/  (control ${cloud.controlUrl}, Ctrl-C stops)`);
}

function read(): ReturnType<typeof settingsOf> {
  try {
    return settingsOf(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return process.exit(1);
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
