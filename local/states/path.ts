import { NotSupported, StatesError } from './error.ts';
import { isObject, type Json } from './json.ts';

/** A reference path: `$.deal.lines[0]['unit price']` into the state's input, `$$.Execution.Id` into the context. */
export type Path = { root: 'input' | 'context'; steps: readonly (string | number)[] };

const STEP = /\.([\p{L}\p{N}_-]+)|\['((?:[^'\\]|\\.)*)'\]|\[(\d+)\]/uy;
const CONTEXT = ['Execution', 'Map', 'State', 'StateMachine', 'Task'];
const parsed = new Map<string, Path>();

/** Reads the path that starts at `at`; `end` is the place behind it. @throws NotSupported */
export function scanPath(text: string, at: number): { path: Path; end: number } {
  if (text[at] !== '$') throw new NotSupported(`"${text.slice(at)}" is not a path: it must begin with $`);
  const root = text[at + 1] === '$' ? 'context' : 'input';
  const steps: (string | number)[] = [];
  let end = at + (root === 'context' ? 2 : 1);
  for (;;) {
    STEP.lastIndex = end;
    const step = STEP.exec(text);
    if (!step) break;
    steps.push(step[1] ?? step[2]?.replace(/\\(.)/g, '$1') ?? Number(step[3]));
    end = STEP.lastIndex;
  }
  if (root === 'context' && steps.length > 0 && !CONTEXT.includes(String(steps[0])))
    throw new NotSupported(`the context object has no "${steps[0]}"; it has ${CONTEXT.join(', ')}`);
  return { path: { root, steps }, end };
}

/** @throws NotSupported for anything but a reference path (wildcards, filters, slices, functions) */
export function parsePath(text: string): Path {
  const known = parsed.get(text);
  if (known) return known;
  const { path, end } = scanPath(text, 0);
  if (end !== text.length)
    throw new NotSupported(`the path "${text}" is more than a reference path ($.field, $['field'], $.list[0])`);
  parsed.set(text, path);
  return path;
}

/** The value the path leads to; undefined when it leads nowhere. */
export function readPath(path: Path, input: Json, context: Json): Json | undefined {
  let value: Json | undefined = path.root === 'context' ? context : input;
  for (const step of path.steps) {
    if (Array.isArray(value) && typeof step === 'number') value = value[step];
    else if (isObject(value) && typeof step === 'string' && Object.hasOwn(value, step)) value = value[step];
    else return undefined;
  }
  return value;
}

/** As `readPath` for InputPath, OutputPath and the like. @throws StatesError States.Runtime when it leads nowhere */
export function needPath(text: string, input: Json, context: Json): Json {
  const value = readPath(parsePath(text), input, context);
  if (value === undefined) throw new StatesError('States.Runtime', `Invalid path '${text}': it leads nowhere.`);
  return value;
}

/** A copy of `target` with `value` put at the path; objects on the way are made. @throws StatesError States.ResultPathMatchFailure */
export function writePath(text: string, target: Json, value: Json): Json {
  return put(text, target, parsePath(text).steps, value);
}

function put(text: string, target: Json | undefined, steps: readonly (string | number)[], value: Json): Json {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (typeof step === 'number' && Array.isArray(target) && step < target.length)
    return target.with(step, put(text, target[step], rest, value));
  const base = target === undefined ? {} : target;
  if (typeof step === 'number' || !isObject(base))
    throw new StatesError('States.ResultPathMatchFailure', `Unable to apply ResultPath '${text}' to the input.`);
  return { ...base, [step]: put(text, Object.hasOwn(base, step) ? base[step] : undefined, rest, value) };
}
