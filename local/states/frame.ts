import type { Json } from './json.ts';

/** How a task ended. */
export type Outcome = { output: Json } | { error: string; cause: string };

/** A Lambda call, not yet answered or, with a token, not yet settled. `heartbeat` is milliseconds, the rest are instants. */
export type TaskWait = {
  kind: 'task';
  /** Names this attempt: an answer to an earlier one finds nobody. */
  call: string;
  fn: string;
  payload: Json;
  token?: string;
  deadline?: number;
  heartbeat?: number;
  heartbeatAt?: number;
  /** The function has taken the token: it is not called again. */
  invoked?: true;
  outcome?: Outcome;
};
export type Child = { frame: Frame } | { output: Json };
type Wait =
  | { kind: 'time'; until: number }
  | { kind: 'retry'; until: number }
  | { kind: 'children'; children: Child[] }
  | TaskWait;

/** One thread of an execution: the state it stands in, that state's input, and what it waits for. Kept as JSON. */
export type Frame = {
  state: string;
  input: Json;
  /** The thread's latest history event. */
  last: number;
  enteredAt?: number;
  retries?: number[];
  /** Inside of a Map state: which item this thread is for. */
  item?: { Index: number; Value: Json };
  wait?: Wait;
};

export type Status = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** A run of a state machine; `root` is there as long as it is running. Instants are epoch milliseconds. */
export type Execution = {
  arn: string;
  name: string;
  machine: string;
  /** Hash of the definition it was started with: a deployment does not change a run. */
  definition: string;
  status: Status;
  startedAt: number;
  deadline?: number;
  input: Json;
  /** History events so far. */
  events: number;
  root?: Frame;
  stoppedAt?: number;
  output?: Json;
  error?: string;
  cause?: string;
};

/** The threads that stand in a state themselves, not through children; those not yet begun are left out. */
export function* leavesOf(frame: Frame | undefined): Generator<Frame> {
  if (frame?.enteredAt === undefined) return;
  if (frame.wait?.kind !== 'children') yield frame;
  else for (const child of frame.wait.children) if ('frame' in child) yield* leavesOf(child.frame);
}

/** The earliest instant at which the execution has to go on by itself. */
export function dueOf(execution: Execution): number | undefined {
  const instants = [...leavesOf(execution.root)].flatMap(({ wait }) => {
    if (wait?.kind === 'time' || wait?.kind === 'retry') return wait.until;
    return wait?.kind === 'task' ? [wait.deadline, wait.heartbeatAt] : [];
  });
  const due = [execution.deadline, ...instants].reduce((a = Infinity, b = Infinity) => Math.min(a, b));
  return execution.root && due !== Infinity ? due : undefined;
}

/** The calls that are out or have to be made (again, after a restart). */
export const openCalls = (execution: Execution): TaskWait[] =>
  [...leavesOf(execution.root)].flatMap(({ wait }) =>
    wait?.kind === 'task' && !wait.invoked && !wait.outcome ? [wait] : [],
  );
