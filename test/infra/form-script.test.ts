import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { formScript } from '#infra/form-script.ts';

it('The form for other pages is one classic script of 5 kB at most', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'form-'));
  try {
    const file = join(folder, 'form.js');
    const bytes = await formScript(file);
    const text = readFileSync(file, 'utf8');
    expect(Buffer.byteLength(text)).toBe(bytes);
    expect(bytes).toBeLessThanOrEqual(5000);
    expect(text).not.toMatch(/\b(import|export)\b/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
