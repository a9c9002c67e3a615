import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const SCRIPT = join(import.meta.dirname, '..', '..', '..', 'local', 'tools', 'check-lock.mjs');

/** What the check says of a lock file with these packages. */
function check(packages: Record<string, object>): { status: number | null; said: string } {
  const folder = mkdtempSync(join(tmpdir(), 'lock-'));
  try {
    const file = join(folder, 'package-lock.json');
    writeFileSync(file, JSON.stringify({ packages }));
    const { status, stderr } = spawnSync(process.execPath, [SCRIPT, file], { encoding: 'utf8' });
    return { status, said: stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
const tool = { optionalDependencies: { '@tool/linux-x64': '1.0.0', '@tool/darwin-arm64': '1.0.0' } };

it('A lock file that lacks the package of another platform is refused by name', () => {
  const { status, said } = check({ '': {}, 'node_modules/tool': tool, 'node_modules/@tool/linux-x64': {} });
  expect(status).toBe(1);
  expect(said).toContain('@tool/darwin-arm64 (of tool)');
  expect(said).not.toContain('@tool/linux-x64 (of tool)');
});

it('A lock file with all of them passes, wherever they lie', () => {
  const packages = {
    '': {},
    'node_modules/tool': tool,
    'node_modules/@tool/linux-x64': {},
    'node_modules/tool/node_modules/@tool/darwin-arm64': {},
  };
  expect(check(packages)).toEqual({ status: 0, said: '' });
});
