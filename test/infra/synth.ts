import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { bundle, entryNames } from '#infra/bundle.ts';
import { FLAGS, readContext } from '#infra/context.ts';
import type { Code } from '#infra/functions.ts';
import { Sdelka } from '#infra/stack.ts';
import { readAssembly } from '#local/template/assembly.ts';

/** Bundling and synthesizing take three seconds alone, and many on a machine busy with other tests. */
export const SYNTH_MS = 120_000;

let root: string | undefined;
/** A new folder, gone with the worker. */
export function fresh(): string {
  if (root === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'sdelka-infra-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    root = made;
  }
  return mkdtempSync(join(root, 'test-'));
}

let bundled: Promise<Code> | undefined;

/** The bundles of all entries, made once for all tests of a worker. */
export const code = (): Promise<Code> => {
  const folder = fresh();
  return (bundled ??= bundle(folder, entryNames()).then((entries) => ({ folder, entries })));
};

type Settings = { context?: Record<string, unknown>; consoleFolder?: string; workflowFolder?: string; nag?: boolean };

/** Synthesizes the whole stack. @throws the findings of cdk-nag when `nag` is on */
export async function synth({ context = {}, consoleFolder = 'none', workflowFolder, nag = false }: Settings = {}) {
  const outdir = fresh();
  const app = new App({ outdir, analyticsReporting: false, context: FLAGS });
  if (nag) Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const stack = new Sdelka(app, 'Sdelka', {
    context: readContext(context),
    code: await code(),
    workflowFolder: workflowFolder ?? 'workflows',
    consoleFolder,
  });
  app.synth();
  return { outdir, stack, template: Template.fromStack(stack) };
}

let whole: ReturnType<typeof synth> | undefined;
/** The stack as it is without any settings, synthesized once for all tests of a worker. */
export const plainStack = (): ReturnType<typeof synth> => (whole ??= synth());

export const assemblyOf = (outdir: string) =>
  readAssembly(outdir, { issuer: 'https://issuer.test', userPool: 'pool', userPoolClient: 'client' });

export type Declared = {
  Type: string;
  Properties: Record<string, unknown>;
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
};

/** The resources of one type. */
export const ofType = (template: Template, type: string): Declared[] =>
  Object.values(template.findResources(type)) as Declared[];

/** Some resource of the type has these properties. */
export const expectOne = (template: Template, type: string, properties: unknown): void =>
  template.hasResourceProperties(type, properties);
/** Every resource of the type has these properties, and there is one. */
export const expectEach = (template: Template, type: string, properties: unknown): void =>
  template.allResourcesProperties(type, properties);
export const expectCount = (template: Template, type: string, count: number): void =>
  template.resourceCountIs(type, count);
