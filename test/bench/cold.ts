import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { percentile } from './load.ts';

type Started = { cpuMs: number; wallMs: number };

/** One fresh process: loads a bundle, handles one event, prints the CPU time it took in all. */
function once(file: string, env: Record<string, string>, event: unknown): Started {
  const program = `const t0=performance.now();const{handler}=await import(${JSON.stringify(file)});const a=await handler(${JSON.stringify(event)},{getRemainingTimeInMillis:()=>20000,awsRequestId:'bench'});if(a&&a.statusCode>=300){console.error(a.body);process.exit(1)}const{user,system}=process.cpuUsage();console.log('\\n@'+JSON.stringify({cpuMs:(user+system)/1000,wallMs:performance.now()-t0}));process.exit(0)`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    encoding: 'utf8',
  });
  const line = stdout.split('\n').find((one) => one.startsWith('@'));
  if (line === undefined) throw new Error(`The cold start failed: ${stderr || stdout}`);
  return JSON.parse(line.slice(1)) as Started;
}

/** CPU ms from process start to the first write of `api`, less that of an empty handler in the same run; medians of `runs`. */
export function coldStart(bundle: string, env: Record<string, string>, token: string, runs: number) {
  const empty = join(mkdtempSync(join(tmpdir(), 'sdelka-cold-')), 'index.mjs');
  writeFileSync(empty, 'export const handler = async () => ({ statusCode: 200 });');
  const apis: Started[] = [];
  const empties: Started[] = [];
  for (let run = 0; run < runs; run += 1) {
    apis.push(once(bundle, env, eventOf(token, run)));
    empties.push(once(empty, env, {}));
  }
  const median = (all: Started[], of: keyof Started): number =>
    percentile(
      all.map((one) => one[of]),
      0.5,
    );
  return {
    cpuMs: median(apis, 'cpuMs') - median(empties, 'cpuMs'),
    wallMs: median(apis, 'wallMs') - median(empties, 'wallMs'),
    emptyCpuMs: median(empties, 'cpuMs'),
  };
}

/** A product added: sign-in, validation, one transaction. */
const eventOf = (token: string, run: number) => ({
  version: '2.0',
  rawPath: '/api/products',
  rawQueryString: '',
  headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  requestContext: { http: { method: 'POST', path: '/api/products', sourceIp: '127.0.0.1' }, requestId: `bench-${run}` },
  body: JSON.stringify({
    sku: `COLD-${Date.now()}-${run}`,
    name: 'Cold',
    category: 'cold',
    unit: 'pcs',
    price: '1.00',
    currency: 'RUB',
    taxPercent: '20',
  }),
  isBase64Encoded: false,
});
