import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { controlAt } from '#local/control/client.ts';
import { type Journey, journeyAt } from './journey.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'local', 'main.ts');

/** A port whose neighbour is free as well. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  const next = createServer();
  const free = await new Promise<boolean>((resolve) => {
    next.once('error', () => resolve(false)).listen(port + 1, '127.0.0.1', () => resolve(true));
  });
  next.close();
  probe.close();
  return free && port < 65_000 ? port : freePort();
}

/** The local cloud as `npm start` runs it, in a process that can be killed, on a folder that outlives it. */
export async function openCloudProcess() {
  const data = mkdtempSync(join(tmpdir(), 'journey-'));
  const port = await freePort();
  const [url, controlUrl] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${port + 1}`];
  let child: ChildProcess | undefined;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child?.kill(signal)) await once(child, 'exit');
    child = undefined;
  };
  const start = async (): Promise<Journey> => {
    child = await ready(port, data);
    return journeyAt(url, controlUrl);
  };
  return {
    start,
    /** Ends it as a power cut does, and starts it again. */
    async killed(): Promise<Journey> {
      await end('SIGKILL');
      return start();
    },
    /** Ends it as a power cut does, and starts it again after so long: all that time nothing happened. */
    async backAfter(ms: number): Promise<Journey> {
      await end('SIGKILL');
      const db = new DatabaseSync(join(data, 'cloud.db'));
      db.prepare('update clock set ahead = ahead + ?').run(ms);
      db.close();
      return start();
    },
    async stop(): Promise<void> {
      await end('SIGTERM');
      rmSync(data, { recursive: true, force: true });
    },
  };
}

async function ready(port: number, data: string): Promise<ChildProcess> {
  const args = ['--disable-warning=ExperimentalWarning', MAIN, '--port', String(port), '--data', data, '--quiet'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const control = controlAt(`http://127.0.0.1:${port + 1}`);
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The local cloud ended with ${child.exitCode}: ${said}`);
    const status = await control.status().catch(() => undefined);
    if (status?.ready) return child;
    await sleep(30);
  }
}
