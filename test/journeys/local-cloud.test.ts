import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { controlAt } from '#local/control/client.ts';
import { smallAssembly } from '#test/support/small-assembly.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const HOUR = 3600;

let assembly: string;
let data: string;
let port: number;
let cloud: ChildProcess;
const control = () => controlAt(`http://127.0.0.1:${port + 1}`);
const url = (path: string): string => `http://127.0.0.1:${port}${path}`;

beforeAll(async () => {
  assembly = smallAssembly();
  data = mkdtempSync(join(tmpdir(), 'cloud-'));
  port = await freePort();
  cloud = await startReady();
});

afterAll(async () => {
  cloud.kill('SIGTERM');
  await ended(cloud);
  for (const dir of [assembly, data]) rmSync(dir, { recursive: true, force: true });
});

afterEach(() => control().heal());

function start(...flags: string[]): ChildProcess & { said(): string } {
  const args = [
    'local/main.ts',
    '--port',
    String(port),
    '--data',
    data,
    '--assembly',
    assembly,
    '--quiet',
    '--empty',
    ...flags,
  ];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return Object.assign(child, { said: () => text });
}

async function startReady(): Promise<ChildProcess> {
  const child = start();
  while (
    !(
      await control()
        .status()
        .catch(() => undefined)
    )?.ready
  ) {
    if (child.exitCode !== null) throw new Error(child.said());
    await sleep(30);
  }
  return child;
}

const ended = async (child: ChildProcess): Promise<number | null> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
};

/** A port whose neighbour is free as well. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port: found } = probe.address() as AddressInfo;
  const next = createServer();
  const free = await new Promise<boolean>((resolve) => {
    next.once('error', () => resolve(false)).listen(found + 1, '127.0.0.1', () => resolve(true));
  });
  next.close();
  probe.close();
  return free && found < 65_000 ? found : freePort();
}

/** Processes of the machine that were given our data folder, without this one and the cloud itself. */
const helpers = (): string[] =>
  readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    })
    .filter((line) => line.includes('DynamoDBLocal.jar') && line.includes(data));

const order = async (id: string, wait: number) => {
  const headers = { 'x-viewer-address': '6.6.6.6', 'x-origin-secret': 'guessed', 'content-type': 'application/json' };
  const response = await fetch(url('/public/orders'), { method: 'POST', headers, body: JSON.stringify({ id, wait }) });
  expect(response.status).toBe(202);
  return response.json();
};

const subjects = async (): Promise<string[]> =>
  (await control().inbox('anna@example.com')).map(({ subject }) => subject);

test('a request becomes an item, a stream record, a workflow and a letter, with the headers of the distribution', async () => {
  expect(await order('1', 0)).toEqual({
    id: '1',
    address: '127.0.0.1',
    secret: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f-]{27}$/),
    base: url(''),
  });
  await control().settle();
  expect(await subjects()).toEqual(['ORDER#1 <b>&']);
});

test('a workflow waits for its day, over kill -9, and its letter is sent once when the clock gets there', async () => {
  await order('2', 30 * HOUR);
  await control().settle();
  await control().advance('3h');
  const before = await control().clock();
  cloud.kill('SIGKILL');
  await ended(cloud);
  while (helpers().length > 0) await sleep(20);
  cloud = await startReady();
  expect((await control().clock()).aheadMs).toBeGreaterThanOrEqual(before.aheadMs);
  await control().advance('26h');
  expect(await subjects()).not.toContain('ORDER#2 <b>&');
  await control().advance('2h');
  expect((await subjects()).filter((subject) => subject === 'ORDER#2 <b>&')).toHaveLength(1);
});

test('what was accepted and not delivered when the process was killed is delivered after the next start', async () => {
  await order('3', 0);
  cloud.kill('SIGKILL');
  await ended(cloud);
  cloud = await startReady();
  await control().settle();
  expect(await subjects()).toContain('ORDER#3 <b>&');
});

test('a planned fault strikes once, and the retry of the workflow gets the letter through', async () => {
  await control().fail({ service: 'ses', action: 'SendRawEmail', kind: 'error', times: 4 });
  await order('4', 0);
  await control().settle();
  await control().advance('10s');
  expect(await control().faults()).toEqual([]);
  expect(await subjects()).toContain('ORDER#4 <b>&');
});

test('the pages for people are in both languages, escape what they show, and let no letter run a script', async () => {
  const page = async (path: string, language = 'en') => {
    const response = await fetch(url(path), { headers: { 'accept-language': language } });
    return {
      status: response.status,
      policy: response.headers.get('content-security-policy') ?? '',
      text: await response.text(),
    };
  };
  expect((await page('/')).text).toContain('What to try');
  expect((await page('/_local/', 'ru-RU,ru;q=0.9')).text).toContain('Что попробовать');
  expect((await page('/_local/?lang=ru')).text).toContain('<html lang="ru">');
  const [letter] = await control().inbox();
  const inbox = await page('/_local/inbox');
  expect(inbox.text).toContain('ORDER#4 &lt;b&gt;&amp;');
  expect(inbox.text).not.toContain('<b>&');
  const one = await page(`/_local/inbox/${letter?.id}`);
  expect(one.text).toMatch(/<iframe[^>]+sandbox="allow-popups allow-popups-to-escape-sandbox"/);
  const body = await page(`/_local/inbox/${letter?.id}/html`);
  expect(body.policy).toContain("default-src 'none'");
  expect(body.policy).toContain('sandbox');
  expect((await control().letter(letter?.id ?? '')).links).toEqual(['https://example.com/x?a=1&b=2']);
  const status = await page('/_local/status');
  expect(status.text).toContain('Small-Write');
  expect(status.text).toContain('SUCCEEDED');
  expect((await page('/_local/api')).status).toBe(200);
  expect((await page('/_local/nothing')).status).toBe(404);
});

test('pages of other sites reach neither the letters nor the control port', async () => {
  const { port: own } = new URL(url('/'));
  const { request } = await import('node:http');
  const statusOf = (options: object): Promise<number | undefined> =>
    new Promise((resolve) =>
      request({ host: '127.0.0.1', ...options }, (answer) => resolve(answer.resume().statusCode)).end(),
    );
  expect(await statusOf({ port: own, path: '/_local/inbox', headers: { host: 'evil.example' } })).toBe(421);
  const headers = { origin: 'https://evil.example' };
  expect(await statusOf({ port: port + 1, path: '/reset', method: 'POST', headers })).toBe(403);
});

test('a token of a demo user is given for a role, and the issuer knows whose it is', async () => {
  const token = await control().token({ role: 'seller' });
  const answer = await fetch(url('/oidc/oauth2/userInfo'), { headers: { authorization: `Bearer ${token}` } });
  expect(await answer.json()).toMatchObject({ email: 'seller@sdelka.example' });
  await expect(control().token({ role: 'nobody' })).rejects.toThrow(/there are: .*seller/);
});

test('a second cloud on the same folder, and one on the same port, say so in one sentence and leave nothing behind', async () => {
  const second = start();
  expect(await ended(second)).toBe(1);
  expect(second.said()).toMatch(/^Another local cloud \(process \d+\) runs on the data folder .*\n$/);
  const elsewhere = mkdtempSync(join(tmpdir(), 'cloud-'));
  const third = start('--data', elsewhere);
  expect(await ended(third)).toBe(1);
  expect(third.said()).toBe(`Port ${port} is taken by another program: choose another with --port.\n`);
  expect(existsSync(join(elsewhere, 'cloud.lock'))).toBe(false);
  rmSync(elsewhere, { recursive: true });
});

test('a reset empties everything and keeps the ports', async () => {
  await control().reset();
  expect(await control().inbox()).toEqual([]);
  expect((await control().status()).workflows).toEqual([]);
  await order('1', 0);
  await control().settle();
  expect(await subjects()).toEqual(['ORDER#1 <b>&']);
});

test('a polite end leaves no lock and no Java', async () => {
  cloud.kill('SIGTERM');
  expect(await ended(cloud)).toBe(0);
  expect(existsSync(join(data, 'cloud.lock'))).toBe(false);
  expect(helpers()).toEqual([]);
  cloud = await startReady();
});
