import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';

/** Whatever can change the bundles or the template. */
const INPUTS = [
  'infra',
  'functions',
  'shared',
  'web/lead-form',
  'workflows',
  'package-lock.json',
  'cdk.json',
  'tsconfig.json',
];

/** Older assemblies are kept for clouds that still run on them. */
const KEPT = 4;

/**
 * Bundles and synthesizes the app under `root`, unless the same inputs were built before; answers the folder of the
 * cloud assembly. A build that is cut off leaves nothing that looks finished.
 * @throws Error with what the synthesis wrote, when it fails
 */
export async function buildAssembly(root: string, say: (text: string) => void): Promise<string> {
  const home = join(root, '.build', 'local');
  const ready = join(home, buildKey(root).slice(0, 16));
  if (existsSync(ready)) return ready;
  say('bundling the functions and synthesizing the stack (only after a change)');
  mkdirSync(home, { recursive: true });
  const fresh = mkdtempSync(join(home, 'new-'));
  try {
    await synthesize(root, fresh);
    renameSync(fresh, ready);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(ready)) throw error; // else another start has built the same meanwhile
  }
  prune(home);
  return ready;
}

function prune(home: string): void {
  const built = readdirSync(home).map((name) => join(home, name));
  const byAge = built.map((path) => ({ path, at: statSync(path).mtimeMs })).sort((a, b) => b.at - a.at);
  for (const { path } of byAge.slice(KEPT)) rmSync(path, { recursive: true, force: true });
}

/** One hash over names and contents of all inputs. */
export function buildKey(root: string): string {
  const hash = createHash('sha256').update(process.version);
  for (const input of INPUTS)
    for (const path of filesUnder(join(root, input)))
      hash.update(`\0${relative(root, path)}\0`).update(createHash('sha256').update(readFileSync(path)).digest());
  return hash.digest('hex');
}

function filesUnder(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return [];
  if (found.isFile()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Runs the app of cdk.json as `cdk synth` does, without the two seconds of its command line. */
async function synthesize(root: string, outdir: string): Promise<void> {
  const { app, context } = cdkJson(root);
  const [command, ...args] = app.split(' ');
  const node = command === 'node' ? process.execPath : command;
  const env = { ...process.env, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(context) };
  try {
    await promisify(execFile)(node ?? '', args, { cwd: root, env, maxBuffer: 16 * 1024 * 1024 });
  } catch (error) {
    const { stderr = '', stdout = '' } = error as { stderr?: string; stdout?: string };
    throw new Error(`The stack could not be synthesized (\`${app}\` in ${root}):\n${essence(stdout + stderr, error)}`, {
      cause: error,
    });
  }
}

/** What a program said when it failed, without the stack trace that Node adds. */
function essence(said: string, error: unknown): string {
  const lines = said.split('\n').filter((line) => line.trim() !== '' && !/^\s+at |^Node\.js v/.test(line));
  return lines.slice(0, 30).join('\n') || String(error);
}

function cdkJson(root: string): { app: string; context: Record<string, unknown> } {
  const path = join(root, 'cdk.json');
  if (!existsSync(path)) throw new Error(`There is no ${path}: start in the folder of the project.`);
  const { app, context = {} } = JSON.parse(readFileSync(path, 'utf8')) as {
    app?: string;
    context?: Record<string, unknown>;
  };
  if (!app) throw new Error(`${path} names no app.`);
  return { app, context };
}
