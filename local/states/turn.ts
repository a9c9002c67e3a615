import type { Definition, State } from './definition.ts';
import { StatesError } from './error.ts';
import type { Execution, Frame } from './frame.ts';
import type { JsonObject } from './json.ts';

/** One entry of an execution's history as GetExecutionHistory shows it; the timestamp is epoch seconds. */
export type HistoryEvent = { id: number; previousEventId: number; timestamp: number; type: string } & JsonObject;

/** What AWS allows one execution. */
const HISTORY_LIMIT = 25_000;

/** One go at an execution: everything that can happen at this instant, saved as a whole before any function is called. */
export type Turn = {
  now: number;
  execution: Execution;
  machine: { name: string; role: string; definition: Definition };
  /** What happened in this turn. */
  events: HistoryEvent[];
  /** Task tokens given out in this turn. */
  tokens: string[];
};

/** Writes history for a thread. @throws StatesError when the execution has used up what AWS allows */
export function record(turn: Turn, frame: Frame, type: string, details: JsonObject = {}): void {
  // One place is left for the event that ends the execution.
  if (turn.execution.events >= HISTORY_LIMIT - 1)
    throw new StatesError(
      'States.Runtime',
      `The execution reached the maximum number of history events (${HISTORY_LIMIT}).`,
    );
  frame.last = append(turn, frame.last, type, details);
}

/** Writes history without a limit: for the event that ends an execution. */
export function append(turn: Turn, previous: number, type: string, details: JsonObject = {}): number {
  const id = ++turn.execution.events;
  turn.events.push({ id, previousEventId: previous, timestamp: turn.now / 1000, type, ...details });
  return id;
}

/** The context object (`$$`) as the thread sees it. */
export function contextOf(turn: Turn, frame: Frame, token?: string): JsonObject {
  const { execution, machine } = turn;
  return {
    Execution: {
      Id: execution.arn,
      Name: execution.name,
      Input: execution.input,
      StartTime: new Date(execution.startedAt).toISOString(),
      RoleArn: machine.role,
    },
    StateMachine: { Id: execution.machine, Name: machine.name },
    State: {
      Name: frame.state,
      EnteredTime: new Date(frame.enteredAt ?? turn.now).toISOString(),
      RetryCount: (frame.retries ?? []).reduce((sum, made) => sum + made, 0),
    },
    ...(token === undefined ? {} : { Task: { Token: token } }),
    ...(frame.item ? { Map: { Item: frame.item } } : {}),
  };
}

/** How history calls the passage of a state: `ChoiceStateEntered`. */
export const passage = (state: State, what: 'Entered' | 'Exited'): string => `${state.Type}State${what}`;
