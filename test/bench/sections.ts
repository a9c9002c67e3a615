import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { coldStart } from './cold.ts';
import { memoryOf, type Installation } from './installation.ts';
import { closedLoop, percentile, send } from './load.ts';
import { watchFeed } from './feed.ts';
import { atLeast, atMost, fact, type Row } from './report.ts';

type Works = { items: unknown[] };
const FORM = {
  channel: 'site',
  teamId: '',
  mapping: {},
  locale: 'ru',
  title: { en: 'Bench' },
  submit: { en: 'Send' },
  thanks: { en: 'Thanks' },
  fields: [],
  allowedOrigins: [],
  limitPerMinute: 100_000,
};

/** A form of its own: no limit that matters, no welcome letter. */
export async function benchForm({ admin }: Installation): Promise<void> {
  const teams = await admin<{ items: { id: string }[] }>('GET /api/teams');
  const put = await admin('PUT /api/settings/forms/bench', {
    body: { name: 'Bench', body: { ...FORM, teamId: teams.body.items[0]?.id } },
  });
  if (put.status >= 300) throw new Error(`The form was not made: ${put.status} ${JSON.stringify(put.body)}`);
}

const post = (label: string) => (n: number) => ({
  path: '/public/forms/bench',
  body: JSON.stringify({ name: `Bench ${n}`, email: `${label}-${n}@bench.example`, message: 'Two pumps, please' }),
});

export async function posts({ url, control, admin }: Installation): Promise<Row[]> {
  await closedLoop(url, 2, 100, post('warm'));
  await control.settle(120_000);
  const one = await closedLoop(url, 1, 500, post('one'));
  await control.settle(300_000);
  const eight = await closedLoop(url, 8, 1500, post('eight'));
  await control.settle(600_000);
  const accepted = [...one.sent, ...eight.sent].filter(({ status }) => status === 202);
  let lost = 0;
  for (const { body } of accepted.filter((_, n) => n % 20 === 0)) {
    const { id } = JSON.parse(body) as { id: string };
    if ((await admin(`GET /api/leads/${id.replace('raw_', 'lead_')}`)).status !== 200) lost += 1;
  }
  return [
    atLeast('form posts acknowledged, one connection', one.perSecond, 100, '/s'),
    fact(
      '  p50 / p95 of one post',
      `${percentile(
        one.sent.map(({ ms }) => ms),
        0.5,
      ).toFixed(1)} / ${percentile(
        one.sent.map(({ ms }) => ms),
        0.95,
      ).toFixed(1)} ms`,
    ),
    atLeast('form posts acknowledged, eight connections', eight.perSecond, 150, '/s'),
    atMost('accepted posts without a lead (every 20th looked at)', lost + 2000 - accepted.length, 0, ''),
  ];
}

export async function workList({ url, control }: Installation): Promise<Row[]> {
  const headers = { authorization: `Bearer ${await control.token({ email: 'seller@sdelka.example' })}` };
  const { sent } = await closedLoop(url, 1, 400, () => ({ path: '/api/leads?limit=50', headers }));
  const held = (JSON.parse(sent.at(-1)?.body ?? '{"items":[]}') as Works).items.length;
  return [
    atMost(
      `work list of ${held} leads, p50`,
      percentile(
        sent.slice(50).map(({ ms }) => ms),
        0.5,
      ),
      6,
      'ms',
    ),
  ];
}

/** Lists of the read copy over HTTP, with nothing new to read, and right after a write. */
export async function lists({ url, control }: Installation): Promise<Row[]> {
  const headers = { authorization: `Bearer ${await control.token({ email: 'head@sdelka.example' })}` };
  const p50 = async (path: string): Promise<number> => {
    const { sent } = await closedLoop(url, 1, 120, () => ({ path, headers }));
    return percentile(
      sent.slice(20).map(({ ms }) => ms),
      0.5,
    );
  };
  const filter = encodeURIComponent('state == "new" && name.contains("bench 1")');
  return [
    fact(
      'list of 50 of the 2 000 leads, filter and totals, p50 over HTTP',
      `${(await p50(`/api/lists/leads?filter=${filter}&totals=score`)).toFixed(1)} ms`,
    ),
    fact('search over all lists, p50 over HTTP', `${(await p50('/api/search?q=bench')).toFixed(1)} ms`),
  ];
}

export async function cold({ control }: Installation): Promise<Row[]> {
  const { dir, env } = await control.function('Api');
  const { cpuMs, wallMs, emptyCpuMs } = coldStart(
    join(dir, 'index.mjs'),
    env,
    await control.token({ email: 'admin@sdelka.example' }),
    9,
  );
  return [
    atMost('cold api to first write, CPU beside an empty handler', cpuMs, 90, 'ms'),
    fact('  the same as wall clock; CPU of the empty handler', `${wallMs.toFixed(0)} ms; ${emptyCpuMs.toFixed(0)} ms`),
    atMost('api: what is loaded at start, minified', loadedAtStart(dir) / 1000, 500, 'kB'),
  ];
}

/** Bytes of index.mjs and of every chunk it imports at once; what is loaded on first use is not among them. */
function loadedAtStart(dir: string, file = 'index.mjs', seen = new Set<string>()): number {
  if (seen.has(file)) return 0;
  seen.add(file);
  const text = readFileSync(join(dir, file), 'utf8');
  const chunks = [...text.matchAll(/(?:^|[;}\n])import(?:[^"'();]*?from)?["']\.\/([\w.-]+)["']/g)].map(
    ([, name]) => name ?? '',
  );
  return chunks.reduce((all, chunk) => all + loadedAtStart(dir, chunk, seen), statSync(join(dir, file)).size);
}

export const memory = ({ pid, readySeconds }: Installation): Row[] => [
  atMost('memory of everything, idle after start', memoryOf(pid), 350, 'MB'),
  fact('ready after', `${readySeconds.toFixed(1)} s`),
];

/** Posts at a steady rate and watches when each event of theirs has its place in the feed. */
export async function feedLag({ url, control }: Installation, perSecond = 20, seconds = 15): Promise<Row[]> {
  const feed = await watchFeed(control);
  const lags: Promise<number>[] = [];
  for (let n = 0; n < perSecond * seconds; n += 1) {
    const due = new Promise((resolve) => setTimeout(resolve, 1000 / perSecond));
    lags.push(
      send(undefined, url, post('lag')(n)).then(async ({ body }) => {
        const accepted = Date.now();
        const { id } = JSON.parse(body) as { id: string };
        return (await feed.placed(`${id}.r1.0`)) - accepted;
      }),
    );
    await due;
  }
  const all = await Promise.all(lags);
  await control.settle(300_000);
  return [
    fact(
      `feed lag at ${perSecond} posts/s, p50 / p95`,
      `${percentile(all, 0.5).toFixed(0)} / ${percentile(all, 0.95).toFixed(0)} ms`,
    ),
  ];
}
