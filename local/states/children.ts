import { type Exit, finish, inputOf } from './data.ts';
import type { MapState, ParallelState, Scope } from './definition.ts';
import { StatesError } from './error.ts';
import type { Child, Frame } from './frame.ts';
import { type Json, limited } from './json.ts';
import { needPath } from './path.ts';
import { fill } from './payload.ts';
import { contextOf, record, type Turn } from './turn.ts';

/** Takes a thread as far as it goes now; undefined when it waits. */
export type Advance = (turn: Turn, scope: Scope, frame: Frame) => { output: Json } | undefined;

/** How many items of an inline Map AWS works on at a time when MaxConcurrency leaves it open. */
const INLINE_CONCURRENCY = 40;

/** A Parallel state: every branch gets the same input; the result is the list of their outputs. */
export function runParallel(turn: Turn, state: ParallelState, frame: Frame, advance: Advance): Exit | undefined {
  if (frame.wait?.kind !== 'children') {
    const input = inputOf(turn, state, frame);
    const given = state.Parameters === undefined ? input : fill(state.Parameters, input, contextOf(turn, frame));
    record(turn, frame, 'ParallelStateStarted');
    frame.wait = { kind: 'children', children: state.Branches.map((branch) => child(frame, branch, given)) };
  }
  const { children } = frame.wait;
  const run = (thread: Frame, index: number) => {
    const branch = state.Branches[index];
    return branch && advance(turn, branch, thread);
  };
  const outputs = advanceAll(children, children.length, run);
  if (!outputs) return undefined;
  record(turn, frame, 'ParallelStateSucceeded');
  return finish(turn, state, frame, outputs);
}

/** An inline Map state: one thread for each item, MaxConcurrency of them at a time, outputs in the order of the items. */
export function runMap(turn: Turn, state: MapState, frame: Frame, advance: Advance): Exit | undefined {
  const each = state.ItemProcessor ?? state.Iterator;
  if (!each) return undefined; // refused when the machine is loaded
  if (frame.wait?.kind !== 'children')
    frame.wait = { kind: 'children', children: beginItems(turn, state, frame, each) };
  const outputs = advanceAll(frame.wait.children, state.MaxConcurrency || INLINE_CONCURRENCY, (thread, index) => {
    const details = { name: frame.state, index };
    if (thread.enteredAt === undefined)
      record(turn, thread, 'MapIterationStarted', { mapIterationStartedEventDetails: details });
    const end = advance(turn, each, thread);
    if (end) record(turn, thread, 'MapIterationSucceeded', { mapIterationSucceededEventDetails: details });
    return end;
  });
  if (!outputs) return undefined;
  record(turn, frame, 'MapStateSucceeded');
  return finish(turn, state, frame, outputs);
}

function beginItems(turn: Turn, state: MapState, frame: Frame, each: Scope): Child[] {
  const input = inputOf(turn, state, frame);
  const items = state.ItemsPath === undefined ? input : needPath(state.ItemsPath, input, contextOf(turn, frame));
  if (!Array.isArray(items))
    throw new StatesError('States.Runtime', `The items of Map state '${frame.state}' are not an array.`);
  record(turn, frame, 'MapStateStarted', { mapStateStartedEventDetails: { length: items.length } });
  const selector = state.ItemSelector ?? state.Parameters;
  return items.map((Value, Index) => {
    const item = { Index, Value };
    const context = contextOf(turn, { ...frame, item });
    const given = selector === undefined ? Value : fill(selector, input, context);
    return child({ ...frame, item }, each, limited(given, `Item ${Index} of Map state '${frame.state}'`));
  });
}

const child = (parent: Frame, scope: Scope, input: Json): Child => ({
  frame: { state: scope.StartAt, input, last: parent.last, ...(parent.item ? { item: parent.item } : {}) },
});

/** Takes at most `width` open threads on; the outputs when all have ended. */
function advanceAll(
  children: Child[],
  width: number,
  run: (thread: Frame, index: number) => { output: Json } | undefined,
): Json[] | undefined {
  let open = 0;
  for (const [index, it] of children.entries()) {
    if (open >= width) break;
    if ('output' in it) continue;
    const end = run(it.frame, index);
    if (end) children[index] = end;
    else open++;
  }
  const outputs = children.flatMap((it) => ('output' in it ? [it.output] : []));
  return outputs.length === children.length ? outputs : undefined;
}
