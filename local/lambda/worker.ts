/** Runs inside a worker thread: one execution environment of a Lambda function. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import type { Note, Task } from './environment.ts';

type Handler = (event: unknown, context: unknown) => unknown;

const RealDate = Date;
let offset = 0;
let requestId = '';

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
const tell = (note: Note): void => parentPort?.postMessage(note);

/** Time inside the function is the cloud's: real time plus the offset that came with the invocation. */
function moveClock(): void {
  const now = (): number => RealDate.now() + offset;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, caller) => Reflect.construct(target, args.length > 0 ? args : [now()], caller) as object,
    apply: () => new RealDate(now()).toString(),
    get: (target, key, receiver) => (key === 'now' ? now : (Reflect.get(target, key, receiver) as unknown)),
  });
  // So that `x.constructor === Date` stays true.
  RealDate.prototype.constructor = globalThis.Date;
}

/** Loggers write either through console or straight to stdout; both become one note per write. */
function captureOutput(): void {
  for (const level of ['debug', 'info', 'log', 'warn', 'error', 'trace'] as const)
    console[level] = (...parts: unknown[]) => tell({ kind: 'line', level, text: format(...parts), requestId });
  for (const [stream, level] of [
    [process.stdout, 'log'],
    [process.stderr, 'error'],
  ] as const)
    stream.write = (chunk: string | Uint8Array) => {
      tell({ kind: 'line', level, text: String(chunk).trimEnd(), requestId });
      return true;
    };
}

async function loadHandler(dir: string, handler: string): Promise<Handler> {
  const at = handler.lastIndexOf('.');
  const [file, name] = [handler.slice(0, at), handler.slice(at + 1)];
  const path = ['.mjs', '.js', '.cjs'].map((ending) => join(dir, file + ending)).find((each) => existsSync(each));
  if (!path) throw named('Runtime.ImportModuleError', `Cannot find module '${file}' in ${dir}`);
  const module = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  const found = module[name] ?? (module['default'] as Record<string, unknown> | undefined)?.[name];
  if (typeof found !== 'function')
    throw named('Runtime.HandlerNotFound', `${handler} is undefined or not exported from ${path}`);
  return found as Handler;
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

function described(thrown: unknown): { errorType: string; errorMessage: string; trace: string[] } {
  if (!(thrown instanceof Error)) return { errorType: 'Error', errorMessage: format(thrown), trace: [] };
  return { errorType: thrown.name, errorMessage: thrown.message, trace: thrown.stack?.split('\n') ?? [] };
}

async function run(handler: Handler, task: Task): Promise<void> {
  ({ offset, id: requestId } = task);
  const deadline = performance.now() + task.timeoutMs;
  const context = {
    ...task.context,
    awsRequestId: task.id,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(deadline - performance.now())),
  };
  try {
    const result = await handler(JSON.parse(task.payload), context);
    tell({ kind: 'result', id: task.id, payload: JSON.stringify(result) ?? 'null' });
  } catch (error) {
    tell({ kind: 'error', id: task.id, error: described(error) });
  }
}

const { dir, handler: handlerName, startOffset } = workerData as { dir: string; handler: string; startOffset: number };
offset = startOffset;
moveClock();
captureOutput();
try {
  const handler = await loadHandler(dir, handlerName);
  parentPort?.on('message', (task: Task) => void run(handler, task));
  tell({ kind: 'ready' });
} catch (error) {
  tell({ kind: 'init-error', error: described(error) });
}
