import type { DatabaseSync } from 'node:sqlite';
import {
  type Authorize,
  type Clock,
  type Faults,
  FunctionError,
  type Invoke,
  type Log,
  type Service,
} from '../contract.ts';
import { AwsError } from '../front.ts';
import { AsyncQueue } from './async-queue.ts';
import { type DeadLetter, openDeadLetters } from './dead-letter.ts';
import { destinationAccess, type OnFailure } from './destination.ts';
import type { LambdaFunction } from './environment.ts';
import { startLambdaFront } from './front.ts';
import { type FunctionStatus, type Journal, startJournal } from './journal.ts';
import { Pool } from './pool.ts';
import type { Rough } from './rough.ts';

export type LambdaOptions = {
  functions: readonly LambdaFunction[];
  clock: Clock;
  db: DatabaseSync;
  log: Log;
  authorize: Authorize;
  faults: Faults;
  /** Variables every function gets (the endpoints of the fronts); read when a worker starts, so fronts may start later. */
  env?: () => Readonly<Record<string, string>>;
  onFailure?: OnFailure;
  /** Delays before the retries of asynchronous calls, in ms of the clock; AWS's are 60,000 and 120,000. */
  retryDelays?: readonly number[];
  /** Workers per function; 4 unless told. */
  perFunction?: number;
  /** Folder for the temporary folders of workers. */
  temporary?: string;
  rough?: Rough | undefined;
};
/** Hands an event over; stored when this returns. `from` says who sent it; the same `id` is accepted once while undelivered. */
export type InvokeAsync = (fn: string, event: unknown, from: string, id?: string) => string;
export type Lambda = Service & {
  /** The endpoint of Lambda's API. */
  url: string;
  invoke: Invoke;
  invokeAsync: InvokeAsync;
  /** The function by name, logical id or ARN. @throws AwsError ResourceNotFoundException */
  find(name: string): LambdaFunction;
  /** Ends one worker as a crash would; what it was doing fails with Runtime.ExitError. */
  kill(workerId: string): void;
  /** Starts delivering what is queued; call it when all fronts and tables are there. */
  resume(): void;
  functions(): FunctionStatus[];
  /** Dead letters of every service on this database, newest first. */
  deadLetters(): DeadLetter[];
};

const SYNC_LIMIT = 6_291_556;
const ASYNC_LIMIT = 1_048_576;

/**
 * Lambda: functions of the template in worker threads.
 * @throws AccessDenied when a function's role may not write to its own on-failure destination
 */
export async function startLambda(options: LambdaOptions): Promise<Lambda> {
  const { functions, clock, db, log, perFunction = 4, authorize, faults } = options;
  for (const { role, async } of functions) if (async?.onFailure) authorize(role, destinationAccess(async.onFailure));
  const journal = startJournal(functions, clock, log);
  const pool = new Pool({
    clock,
    perFunction,
    temporary: options.temporary,
    env: options.env ?? (() => ({})),
    onLine: journal.line,
  });
  const run = runner(pool, journal);
  const deadLetters = openDeadLetters(db);
  const retryDelays = options.retryDelays ?? [1000, 5000];
  const queue = new AsyncQueue({ ...options, deadLetters, perFunction, retryDelays, run });
  const find = finder(functions);
  const invoke = (fn: LambdaFunction, payload: string): Promise<string> => run(fn, within(payload, SYNC_LIMIT));
  const add = (fn: LambdaFunction, payload: string, from: string, id?: string): string =>
    queue.add(fn, within(payload, ASYNC_LIMIT), from, id);
  const kill = (workerId: string): void => pool.kill(workerId);
  const front = await startLambdaFront({ authorize, faults, crash: kill, find, invoke, add });
  return {
    name: 'lambda',
    url: front.url,
    find,
    kill,
    invoke: async (name, event) => JSON.parse(await invoke(find(name), JSON.stringify(event ?? null))) as unknown,
    invokeAsync: (name, event, from, id) => add(find(name), JSON.stringify(event ?? null), from, id),
    resume: () => queue.resume(),
    functions: journal.list,
    deadLetters: deadLetters.list,
    pending: () => pool.running() + queue.pending(),
    nextDue: () => queue.nextDue(),
    async stop() {
      queue.stop();
      await front.stop();
      await pool.stop();
    },
  };
}

/** Runs an event in the pool, keeps the books, and refuses an answer over the limit. */
function runner(pool: Pool, journal: Journal): (fn: LambdaFunction, payload: string) => Promise<string> {
  return async (fn, payload) => {
    const done = journal.begin(fn);
    try {
      const answer = await pool.run(fn, payload);
      if (Buffer.byteLength(answer) > SYNC_LIMIT)
        throw new FunctionError(
          'Function.ResponseSizeTooLarge',
          `Response payload size exceeded maximum allowed payload size (${SYNC_LIMIT} bytes).`,
        );
      done();
      return answer;
    } catch (error) {
      done(error as FunctionError);
      throw error;
    }
  };
}

function finder(functions: readonly LambdaFunction[]): (name: string) => LambdaFunction {
  const known = new Map(functions.flatMap((fn) => [fn.id, fn.name, fn.arn].map((key) => [key, fn] as const)));
  return (name) => {
    const fn = known.get(name) ?? known.get(name.replace(/:\$LATEST$/, ''));
    if (!fn) throw new AwsError('ResourceNotFoundException', `Function not found: ${name}`, 404);
    return fn;
  };
}

function within(payload: string, limit: number): string {
  const size = Buffer.byteLength(payload);
  if (size > limit)
    throw new AwsError('RequestTooLargeException', `${size} byte payload is too large (limit ${limit} bytes)`, 413);
  return payload;
}
