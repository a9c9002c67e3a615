import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { controlAt, type Control } from '#local/control/client.ts';
import { personAt, type Person } from '#local/person.ts';

/** A local cloud in a process of its own, on disk in a temporary folder, as a user would start it. */
export type Installation = {
  url: string;
  control: Control;
  admin: Person;
  pid: number;
  readySeconds: number;
  stop(): Promise<void>;
};

const PORT = 4790;

export async function start(dir = mkdtempSync(join(tmpdir(), 'sdelka-bench-'))): Promise<Installation> {
  const began = performance.now();
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', 'local/main.ts', '--port', String(PORT), '--data', dir],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, TZ: 'UTC' } },
  );
  await ready(child);
  const readySeconds = (performance.now() - began) / 1000;
  const url = `http://127.0.0.1:${PORT}`;
  const control = controlAt(`http://127.0.0.1:${PORT + 1}`);
  const admin = personAt(url, await control.token({ email: 'admin@sdelka.example' }));
  return {
    url,
    control,
    admin,
    pid: child.pid ?? 0,
    readySeconds,
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function ready(child: ChildProcess): Promise<void> {
  let said = '';
  for await (const chunk of child.stdout ?? []) {
    said += String(chunk);
    if (said.includes('ready in')) return void child.stdout?.resume();
  }
  throw new Error(`The local cloud did not start: ${said}`);
}

/** Resident memory in MB of a process and all its descendants, as Linux counts it. */
export function memoryOf(pid: number): number {
  const parents = new Map<number, number>();
  const pages = new Map<number, number>();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      parents.set(Number(entry), Number(fields[1]));
      pages.set(Number(entry), Number(fields[21]));
    } catch {
      // It ended meanwhile.
    }
  }
  const within = (one: number): boolean => one === pid || (one > 1 && within(parents.get(one) ?? 0));
  return [...pages].filter(([one]) => within(one)).reduce((all, [, count]) => all + (count * 4096) / 1e6, 0);
}
