import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { accessPatterns, withPatterns } from '#local/tools/access-patterns.ts';
import { keys } from '#shared/table/keys.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'data.md'), 'utf8');

it('The access patterns in docs/data.md are those of the key design (npm run docs makes them)', () => {
  expect(withPatterns(page)).toBe(page);
  for (const name of Object.keys(keys)) expect(accessPatterns()).toContain(`| ${name} |`);
});
