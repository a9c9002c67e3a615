import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { functionOf, grants, lambdaOf, memoryDb, stillClock, tempDir } from './world.ts';

/** Appends each event it gets to a file and fails while the event says so. */
function recorder(dir: string, rest: Parameters<typeof functionOf>[2] = {}) {
  const out = join(dir, 'out.jsonl');
  writeFileSync(out, '');
  const source = `import { appendFileSync } from 'node:fs';
    export const handler = async (event) => { appendFileSync(${JSON.stringify(out)}, JSON.stringify(event) + '\\n'); if (event.fail) throw new Error('refused') }`;
  const fn = functionOf('recorder', source, { dir, ...rest });
  const got = (): unknown[] =>
    readFileSync(out, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as unknown);
  return { fn, got };
}

test('an event is stored before the call returns and delivered after a restart', async () => {
  const { fn, got } = recorder(tempDir());
  const db = memoryDb();
  const first = await lambdaOf({ functions: [fn], db });
  first.invokeAsync('recorder', { n: 1 }, 'a test');
  await first.stop();
  expect(got()).toEqual([]);

  const second = await lambdaOf({ functions: [fn], db });
  expect(second.pending()).toBe(1);
  second.resume();
  await vi.waitFor(() => expect(second.pending()).toBe(0));
  expect(got()).toEqual([{ n: 1 }]);
});

test('an event under way when the cloud stops is no failure: it comes again', async () => {
  const dir = tempDir();
  const { fn, got } = recorder(dir, { async: { retries: 0 } });
  const db = memoryDb();
  writeFileSync(
    join(dir, 'hang.mjs'),
    `export const handler = async () => { console.log('begun'); await new Promise(() => {}) }`,
  );
  const begun = Promise.withResolvers<void>();
  const log = (entry: Record<string, unknown>): void => void (entry['message'] === 'begun' && begun.resolve());
  const first = await lambdaOf({ functions: [{ ...fn, handler: 'hang.handler' }], db, log });
  first.resume();
  first.invokeAsync('recorder', { n: 1 }, 'a test');
  await begun.promise;
  await first.stop();
  await new Promise(setImmediate);
  expect(first.deadLetters()).toEqual([]);

  const second = await lambdaOf({ functions: [fn], db });
  second.resume();
  await vi.waitFor(() => expect(second.pending()).toBe(0));
  expect(got()).toEqual([{ n: 1 }]);
});

test('an event accepted by a process that is killed with SIGKILL is delivered by the next', async () => {
  const dir = tempDir();
  const { fn, got } = recorder(dir);
  const file = join(dir, 'cloud.db');
  const start = fileURLToPath(new URL('../../../local/lambda/start.ts', import.meta.url));
  const hang = { ...fn, handler: 'hang.handler' };
  writeFileSync(
    join(dir, 'hang.mjs'),
    `export const handler = async () => { console.log('begun'); await new Promise(() => {}) }`,
  );
  writeFileSync(
    join(dir, 'victim.ts'),
    `import { DatabaseSync } from 'node:sqlite';
     import { startLambda } from ${JSON.stringify(start)};
     const db = new DatabaseSync(${JSON.stringify(file)});
     db.exec('pragma journal_mode=wal; pragma synchronous=normal');
     const clock = { now: Date.now, offset: () => 0, moveTo() {}, at: () => () => {} };
     const log = (entry) => entry.message === 'begun' && process.stdout.write('begun');
     const lambda = await startLambda({ functions: [${JSON.stringify(hang)}], clock, db, log, authorize() {}, faults: { next() {} } });
     lambda.resume();
     lambda.invokeAsync('recorder', { n: 1 }, 'the victim');
     lambda.invokeAsync('recorder', { n: 2 }, 'the victim');`,
  );
  const child = spawn(process.execPath, [join(dir, 'victim.ts')], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');

  const db = new DatabaseSync(file);
  const lambda = await lambdaOf({ functions: [fn], db, clock: stillClock(Date.now() + 1000) });
  lambda.resume();
  await vi.waitFor(() => expect(lambda.pending()).toBe(0));
  expect(got()).toEqual(expect.arrayContaining([{ n: 1 }, { n: 2 }]));
});

test('a failed event is tried twice again, then goes to the destination and to the dead letters', async () => {
  const clock = stillClock();
  const { fn, got } = recorder(tempDir(), { async: { onFailure: 'arn:aws:sqs:us-east-1:000000000000:lost' } });
  const sent: [string, unknown, string][] = [];
  const onFailure = async (...call: [string, unknown, string]): Promise<void> => void sent.push(call);
  const lambda = await lambdaOf({ functions: [fn], clock, retryDelays: [60_000, 120_000], onFailure });
  lambda.resume();
  const start = clock.now();
  const id = lambda.invokeAsync('recorder', { fail: true }, 'rule deals');

  await vi.waitFor(() => expect(lambda.nextDue()).toBe(start + 60_000));
  expect(lambda.pending()).toBe(0);
  clock.moveTo(start + 60_000);
  await vi.waitFor(() => expect(lambda.nextDue()).toBe(start + 180_000));
  clock.moveTo(start + 180_000);
  await vi.waitFor(() => expect(lambda.deadLetters()).toHaveLength(1));

  expect(got()).toHaveLength(3);
  expect(lambda.deadLetters()[0]).toMatchObject({
    from: 'rule deals',
    target: 'app-recorder',
    payload: { fail: true },
  });
  expect(lambda.nextDue()).toBeUndefined();
  expect(sent).toMatchObject([
    [
      'arn:aws:sqs:us-east-1:000000000000:lost',
      {
        version: '1.0',
        requestContext: { requestId: id, condition: 'RetriesExhausted', approximateInvokeCount: 3 },
        requestPayload: { fail: true },
        responsePayload: { errorType: 'Error', errorMessage: 'refused' },
      },
      expect.stringMatching(/^aws\/lambda\/async\/app-recorder\/2026\/01\/05\/2026-01-05T09\.03\.00-/),
    ],
  ]);
});

test('a role that may not write to its destination stops the start', async () => {
  const { fn } = recorder(tempDir(), { async: { onFailure: 'arn:aws:sqs:us-east-1:000000000000:lost' } });
  const refusal = 'recorderRole sqs:SendMessage arn:aws:sqs:us-east-1:000000000000:lost: not granted';
  await expect(lambdaOf({ functions: [fn], authorize: grants().authorize })).rejects.toThrow(refusal);
});

test('a destination that fails at first gets its record all the same', async () => {
  const { fn } = recorder(tempDir(), { async: { retries: 0, onFailure: 'arn:aws:s3:::lost' } });
  const onFailure = vi.fn(async (): Promise<void> => undefined);
  onFailure.mockRejectedValueOnce(new Error('busy'));
  const lambda = await lambdaOf({ functions: [fn], onFailure });
  lambda.resume();
  lambda.invokeAsync('recorder', { fail: true }, 'a test');
  await vi.waitFor(() => expect(lambda.pending()).toBe(0));
  expect(onFailure).toHaveBeenCalledTimes(2);
  expect(lambda.deadLetters()[0]?.error).toBe('Error: refused');
});

test('the same id is accepted once while it waits', async () => {
  const { fn, got } = recorder(tempDir());
  const lambda = await lambdaOf({ functions: [fn] });
  lambda.invokeAsync('recorder', { n: 1 }, 'a schedule', 'one');
  lambda.invokeAsync('recorder', { n: 1 }, 'a schedule', 'one');
  lambda.resume();
  await vi.waitFor(() => expect(lambda.pending()).toBe(0));
  expect(got()).toEqual([{ n: 1 }]);
});

test('what waits for a function that the template no longer has becomes a dead letter', async () => {
  const db = memoryDb();
  const { fn } = recorder(tempDir());
  const first = await lambdaOf({ functions: [fn], db });
  first.invokeAsync('recorder', { n: 1 }, 'a test');
  await first.stop();
  const second = await lambdaOf({ functions: [], db });
  second.resume();
  expect(second.pending()).toBe(0);
  expect(second.deadLetters()).toMatchObject([{ payload: { n: 1 }, error: expect.stringContaining('no longer') }]);
});

test('rough weather delivers everything, some of it twice, out of order, and the same way for the same seed', async () => {
  const order = async (): Promise<unknown[]> => {
    const clock = stillClock(1_000_000);
    const { fn, got } = recorder(tempDir());
    const lambda = await lambdaOf({ functions: [fn], clock, rough: { seed: 5 }, perFunction: 1 });
    for (let n = 0; n < 20; n += 1) lambda.invokeAsync('recorder', { n }, 'a test');
    lambda.resume();
    clock.moveTo(clock.now() + 1000);
    await vi.waitFor(() => expect(lambda.pending()).toBe(0));
    return got().map((event) => (event as { n: number }).n);
  };
  const seen = await order();
  expect(new Set(seen).size).toBe(20);
  expect(seen.length).toBeGreaterThan(20);
  expect(seen).not.toEqual(seen.toSorted((a, b) => Number(a) - Number(b)));
  await expect(order()).resolves.toEqual(seen);
});
