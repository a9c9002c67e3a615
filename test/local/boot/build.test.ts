import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { buildAssembly, buildKey } from '#local/build.ts';

/** A project whose app writes a manifest with a count of its runs. */
function project(app = 'node infra/app.mjs'): string {
  const root = mkdtempSync(join(tmpdir(), 'build-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const folder of ['infra', 'functions', 'shared/deep', 'workflows', 'local'])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'cdk.json'), JSON.stringify({ app, context: { stage: 'trial' } }));
  writeFileSync(join(root, 'shared/deep/money.ts'), 'export const one = 1;');
  writeFileSync(
    join(root, 'infra/app.mjs'),
    `import { writeFileSync } from 'node:fs';
     const { CDK_OUTDIR: dir, CDK_CONTEXT_JSON: context } = process.env;
     writeFileSync(dir + '/manifest.json', JSON.stringify({ run: Math.random(), context: JSON.parse(context) }));`,
  );
  return root;
}

test('the key changes with the name and the content of an input, and with nothing else', () => {
  const root = project();
  const first = buildKey(root);
  writeFileSync(join(root, 'local/other.ts'), 'x');
  writeFileSync(join(root, 'README.md'), 'x');
  expect(buildKey(root)).toBe(first);
  writeFileSync(join(root, 'shared/deep/money.ts'), 'export const one = 2;');
  const second = buildKey(root);
  expect(second).not.toBe(first);
  writeFileSync(join(root, 'workflows/approval.asl.json'), '{}');
  expect(buildKey(root)).not.toBe(second);
});

test('the app is synthesized once for the same inputs, with the context of cdk.json, and again after a change', async () => {
  const root = project();
  const said: string[] = [];
  const build = async () =>
    readFileSync(join(await buildAssembly(root, (text) => said.push(text)), 'manifest.json'), 'utf8');
  const first = await build();
  expect(JSON.parse(first)).toMatchObject({ context: { stage: 'trial' } });
  expect(await build()).toBe(first);
  expect(said).toHaveLength(1);
  writeFileSync(join(root, 'functions/new.ts'), 'x');
  expect(await build()).not.toBe(first);
});

test('a failing synthesis says what the app said, and leaves nothing that looks built', async () => {
  const root = project();
  writeFileSync(join(root, 'infra/app.mjs'), 'throw new Error("context domain is not a host name")');
  await expect(buildAssembly(root, () => {})).rejects.toThrow('context domain is not a host name');
  expect(readdirSync(join(root, '.build/local'))).toEqual([]);
});
