import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leadTable } from '#functions/leads/read.ts';
import { Copy } from '#shared/read/copy.ts';
import { listRows, today, type ListQuery } from '#shared/read/list.ts';
import { groupsOf } from '#shared/read/report.ts';
import { searchAll } from '#shared/read/search.ts';
import type { Viewer } from '#shared/read/select.ts';
import { useSecret } from '#shared/aws/secret.ts';
import { instantOf } from '#shared/time.ts';
import { atMost, fact, type Row } from './report.ts';

const BEGIN = Date.UTC(2025, 0, 1);
const SYLLABLES = 'ро маш ка ве ра тор го вый дом пет ров ива нов а се вер юг ком па ни я строй газ неф тех'.split(' ');
const pick = <T>(all: readonly T[], n: number): T => all[n % all.length] as T;
/** The same names every time, all different enough: a bench that draws lots measures something else each time. */
const word = (n: number): string =>
  [0, 1, 2].map((turn) => pick(SYLLABLES, Math.floor(n / SYLLABLES.length ** turn) * 7 + turn)).join('');

function leadAt(n: number): Record<string, unknown> {
  const at = instantOf(BEGIN + n * 60_000);
  return {
    id: `lead_${String(n).padStart(26, '0')}`,
    version: 1,
    storyId: `story_${n}`,
    sourceId: 'site',
    channel: pick(['site', 'mail', 'partner', 'call', 'fair'], n * 3),
    personId: `person_${n}`,
    name: `${word(n)} ${word(n * 31)}`,
    email: `${n}@client.example`,
    phone: `+7916${String(n).padStart(7, '0')}`,
    company: `ООО ${word(n * 17)}`,
    answers: {},
    locale: 'ru',
    ownerId: `user_${n % 40}`,
    teamId: `team_${n % 4}`,
    state: pick(['new', 'working', 'qualified', 'converted', 'rejected'], n * 7),
    duplicates: [],
    capturedAt: at,
    nextAt: at,
    next: { kind: 'call', text: 'Первый контакт' },
    score: (n * 37) % 100,
    custom: { size: pick(['s', 'm', 'l'], n), budget: { amount: `${n % 5000}.50`, currency: 'RUB' } },
  };
}

const viewer: Viewer = {
  me: 'user_1',
  now: instantOf(BEGIN + 1e9),
  zone: 'Europe/Moscow',
  reach: 'all',
  holds: () => true,
};
const custom = new Map([
  ['size', 'text'],
  ['budget', 'money'],
] as const);
const QUERIES: Readonly<Record<string, Partial<ListQuery>>> = {
  'page, declared sort': { sort: '-capturedAt' },
  'page, declared sort, filter': { sort: '-capturedAt', filter: 'state == "new" && score > 50' },
  'page, undeclared sort': { sort: 'company' },
  'page, rare filter': { filter: 'name.contains("вераря")' },
  'totals of all': { totals: ['score', 'custom.budget'] },
  'totals of a filter': { totals: ['custom.budget'], filter: 'state == "new" && custom.size == "m"' },
  'search, 3 letters': { search: 'веp' },
  'search, a name': { search: 'ромашка' },
};

const SIZES = [1000, 10_000, 100_000];
const LARGEST = '100000';
const FLAT = 'page, declared sort';

/** Build and query times of the read copy at some sizes; no table is needed: reading the feed is measured elsewhere. */
export function readCopy(): Row[] {
  useSecret('a secret of the bench');
  const found = new Map(SIZES.map((size) => [String(size), benchSize(size)]));
  const of = (size: string, what: string): number => found.get(size)?.[what] ?? Number.NaN;
  const names = Object.keys(found.get(LARGEST) ?? {});
  const grown = of(LARGEST, FLAT) / of('1000', FLAT);
  return [
    atMost('read copy: growth of a page on a declared sort from 1 000 to 100 000 leads', grown, 1.2, '×'),
    ...names.map((what) => {
      const all = SIZES.map((size) => of(String(size), what).toFixed(1)).join(' / ');
      const label = `read copy at 1 000 / 10 000 / 100 000 leads: ${what}`;
      if (what.includes(', MB') || what.startsWith('build')) return fact(label, all);
      const held = of(LARGEST, what) <= 50;
      return { what: label, goal: '≤ 50 ms at 100 000', result: `${all} ms`, held };
    }),
  ];
}

function benchSize(size: number): Record<string, number> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-copy-'));
  const copy = new Copy(join(folder, 'copy.sqlite'), [leadTable]);
  const begun = performance.now();
  for (let from = 0; from < size; from += 1000)
    copy.together(() => {
      for (let n = from; n < Math.min(size, from + 1000); n += 1)
        copy.put('leads', `lead_${n}`, leadAt(n), instantOf(BEGIN + n));
    });
  const built = performance.now() - begun;
  const from = today(copy, 'leads');
  const figures: Record<string, number> = {
    'build, s': built / 1000,
    'size, MB': statSync(join(folder, 'copy.sqlite')).size / 1e6,
  };
  for (const [name, query] of Object.entries(QUERIES))
    figures[name] = median(() => listRows(copy, from, { limit: 50, ...query }, viewer, custom));
  const own: Viewer = { ...viewer, reach: { owners: ['user_1'] } };
  figures['page of one seller'] = median(() => listRows(copy, from, { limit: 50, sort: '-capturedAt' }, own, custom));
  figures['groups by channel and day'] = median(() =>
    groupsOf(
      copy,
      from,
      { by: ['channel', 'day(capturedAt)'], totals: ['score'], filter: 'capturedAt > daysAgo(30)' },
      viewer,
      custom,
    ),
  );
  figures['search over all lists'] = median(() => searchAll(copy, '916 00', 20, () => viewer));
  copy.close();
  rmSync(folder, { recursive: true });
  return figures;
}

function median(run: () => unknown): number {
  run();
  const times = Array.from({ length: 31 }, () => {
    const begun = performance.now();
    run();
    return performance.now() - begun;
  }).sort((a, b) => a - b);
  return times[15] ?? 0;
}
