import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { formScript, SCRIPTS } from '#infra/form-script.ts';

it.each(SCRIPTS)('What other pages load (%s.js) is one classic script of 5 kB at most', async (name) => {
  const folder = mkdtempSync(join(tmpdir(), 'form-'));
  try {
    const file = join(folder, `${name}.js`);
    const bytes = await formScript(file, name);
    const text = readFileSync(file, 'utf8');
    expect(Buffer.byteLength(text)).toBe(bytes);
    expect(bytes).toBeLessThanOrEqual(5000);
    expect(text).not.toMatch(/\b(import|export)\b/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
