import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keys, type KeyDesign } from '#shared/table/keys.ts';

const FILE = join(import.meta.dirname, '..', '..', 'docs', 'data.md');
const BEGIN = '<!-- access patterns: made by `npm run docs` from shared/table/keys.ts -->';
const END = '<!-- end of access patterns -->';

/** What one read of each pattern costs: strong reads by key 1 unit per 4 kB, eventual index queries half a unit per 4 kB. */
export function accessPatterns(): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const rows = Object.entries(keys).map(([name, design]: [string, KeyDesign]) => {
    const index = (['gsi1', 'gsi2', 'gsi3'] as const).flatMap((gsi) =>
      design[gsi] ? [`${gsi}: \`${design[gsi].join('` / `')}\``] : [],
    );
    return `| ${name} | \`${design.item.join('` / `')}\` | ${cell(index.join('<br>')) || '—'} | ${cell(design.what)} | 2${index.length > 0 ? ` + ${index.length}` : ''} |`;
  });
  return [
    '| item | key | indexes | what it answers | write units of a new item up to 1 kB (+ indexes) |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

/** The page with its table made anew. */
export function withPatterns(page: string): string {
  const [before = '', rest = ''] = page.split(BEGIN);
  const [, after = ''] = rest.split(END);
  return `${before}${BEGIN}\n${accessPatterns()}\n${END}${after}`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(FILE, withPatterns(readFileSync(FILE, 'utf8')));
