import { StatesError } from './error.ts';
import type { Frame } from './frame.ts';
import { type Json, limited } from './json.ts';
import { needPath, writePath } from './path.ts';
import { fill } from './payload.ts';
import { contextOf, type Turn } from './turn.ts';

/** Where a state's output goes; without `next` the thread ends. */
export type Exit = { output: Json; next: string | undefined };

type InOut = { InputPath?: string | null | undefined; OutputPath?: string | null | undefined };
type Result = InOut & {
  ResultSelector?: Json | undefined;
  ResultPath?: string | null | undefined;
  Next?: string | undefined;
};

/** The state's input behind InputPath. */
export function inputOf(turn: Turn, state: InOut, frame: Frame): Json {
  if (state.InputPath === null) return {};
  return state.InputPath === undefined ? frame.input : needPath(state.InputPath, frame.input, contextOf(turn, frame));
}

/** The way out of a state that has no result of its own. */
export function pass(turn: Turn, state: InOut, frame: Frame, output: Json, next: string | undefined): Exit {
  if (state.OutputPath === null) return { output: {}, next };
  if (state.OutputPath === undefined) return { output, next };
  return { output: needPath(state.OutputPath, output, contextOf(turn, frame)), next };
}

/** The way out of a state with a result: ResultSelector, then ResultPath over the state's own input, then OutputPath. */
export function finish(turn: Turn, state: Result, frame: Frame, result: Json): Exit {
  const selected =
    state.ResultSelector === undefined ? result : fill(state.ResultSelector, result, contextOf(turn, frame));
  const output = place(state.ResultPath, frame.input, selected);
  const exit = pass(turn, state, frame, output, state.Next);
  return { ...exit, output: limited(exit.output, `The output of state '${frame.state}'`) };
}

/** ResultPath: null drops the result, none replaces the input. */
export function place(resultPath: string | null | undefined, input: Json, result: Json): Json {
  if (resultPath === null) return input;
  return resultPath === undefined ? result : writePath(resultPath, input, result);
}

/** A whole number of seconds the path leads to. @throws StatesError States.Runtime for anything else */
export function secondsAt(turn: Turn, frame: Frame, path: string, input: Json, least: number): number {
  const value = needPath(path, input, contextOf(turn, frame));
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= 99_999_999) return value;
  throw new StatesError(
    'States.Runtime',
    `The path '${path}' must lead to a whole number of seconds from ${least} to 99999999, not ${JSON.stringify(value)}.`,
  );
}
