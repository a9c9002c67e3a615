import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkBudget } from '#infra/bundle.ts';
import { code, SYNTH_MS } from './synth.ts';

const output = (entry: string, bytes: number) => ({
  inputs: {},
  outputs: {
    [`.build/${entry}/index.mjs`]: {
      entryPoint: `functions/${entry}.ts`,
      bytes,
      imports: [],
      exports: [],
      inputs: {
        'node_modules/heavy/a.js': { bytesInOutput: 300_000 },
        'node_modules/@scope/heavier/b.js': { bytesInOutput: 400_000 },
        'shared/own.ts': { bytesInOutput: 10 },
      },
    },
  },
});

it('A function that loads more at its start than its budget stops the build and names the heaviest packages', () => {
  expect(() => checkBudget('public', output('public', 500_001))).toThrow(
    'public loads 500 kB at its start, over its budget of 500 kB: @scope/heavier 400 kB, heavy 300 kB, shared 0 kB.',
  );
  expect(() => checkBudget('public', output('public', 500_000))).not.toThrow();
  expect(() => checkBudget('letters', output('letters', 900_001))).toThrow('budget of 900 kB');
});

it('What is imported at once counts, what is loaded on first use does not', () => {
  const { inputs, outputs } = output('public', 300_000);
  const chunk = (bytes: number) => ({ bytes, imports: [], exports: [], inputs: {} });
  const with_ = (kind: 'import-statement' | 'dynamic-import') => ({
    inputs,
    outputs: {
      ...Object.fromEntries(
        Object.entries(outputs).map(([file, one]) => [
          file,
          Object.assign(one, { imports: [{ path: 'chunk', kind }] }),
        ]),
      ),
      chunk: chunk(300_000),
    },
  });
  expect(() => checkBudget('public', with_('import-statement'))).toThrow('public loads 600 kB');
  expect(() => checkBudget('public', with_('dynamic-import'))).not.toThrow();
});

it(
  'Every entry declares what it needs, and its bundle carries a handler',
  async () => {
    const { entries } = await code();
    expect(Object.keys(entries)).toEqual(
      expect.arrayContaining(['api', 'events', 'letters', 'public', 'relay', 'tasks']),
    );
    for (const entry of Object.values(entries)) {
      expect(entry).toMatchObject({ needs: { what: expect.any(String) }, handler: expect.any(Function) });
    }
  },
  SYNTH_MS,
);

it('Bundles hold neither ways to find credentials that Lambda never uses nor sixty languages', async () => {
  const { folder } = await code();
  const relay = readFileSync(join(folder, 'relay', 'index.mjs'), 'utf8');
  const maps = readdirSync(join(folder, 'relay')).filter((file) => file.endsWith('.map'));
  const sources = maps.flatMap(
    (file) => (JSON.parse(readFileSync(join(folder, 'relay', file), 'utf8')) as { sources: string[] }).sources,
  );
  const from = (part: string) => sources.filter((source) => source.includes(part));
  expect(from('credential-provider-env')).not.toHaveLength(0);
  expect(from('credential-provider-').filter((source) => !source.includes('credential-provider-env'))).toEqual([]);
  expect(from('zod/v4/locales/').length).toBeLessThanOrEqual(2);
  expect(relay).toContain('sourceMappingURL=index.mjs.map');
});
