import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Metafile, type Plugin } from 'esbuild';
import type { Needs } from '#shared/needs.ts';

const ROOT = join(import.meta.dirname, '..');

/**
 * Largest minified bundle in bytes. People wait while the doors start: visitors at `public`, which holds little; sellers
 * at `api`, which also checks the rules and templates they write (CEL and Liquid are 165 kB of it).
 */
const BUDGETS: Readonly<Record<string, number>> = { public: 500_000, api: 800_000 };
const BUDGET = 900_000;

/** What an entry says of itself beside its handler. */
export type Entry = { needs: Needs; listens?: readonly string[] };

/** Names of the entries: the files at the top of `functions/`. */
export const entryNames = (): string[] =>
  readdirSync(join(ROOT, 'functions'))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();

/**
 * Bundles `functions/<entry>.ts` to `<outDir>/<entry>/index.mjs`, all in one call, and answers what each entry declares.
 * The declarations are read from the bundles, so that what is deployed and what the stack grants it are one file.
 * @throws Error naming the heaviest packages when a bundle is over its budget
 */
export async function bundle(outDir: string, entries: readonly string[]): Promise<Record<string, Entry>> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: Object.fromEntries(entries.map((entry) => [`${entry}/index`, `functions/${entry}.ts`])),
    outdir: outDir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
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
    plugins: [environmentCredentials, oneLanguage],
  });
  checkBudgets(metafile);
  const declared = entries.map(async (entry) => {
    const file = join(outDir, entry, 'index.mjs');
    return [entry, (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Entry] as const;
  });
  return Object.fromEntries(await Promise.all(declared));
}

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

/** Messages of zod in 60 languages come along as soon as one module says `z.core`: 340 kB that nobody reads. */
const oneLanguage: Plugin = {
  name: 'one-language',
  setup({ onLoad }) {
    onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};

/** @throws Error when a bundle outweighs what its users should wait for */
export function checkBudgets({ outputs }: Metafile): void {
  for (const [file, { entryPoint, bytes, inputs }] of Object.entries(outputs)) {
    const entry = /functions\/([\w-]+)\.ts$/.exec(entryPoint ?? '')?.[1];
    if (entry === undefined) continue;
    const budget = BUDGETS[entry] ?? BUDGET;
    if (bytes <= budget) continue;
    const heaviest = heaviestOf(inputs).map(([name, size]) => `${name} ${kB(size)}`);
    throw new Error(
      `${file} has ${kB(bytes)}, over its budget of ${kB(budget)}: ${heaviest.join(', ')}. ` +
        'Import less of these, load them on first use, or raise the budget in infra/bundle.ts.',
    );
  }
}

const kB = (bytes: number): string => `${Math.round(bytes / 1000)} kB`;

function heaviestOf(inputs: Metafile['outputs'][string]['inputs']): [string, number][] {
  const weights = new Map<string, number>();
  for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
    const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? file.split('/')[0] ?? file;
    weights.set(name, (weights.get(name) ?? 0) + bytesInOutput);
  }
  return [...weights].sort(([, a], [, b]) => b - a).slice(0, 5);
}
