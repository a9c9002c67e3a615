import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild';
import type { Needs } from '#shared/needs.ts';
import { formScript, SCRIPTS } from './form-script.ts';

const ROOT = join(import.meta.dirname, '..');

/**
 * Most bytes a function may load at its start, minified; what it loads on first use (`import()`) does not count. People
 * wait while the doors start: visitors at `public`, sellers at `api` and `query`.
 */
const BUDGETS: Readonly<Record<string, number>> = { public: 500_000, api: 500_000, query: 600_000 };
const BUDGET = 900_000;

/** What an entry says of itself beside its handler. */
export type Entry = { needs: Needs; listens?: readonly string[]; paths?: readonly string[] };

/** Names of the entries: the files at the top of `functions/`. */
export const entryNames = (): string[] =>
  readdirSync(join(ROOT, 'functions'))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();

/**
 * Bundles each `functions/<entry>.ts` to `<outDir>/<entry>/index.mjs` and chunks for what it loads on first use, and answers
 * what each entry declares. The declarations are read from the bundles, so that what is deployed and what the stack grants
 * it are one file. Beside `public` lie the scripts for other people's pages, which it serves.
 * @throws Error naming the heaviest packages when a bundle is over its budget
 */
export async function bundle(outDir: string, entries: readonly string[]): Promise<Record<string, Entry>> {
  const declared = entries.map(async (entry) => {
    const folder = join(outDir, entry);
    rmSync(folder, { recursive: true, force: true });
    const { metafile } = await build(optionsFor(entry, folder));
    checkBudget(entry, metafile);
    if (entry === 'public') for (const name of SCRIPTS) await formScript(join(folder, `${name}.js`), name);
    return [entry, (await import(/* @vite-ignore */ pathToFileURL(join(folder, 'index.mjs')).href)) as Entry] as const;
  });
  return Object.fromEntries(await Promise.all(declared));
}

const optionsFor = (entry: string, outdir: string) =>
  ({
    absWorkingDir: ROOT,
    entryPoints: { index: `functions/${entry}.ts` },
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    chunkNames: '[name]-[hash]',
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    minify: true,
    // 5 ms of a cold start, for stack traces that name our files; the text of the sources stays at home.
    sourcemap: 'linked',
    sourcesContent: false,
    metafile: true,
    // Packages still in CommonJS ask for Node's own modules this way.
    banner: {
      js: "import{createRequire as createRequireForBundle}from'node:module';const require=createRequireForBundle(import.meta.url);",
    },
    plugins: [environmentCredentials],
  }) as const satisfies BuildOptions;

/**
 * On Lambda credentials come from the environment: the SDK's other ways to find some (SSO, profiles, processes, web
 * identity, instance metadata) are a quarter of its weight.
 */
const environmentCredentials: Plugin = {
  name: 'environment-credentials',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ path }) => ({ path, namespace: 'environment' }));
    onLoad({ filter: /.*/, namespace: 'environment' }, () => ({
      contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
      resolveDir: ROOT,
    }));
  },
};

/** @throws Error when what an entry loads at its start outweighs what its users should wait for */
export function checkBudget(entry: string, { outputs }: Metafile): void {
  const start = Object.keys(outputs).find((file) => outputs[file]?.entryPoint === `functions/${entry}.ts`);
  const loaded = start === undefined ? [] : [...loadedWith(start, outputs)].flatMap((file) => outputs[file] ?? []);
  const bytes = loaded.reduce((all, output) => all + output.bytes, 0);
  const budget = BUDGETS[entry] ?? BUDGET;
  if (bytes <= budget) return;
  const heaviest = heaviestOf(loaded).map(([name, size]) => `${name} ${kB(size)}`);
  throw new Error(
    `${entry} loads ${kB(bytes)} at its start, over its budget of ${kB(budget)}: ${heaviest.join(', ')}. ` +
      'Import less of these, load them on first use, or raise the budget in infra/bundle.ts.',
  );
}

/** A file and every chunk it imports at once, directly or not. */
function loadedWith(file: string, outputs: Metafile['outputs'], seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const { kind, path } of outputs[file]?.imports ?? [])
    if (kind === 'import-statement') loadedWith(path, outputs, seen);
  return seen;
}

const kB = (bytes: number): string => `${Math.round(bytes / 1000)} kB`;

function heaviestOf(outputs: readonly Metafile['outputs'][string][]): [string, number][] {
  const weights = new Map<string, number>();
  for (const [file, { bytesInOutput }] of outputs.flatMap(({ inputs }) => Object.entries(inputs))) {
    const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? file.split('/')[0] ?? file;
    weights.set(name, (weights.get(name) ?? 0) + bytesInOutput);
  }
  return [...weights].sort(([, a], [, b]) => b - a).slice(0, 5);
}
