import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A resource as the template declares it. */
export type Declared = {
  Type: string;
  Properties?: Record<string, unknown>;
  Condition?: string;
};
/** The parts of a CloudFormation template that say anything here. */
export type Document = {
  Resources: Record<string, Declared>;
  Conditions?: Record<string, unknown>;
  Parameters?: Record<string, { Default?: unknown }>;
  Mappings?: Record<string, Record<string, Record<string, unknown>>>;
  Outputs?: Record<string, { Value: unknown }>;
};
/** One synthesized stack: its template, and the files its assets lie in by object key. */
export type Stack = { name: string; document: Document; assets: ReadonlyMap<string, string> };

type Manifest = { artifacts?: Record<string, { type: string; properties?: { templateFile?: string } }> };
type Assets = {
  files?: Record<string, { source: { path: string }; destinations: Record<string, { objectKey: string }> }>;
};

/**
 * Reads the one stack of a cloud assembly (the folder `cdk synth` writes).
 * @throws Error in one sentence when it is missing, broken, or holds several stacks
 */
export function readStack(dir: string): Stack {
  const manifest = readJson<Manifest>(join(dir, 'manifest.json'));
  const stacks = Object.entries(manifest.artifacts ?? {}).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  const [name, artifact] = stacks[0] ?? [];
  if (!name || !artifact || stacks.length > 1)
    throw new Error(`${dir} holds ${stacks.length} stacks; the local cloud runs exactly one.`);
  const document = readJson<Document>(join(dir, artifact.properties?.templateFile ?? `${name}.template.json`));
  if (typeof document.Resources !== 'object') throw new Error(`The template of ${name} in ${dir} has no Resources.`);
  return { name, document, assets: readAssets(dir, name) };
}

function readAssets(dir: string, name: string): Map<string, string> {
  const { files = {} } = readJson<Assets>(join(dir, `${name}.assets.json`));
  return new Map(
    Object.values(files).flatMap(({ source, destinations }) =>
      Object.values(destinations).map(({ objectKey }) => [objectKey, join(dir, source.path)] as const),
    ),
  );
}

function readJson<T>(path: string): T {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch (error) {
    throw new Error(
      `The synthesized template cannot be read: ${path}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}
