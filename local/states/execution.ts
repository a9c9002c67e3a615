import type { Definition } from './definition.ts';
import { StatesError } from './error.ts';
import { advance } from './flow.ts';
import type { Execution } from './frame.ts';
import type { Json } from './json.ts';
import { append, type Turn } from './turn.ts';

type Ending = { status: 'ABORTED' | 'TIMED_OUT' | 'FAILED'; error?: string | undefined; cause?: string | undefined };
type Identity = Pick<Execution, 'arn' | 'name' | 'machine' | 'definition' | 'input'>;

/** An execution that has not taken its first turn. */
export const newExecution = (identity: Identity, { StartAt, TimeoutSeconds }: Definition, now: number): Execution => ({
  ...identity,
  status: 'RUNNING',
  startedAt: now,
  ...(TimeoutSeconds === undefined ? {} : { deadline: now + TimeoutSeconds * 1000 }),
  events: 0,
  root: { state: StartAt, input: identity.input, last: 0 },
});

const ENDED = { SUCCEEDED: 'Succeeded', FAILED: 'Failed', TIMED_OUT: 'TimedOut', ABORTED: 'Aborted', RUNNING: '' };

/** An optional change, then every thread as far as it goes now; whatever nothing catches ends the execution. */
export function takeTurn(turn: Turn, change?: (execution: Execution, turn: Turn) => void): void {
  const { execution } = turn;
  try {
    change?.(execution, turn);
    if (!execution.root) return;
    if ((execution.deadline ?? Infinity) <= turn.now)
      return end(turn, { status: 'TIMED_OUT', error: 'States.Timeout', cause: '' });
    const result = advance(turn, turn.machine.definition, execution.root);
    if (result) end(turn, { status: 'SUCCEEDED', output: result.output });
  } catch (error) {
    const known = error instanceof StatesError ? error : new StatesError('States.Runtime', String(error));
    end(turn, { status: 'FAILED', error: known.name, cause: known.message });
  }
}

/** Closes an execution. */
export function end(turn: Turn, ending: Ending | { status: 'SUCCEEDED'; output: Json }): void {
  const { execution } = turn;
  const what = ENDED[ending.status];
  const details =
    ending.status === 'SUCCEEDED'
      ? { output: JSON.stringify(ending.output) }
      : {
          ...(ending.error === undefined ? {} : { error: ending.error }),
          ...(ending.cause === undefined ? {} : { cause: ending.cause }),
        };
  const last = execution.root?.last ?? 0;
  append(turn, last, `Execution${what}`, { [`execution${what}EventDetails`]: details });
  delete execution.root;
  Object.assign(execution, ending, { stoppedAt: turn.now });
}
