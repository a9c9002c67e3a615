import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { functionOf, lambdaOf, stillClock, tempDir } from './world.ts';

test('a function answers with what its handler returns, as JSON', async () => {
  const echo = functionOf(
    'echo',
    `export const handler = async (event) => ({ event, missing: undefined, at: new Date(0) })`,
  );
  const lambda = await lambdaOf({ functions: [echo] });
  await expect(lambda.invoke('app-echo', { a: 1 })).resolves.toEqual({
    event: { a: 1 },
    at: '1970-01-01T00:00:00.000Z',
  });
  await expect(lambda.invoke(echo.arn, null)).resolves.toMatchObject({ event: null });
});

test('each worker has its own variables, and its access key names the role and the worker', async () => {
  const source = `export const handler = async () => [process.env.WHO, process.env.AWS_ACCESS_KEY_ID, process.env.AWS_REGION, process.env.HOME ?? 'none', process.env.AWS_ENDPOINT_URL_SFN]`;
  const one = functionOf('one', source, { env: { WHO: 'first' } });
  const two = functionOf('two', source, { env: { WHO: 'second' } });
  const lambda = await lambdaOf({ functions: [one, two], env: () => ({ AWS_ENDPOINT_URL_SFN: 'http://sfn' }) });
  await expect(lambda.invoke('one', {})).resolves.toEqual([
    'first',
    'oneRole.one-1',
    'us-east-1',
    'none',
    'http://sfn',
  ]);
  await expect(lambda.invoke('two', {})).resolves.toEqual([
    'second',
    'twoRole.two-1',
    'us-east-1',
    'none',
    'http://sfn',
  ]);
});

test('each worker has a temporary folder of its own, gone with it and after a kill of the whole', async () => {
  const temporary = join(tempDir(), 'tmp');
  mkdirSync(join(temporary, 'left-by-a-kill'), { recursive: true });
  const fn = functionOf(
    'keep',
    `import { tmpdir } from 'node:os';
     import { readdirSync, writeFileSync } from 'node:fs';
     export const handler = async ({ name }) => { writeFileSync(tmpdir() + '/' + name, 'x'); await new Promise((r) => setTimeout(r, 50)); return [tmpdir(), readdirSync(tmpdir())]; }`,
  );
  const lambda = await lambdaOf({ functions: [fn], temporary });
  const both = await Promise.all(['a', 'b'].map((name) => lambda.invoke('keep', { name })));
  expect(both).toEqual([
    [join(temporary, 'keep-1'), ['a']],
    [join(temporary, 'keep-2'), ['b']],
  ]);
  expect(readdirSync(temporary)).toEqual(['keep-1', 'keep-2']);
  await lambda.stop();
  expect(readdirSync(temporary)).toEqual([]);
});

test('inside a function time is the time of the cloud, also after the clock moved', async () => {
  const clock = stillClock(Date.UTC(2031, 5, 1));
  const fn = functionOf(
    'when',
    `export const handler = async () => [new Date().getUTCFullYear(), new Date(Date.now()).getUTCFullYear(), new Date(0).getTime(), new Date() instanceof Date, new Date().constructor === Date, Date().includes('20')]`,
  );
  const lambda = await lambdaOf({ functions: [fn], clock });
  await expect(lambda.invoke('when', {})).resolves.toEqual([2031, 2031, 0, true, true, true]);
  clock.moveTo(Date.UTC(2044, 5, 1));
  await expect(lambda.invoke('when', {})).resolves.toEqual([2044, 2044, 0, true, true, true]);
});

test('the context names the call and counts the remaining time down', async () => {
  const fn = functionOf(
    'context',
    `export const handler = async (_, c) => ({ name: c.functionName, id: c.awsRequestId.length, left: c.getRemainingTimeInMillis(), arn: c.invokedFunctionArn })`,
    { timeout: 7 },
  );
  const lambda = await lambdaOf({ functions: [fn] });
  const answer = (await lambda.invoke('context', {})) as { left: number };
  expect(answer).toMatchObject({ name: 'app-context', id: 36, arn: fn.arn });
  expect(answer.left).toBeGreaterThan(0);
  expect(answer.left).toBeLessThanOrEqual(7000);
});

test('an error of the handler keeps its name and message', async () => {
  const fn = functionOf('bad', `export const handler = async () => { throw new RangeError('too far') }`);
  const lambda = await lambdaOf({ functions: [fn] });
  await expect(lambda.invoke('bad', {})).rejects.toMatchObject({ errorType: 'RangeError', message: 'too far' });
  expect(lambda.functions()[0]).toMatchObject({ invocations: 1, errors: 1, lastError: { type: 'RangeError' } });
});

test.each([
  ['an endless loop', `while (event.bad) {}`, 'Sandbox.Timedout'],
  ['a promise that never settles', `if (event.bad) await new Promise(() => {})`, 'Sandbox.Timedout'],
  ['process.exit', `if (event.bad) process.exit(3)`, 'Runtime.ExitError'],
  [
    'an error outside the call',
    `if (event.bad) { setTimeout(() => { throw new Error('late') }); await new Promise(() => {}) }`,
    'Runtime.UnhandledError',
  ],
  [
    'too much memory',
    `if (event.bad) { const all = []; for (;;) all.push(new Array(1e5).fill({ a: 1 })) }`,
    'Runtime.OutOfMemory',
  ],
])('%s ends its worker and nothing else', async (_name, body, errorType) => {
  const source = `export const handler = async (event) => { ${body}; return 'fine' }`;
  const fn = functionOf('rogue', source, { timeout: errorType === 'Sandbox.Timedout' ? 1 : 20, memory: 32 });
  const lambda = await lambdaOf({ functions: [fn] });
  await expect(lambda.invoke('rogue', { bad: true })).rejects.toMatchObject({ errorType });
  await expect(lambda.invoke('rogue', {})).resolves.toBe('fine');
  expect(lambda.pending()).toBe(0);
});

test('code that fails to load, and a handler that is not there, say so', async () => {
  const broken = functionOf('broken', `throw new TypeError('no database address')`);
  const empty = functionOf('empty', `export const other = 1`);
  const absent = functionOf('absent', '', { handler: 'elsewhere.handler' });
  const lambda = await lambdaOf({ functions: [broken, empty, absent] });
  await expect(lambda.invoke('broken', {})).rejects.toMatchObject({
    errorType: 'TypeError',
    message: 'no database address',
  });
  await expect(lambda.invoke('empty', {})).rejects.toMatchObject({ errorType: 'Runtime.HandlerNotFound' });
  await expect(lambda.invoke('absent', {})).rejects.toMatchObject({ errorType: 'Runtime.ImportModuleError' });
});

test('a worker takes one event at a time, four workers at once, and the rest wait', async () => {
  const source = `let now = 0; export const handler = async () => { now += 1; const seen = now; await new Promise((r) => setTimeout(r, 30)); now -= 1; return [process.env.AWS_ACCESS_KEY_ID, seen] }`;
  const fn = functionOf('slow', source);
  const lambda = await lambdaOf({ functions: [fn] });
  const answers = (await Promise.all(Array.from({ length: 12 }, () => lambda.invoke('slow', {})))) as [
    string,
    number,
  ][];
  expect(answers.map(([, seen]) => seen)).toEqual(Array.from({ length: 12 }, () => 1));
  expect(new Set(answers.map(([worker]) => worker)).size).toBe(4);
});

test('a call that waits for a worker gets a new one when that worker dies', async () => {
  const fn = functionOf(
    'single',
    `export const handler = async (event) => { if (event.bad) process.exit(1); return 'fine' }`,
  );
  const lambda = await lambdaOf({ functions: [fn], perFunction: 1 });
  const calls = await Promise.allSettled([lambda.invoke('single', { bad: true }), lambda.invoke('single', {})]);
  expect(calls).toMatchObject([{ status: 'rejected' }, { status: 'fulfilled', value: 'fine' }]);
});

test('killing a worker fails what it was doing; the next call gets a new one', async () => {
  const source = `export const handler = async (event) => { if (event.wait) { console.log('waiting'); await new Promise(() => {}) } return process.env.AWS_ACCESS_KEY_ID }`;
  const fn = functionOf('victim', source);
  const waiting = Promise.withResolvers<void>();
  const lambda = await lambdaOf({
    functions: [fn],
    log: (entry) => void (entry['message'] === 'waiting' && waiting.resolve()),
  });
  const doomed = lambda.invoke('victim', { wait: true });
  doomed.catch(() => undefined);
  await waiting.promise;
  lambda.kill('victim-1');
  await expect(doomed).rejects.toMatchObject({ errorType: 'Runtime.ExitError' });
  await expect(lambda.invoke('victim', {})).resolves.toBe('victimRole.victim-2');
});

test('output goes to the log with the name of the function, structured when it is JSON', async () => {
  const source = `import { Console } from 'node:console';
    const own = new Console({ stdout: process.stdout, stderr: process.stderr });
    export const handler = async () => { console.warn('plain %s', 'text'); console.log(JSON.stringify({ level: 'INFO', message: 'said', deal: 7 })); own.info('{"message":"by a logger"}') }`;
  const fn = functionOf('talk', source);
  const entries: Record<string, unknown>[] = [];
  const lambda = await lambdaOf({ functions: [fn], log: (entry) => void entries.push(entry) });
  await lambda.invoke('talk', {});
  expect(entries).toMatchObject([
    { function: 'app-talk', level: 'WARN', message: 'plain text' },
    { function: 'app-talk', level: 'INFO', message: 'said', deal: 7 },
    { function: 'app-talk', message: 'by a logger' },
  ]);
  expect(lambda.functions()[0]?.lines).toHaveLength(3);
});

test('6 MB is the limit of a call and of its answer', async () => {
  const fn = functionOf('big', `export const handler = async (event) => 'x'.repeat(event.size)`);
  const lambda = await lambdaOf({ functions: [fn] });
  await expect(lambda.invoke('big', { size: 6_291_556 })).rejects.toMatchObject({
    errorType: 'Function.ResponseSizeTooLarge',
  });
  await expect(lambda.invoke('big', 'x'.repeat(6_291_556))).rejects.toMatchObject({ type: 'RequestTooLargeException' });
  await expect(lambda.invoke('big', { size: 6_291_500 })).resolves.toHaveLength(6_291_500);
});
