import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Authorize, Clock, Faults, Invoke, Log, Service } from '../contract.ts';
import { startFront } from '../front.ts';
import { statesApi } from './api.ts';
import { functionCaller } from './call.ts';
import { Engine, type Machine } from './engine.ts';
import { type Execution, leavesOf, type Status } from './frame.ts';
import type { Json } from './json.ts';
import { openStore } from './store.ts';

export type StatesOptions = {
  machines: readonly Machine[];
  db: DatabaseSync;
  clock: Clock;
  invoke: Invoke;
  authorize: Authorize;
  faults: Faults;
  /** Ends the worker that made a call; see `startFront`. */
  crash(worker: string): void;
  log: Log;
};

/** What a person wants to know about an execution; `state` names the states its threads stand in, none when closed. */
type ExecutionRow = {
  arn: string;
  name: string;
  /** The state machine's name. */
  machine: string;
  status: Status;
  state: string[];
  startedAt: number;
  stoppedAt?: number;
  error?: string;
  cause?: string;
};

export type States = Service & {
  url: string;
  /** Starts an execution with the cloud's own leave; the answer is its ARN. @throws AwsError as StartExecution */
  start(arn: string, input: unknown, name?: string): string;
  /** Goes on with what an earlier process left running; call it once every port listens. */
  resume(): void;
  /** Newest first. */
  executions(status?: Status): ExecutionRow[];
};

/**
 * Step Functions of the local cloud: Standard workflows in the JSONPath subset of `definition.ts`.
 * @throws Error for a definition it cannot run, naming machine, state and field
 */
export async function startStates(options: StatesOptions): Promise<States> {
  const { machines, clock, log, authorize, faults, crash } = options;
  const store = openStore(options.db);
  const engine = new Engine({ machines, store, clock, log, call: functionCaller(options) });
  const handle = statesApi({ engine, store, authorize, createdAt: clock.now() });
  const front = await startFront({ service: 'states', faults, crash, handle });
  return {
    name: 'states',
    url: front.url,
    start: (arn, input, name) => engine.start(arn, name ?? randomUUID(), input as Json).arn,
    resume: () => engine.resume(),
    executions: (status) => store.list(null, status ?? null, { limit: -1, offset: 0 }).map(rowOf),
    pending: () => engine.pending(),
    nextDue: () => engine.nextDue(),
    stop: async () => {
      await front.stop();
      engine.close();
    },
  };
}

const rowOf = ({ arn, name, machine, status, root, startedAt, ...rest }: Execution): ExecutionRow => ({
  arn,
  name,
  machine: machine.split(':').at(-1) ?? machine,
  status,
  state: [...leavesOf(root)].map((frame) => frame.state),
  startedAt,
  ...(rest.stoppedAt === undefined ? {} : { stoppedAt: rest.stoppedAt }),
  ...(rest.error === undefined ? {} : { error: rest.error }),
  ...(rest.cause === undefined ? {} : { cause: rest.cause }),
});
