import { Worker } from 'node:worker_threads';
import { FunctionError } from '../contract.ts';

/** A function of the template. `timeout` is in seconds, `memory` in MB, `role` the logical id of its role. */
export type LambdaFunction = {
  id: string;
  name: string;
  arn: string;
  role: string;
  dir: string;
  handler: string;
  timeout: number;
  memory: number;
  env: Readonly<Record<string, string>>;
  /** What its EventInvokeConfig says about asynchronous calls. */
  async?: { retries?: number; onFailure?: string };
};

export type Task = {
  id: string;
  payload: string;
  timeoutMs: number;
  offset: number;
  context: Record<string, string>;
};
type Failure = { errorType: string; errorMessage: string; trace: string[] };
export type Line = { kind: 'line'; level: string; text: string; requestId: string };
export type Note =
  | { kind: 'ready' }
  | { kind: 'init-error'; error: Failure }
  | { kind: 'result'; id: string; payload: string }
  | { kind: 'error'; id: string; error: Failure }
  | Line;

/** Loading the code has its own limit, as on AWS; generous, since a busy machine starts threads slowly. */
const INIT_MS = 60_000;

type Hooks = { onLine(line: Line): void; onDeath(environment: Environment): void };

/** One worker thread with variables of its own: takes one event at a time; dies of timeouts, memory, exits and kills. */
export class Environment {
  readonly id: string;
  readonly #fn: LambdaFunction;
  readonly #hooks: Hooks;
  readonly #worker: Worker;
  readonly #ready = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #initTimer: NodeJS.Timeout;
  #dead = false;
  #current: { id: string; resolve(payload: string): void; reject(error: Error): void } | undefined;

  constructor(fn: LambdaFunction, id: string, env: Record<string, string>, startOffset: number, hooks: Hooks) {
    this.id = id;
    this.#fn = fn;
    this.#hooks = hooks;
    this.#ready.promise.catch(() => undefined); // told to whoever runs next; nobody may be waiting yet
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: { dir: fn.dir, handler: fn.handler, startOffset },
      env,
      execArgv: ['--enable-source-maps', '--disable-warning=ExperimentalWarning'],
      resourceLimits: { maxOldGenerationSizeMb: fn.memory },
    });
    this.#worker.on('message', (note: Note) => this.#hear(note));
    this.#worker.on('error', (error) => this.#die(crashed(fn, error)));
    this.#worker.on('exit', (code) => {
      this.#die(this.#exit(`Runtime exited with status ${code}`));
      this.#ended.resolve();
    });
    this.#initTimer = setTimeout(() => {
      this.kill(new FunctionError('Sandbox.Timedout', `Init of ${fn.name} took over ${INIT_MS / 1000} seconds`));
    }, INIT_MS);
  }

  /** Runs one event; payload and answer are JSON. @throws FunctionError */
  async run(task: Task): Promise<string> {
    await this.#ready.promise;
    if (this.#dead) throw this.#exit('the environment is gone');
    const answer = Promise.withResolvers<string>();
    this.#current = { id: task.id, ...answer };
    const timer = setTimeout(() => {
      const seconds = (task.timeoutMs / 1000).toFixed(2);
      const message = `RequestId: ${task.id} Error: Task timed out after ${seconds} seconds`;
      this.kill(new FunctionError('Sandbox.Timedout', message));
    }, task.timeoutMs);
    try {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      this.#worker.postMessage(task);
      return await answer.promise;
    } finally {
      clearTimeout(timer);
      this.#current = undefined;
    }
  }

  kill(reason: FunctionError): void {
    this.#die(reason);
    void this.#worker.terminate();
  }

  /** Resolves when the thread is gone. */
  ended(): Promise<void> {
    return this.#ended.promise;
  }

  #hear(note: Note): void {
    if (note.kind === 'line') return this.#hooks.onLine(note);
    if (note.kind === 'init-error') return this.kill(asError(note.error));
    if (note.kind === 'ready') {
      clearTimeout(this.#initTimer);
      return this.#ready.resolve();
    }
    if (this.#current?.id !== note.id) return;
    if (note.kind === 'result') this.#current.resolve(note.payload);
    else this.#current.reject(asError(note.error));
  }

  #die(error: Error): void {
    clearTimeout(this.#initTimer);
    if (this.#dead) return;
    this.#dead = true;
    this.#ready.reject(error);
    this.#current?.reject(error);
    this.#hooks.onDeath(this);
  }

  #exit(what: string): FunctionError {
    return new FunctionError('Runtime.ExitError', `${this.#fn.name} ${this.#current?.id ?? ''} Error: ${what}`);
  }
}

function asError({ errorType, errorMessage, trace }: Failure): FunctionError {
  return new FunctionError(errorType, errorMessage, trace);
}

function crashed(fn: LambdaFunction, error: unknown): FunctionError {
  const { code, name, message, stack } = error as NodeJS.ErrnoException;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY')
    return new FunctionError('Runtime.OutOfMemory', `${fn.name} used more than its ${fn.memory} MB`);
  return new FunctionError('Runtime.UnhandledError', `${name}: ${message}`, stack?.split('\n'));
}
