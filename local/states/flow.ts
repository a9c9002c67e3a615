import { type Advance, runMap, runParallel } from './children.ts';
import { instantOf, ruleHolds } from './choice.ts';
import { type Exit, finish, inputOf, pass, place, secondsAt } from './data.ts';
import type { State, WaitState } from './definition.ts';
import { StatesError } from './error.ts';
import { evaluate } from './expression.ts';
import type { Frame } from './frame.ts';
import { type Json, limited } from './json.ts';
import { needPath } from './path.ts';
import { fill } from './payload.ts';
import { catcherOf, nextRetry } from './retry.ts';
import { runTask } from './task.ts';
import { contextOf, passage, record, type Turn } from './turn.ts';

/** Takes a thread through its states until it ends or waits. @throws StatesError what no state of it catches */
export const advance: Advance = (turn, scope, frame) => {
  for (;;) {
    const state = scope.States[frame.state];
    if (!state) throw new StatesError('States.Runtime', `There is no state '${frame.state}'.`);
    if (frame.enteredAt === undefined) enter(turn, state, frame);
    const exit = attempt(turn, state, frame);
    if (!exit) return undefined;
    record(turn, frame, passage(state, 'Exited'), {
      stateExitedEventDetails: { name: frame.state, output: JSON.stringify(exit.output) },
    });
    if (exit.next === undefined) return { output: exit.output };
    Object.assign(frame, { state: exit.next, input: exit.output });
    delete frame.enteredAt;
    delete frame.retries;
    delete frame.wait;
  }
};

function enter(turn: Turn, state: State, frame: Frame): void {
  frame.enteredAt = turn.now;
  record(turn, frame, passage(state, 'Entered'), {
    stateEnteredEventDetails: { name: frame.state, input: JSON.stringify(frame.input) },
  });
}

/** One go at a state; an error becomes a retry (waits), the way to a catcher, or goes up. */
function attempt(turn: Turn, state: State, frame: Frame): Exit | undefined {
  if (frame.wait?.kind === 'retry') {
    if (turn.now < frame.wait.until) return undefined;
    delete frame.wait;
  }
  try {
    return step(turn, state, frame);
  } catch (error) {
    if (!(error instanceof StatesError)) throw error;
    return recover(turn, state, frame, error);
  }
}

function recover(turn: Turn, state: State, frame: Frame, error: StatesError): Exit | undefined {
  const children = frame.wait?.kind === 'children';
  delete frame.wait;
  if (state.Type !== 'Task' && state.Type !== 'Map' && state.Type !== 'Parallel') throw error;
  if (children) record(turn, frame, `${state.Type}StateFailed`);
  const delay = nextRetry(state.Retry, (frame.retries ??= []), error);
  if (delay !== undefined) {
    frame.wait = { kind: 'retry', until: turn.now + delay };
    return undefined;
  }
  const catcher = catcherOf(state.Catch, error);
  if (!catcher) throw error;
  const output = place(catcher.ResultPath, frame.input, { Error: error.name, Cause: error.message });
  return { output: limited(output, `The output of state '${frame.state}'`), next: catcher.Next };
}

function step(turn: Turn, state: State, frame: Frame): Exit | undefined {
  switch (state.Type) {
    case 'Task':
      return runTask(turn, state, frame);
    case 'Map':
      return runMap(turn, state, frame, advance);
    case 'Parallel':
      return runParallel(turn, state, frame, advance);
    case 'Wait':
      return runWait(turn, state, frame);
    case 'Succeed':
      return pass(turn, state, frame, inputOf(turn, state, frame), undefined);
    case 'Fail':
      throw failure(turn, state, frame);
    case 'Pass': {
      const input = inputOf(turn, state, frame);
      const given = state.Parameters === undefined ? input : fill(state.Parameters, input, contextOf(turn, frame));
      return finish(turn, state, frame, state.Result ?? given);
    }
    case 'Choice': {
      const input = inputOf(turn, state, frame);
      const context = contextOf(turn, frame);
      const next = state.Choices.find((rule) => ruleHolds(rule, input, context))?.Next ?? state.Default;
      if (next !== undefined) return pass(turn, state, frame, input, next);
      throw new StatesError('States.NoChoiceMatched', `No rule of '${frame.state}' matched and it has no Default.`);
    }
  }
}

function failure(turn: Turn, state: Extract<State, { Type: 'Fail' }>, frame: Frame): StatesError {
  const text = (fixed: string | undefined, path: string | undefined): string => {
    if (path === undefined) return fixed ?? '';
    const value = evaluate(path, frame.input, contextOf(turn, frame));
    if (typeof value === 'string') return value;
    throw new StatesError('States.Runtime', `'${path}' of Fail state '${frame.state}' must lead to a string.`);
  };
  return new StatesError(text(state.Error, state.ErrorPath), text(state.Cause, state.CausePath));
}

function runWait(turn: Turn, state: WaitState, frame: Frame): Exit | undefined {
  const input = inputOf(turn, state, frame);
  const wait =
    frame.wait?.kind === 'time' ? frame.wait : { kind: 'time' as const, until: endOf(turn, state, frame, input) };
  frame.wait = wait;
  return turn.now < wait.until ? undefined : pass(turn, state, frame, input, state.Next);
}

function endOf(turn: Turn, state: WaitState, frame: Frame, input: Json): number {
  if (state.Seconds !== undefined) return turn.now + state.Seconds * 1000;
  if (state.SecondsPath !== undefined) return turn.now + secondsAt(turn, frame, state.SecondsPath, input, 0) * 1000;
  const text = state.Timestamp ?? needPath(state.TimestampPath ?? '$', input, contextOf(turn, frame));
  const until = instantOf(text);
  if (until !== undefined) return until;
  throw new StatesError('States.Runtime', `'${JSON.stringify(text)}' is not a timestamp like 2026-01-31T09:00:00Z.`);
}
