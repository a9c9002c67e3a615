import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, FunctionError, REGION } from '../contract.ts';
import { Environment, type LambdaFunction, type Line } from './environment.ts';

export type PoolOptions = {
  clock: Clock;
  /** Variables that every function gets: the endpoints of the other fronts. Read when a worker starts. */
  env(): Readonly<Record<string, string>>;
  onLine(fn: LambdaFunction, line: Line): void;
  perFunction: number;
  /** Each worker gets a temporary folder of its own in here, gone with it; the machine's when this is not given. */
  temporary?: string | undefined;
};

type Group = {
  fn: LambdaFunction;
  all: Map<string, Environment>;
  idle: Environment[];
  waiting: PromiseWithResolvers<Environment>[];
  started: number;
};

/** An environment that nobody called for this long is let go; those that the clock calls every minute stay. */
const IDLE_MS = 90_000;

/** Execution environments by function: one event at a time in each, up to `perFunction` of them, then a queue. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #groups = new Map<string, Group>();
  readonly #idleTimers = new Map<string, NodeJS.Timeout>();
  #running = 0;
  #stopped = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    // What an earlier run was killed over.
    if (options.temporary !== undefined) rmSync(options.temporary, { recursive: true, force: true });
  }

  running(): number {
    return this.#running;
  }

  /** Runs one event; payload and answer are JSON. @throws FunctionError */
  async run(fn: LambdaFunction, payload: string): Promise<string> {
    if (this.#stopped) throw stopping();
    this.#running += 1;
    try {
      const group = this.#groupOf(fn);
      const environment = await this.#take(group);
      try {
        const offset = this.#options.clock.offset();
        const timeoutMs = fn.timeout * 1000;
        return await environment.run({ id: randomUUID(), payload, timeoutMs, offset, context: contextOf(fn) });
      } finally {
        this.#release(group, environment);
      }
    } finally {
      this.#running -= 1;
    }
  }

  /** Ends one worker as a crash of its machine would. */
  kill(workerId: string): void {
    for (const group of this.#groups.values())
      group.all
        .get(workerId)
        ?.kill(new FunctionError('Runtime.ExitError', 'Runtime exited with error: signal: killed'));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const ended: Promise<void>[] = [];
    for (const group of this.#groups.values()) {
      for (const waiter of group.waiting.splice(0)) waiter.reject(stopping());
      for (const environment of group.all.values()) {
        ended.push(environment.ended());
        environment.kill(stopping());
      }
    }
    await Promise.all(ended);
  }

  #groupOf(fn: LambdaFunction): Group {
    const group = this.#groups.get(fn.id) ?? { fn, all: new Map(), idle: [], waiting: [], started: 0 };
    this.#groups.set(fn.id, group);
    return group;
  }

  async #take(group: Group): Promise<Environment> {
    const idle = group.idle.pop();
    if (idle) {
      clearTimeout(this.#idleTimers.get(idle.id));
      return idle;
    }
    if (group.all.size < this.#options.perFunction) return this.#spawn(group);
    const waiter = Promise.withResolvers<Environment>();
    group.waiting.push(waiter);
    return waiter.promise;
  }

  #spawn(group: Group): Environment {
    const { fn } = group;
    const { clock, env, onLine } = this.#options;
    group.started += 1;
    const id = `${fn.id}-${group.started}`;
    const folder = this.#temporaryFolder(id);
    const own = { ...variables(fn, id, env()), ...(folder !== undefined && { TMPDIR: folder }) };
    const environment = new Environment(fn, id, own, clock.offset(), {
      onLine: (line) => onLine(fn, line),
      onDeath: (dead) => this.#remove(group, dead),
    });
    group.all.set(id, environment);
    if (folder !== undefined) void environment.ended().then(() => rmSync(folder, { recursive: true, force: true }));
    return environment;
  }

  #temporaryFolder(id: string): string | undefined {
    const { temporary } = this.#options;
    if (temporary === undefined) return undefined;
    const folder = join(temporary, id);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  #release(group: Group, environment: Environment): void {
    if (!group.all.has(environment.id)) return;
    const next = group.waiting.shift();
    if (next) return next.resolve(environment);
    group.idle.push(environment);
    const timer = setTimeout(() => {
      environment.kill(new FunctionError('Runtime.Idle', 'not needed any more'));
    }, IDLE_MS);
    this.#idleTimers.set(environment.id, timer.unref());
  }

  #remove(group: Group, dead: Environment): void {
    group.all.delete(dead.id);
    group.idle = group.idle.filter((each) => each !== dead);
    clearTimeout(this.#idleTimers.get(dead.id));
    this.#idleTimers.delete(dead.id);
    if (!this.#stopped) group.waiting.shift()?.resolve(this.#spawn(group));
  }
}

function stopping(): FunctionError {
  return new FunctionError('Runtime.Stopped', 'the local cloud is stopping');
}

function contextOf(fn: LambdaFunction): Record<string, string> {
  return {
    functionName: fn.name,
    functionVersion: '$LATEST',
    invokedFunctionArn: fn.arn,
    memoryLimitInMB: String(fn.memory),
    logGroupName: `/aws/lambda/${fn.name}`,
    logStreamName: 'local',
  };
}

/** The access key id names the role and the worker, so that fronts know who calls (`callerOf`). */
function variables(fn: LambdaFunction, workerId: string, shared: Readonly<Record<string, string>>) {
  return {
    ...shared,
    ...fn.env,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: `${fn.role}.${workerId}`,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memory),
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${fn.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    LAMBDA_TASK_ROOT: fn.dir,
    _HANDLER: fn.handler,
    TZ: ':UTC',
    PATH: process.env['PATH'] ?? '',
  };
}
