import { NotSupported, StatesError } from './error.ts';
import { intrinsics } from './intrinsic.ts';
import type { Json } from './json.ts';
import { type Path, readPath, scanPath } from './path.ts';

/** The value of a field whose name ends in `.$`: a reference path or a call of an intrinsic function. */
type Expression =
  | { kind: 'path'; path: Path; text: string }
  | { kind: 'literal'; value: Json }
  | { kind: 'call'; name: string; args: readonly Expression[] };
type Scanned = { expression: Expression; end: number };

const NAME = /States\.\w+/y;
const LITERAL = /null|true|false|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|'((?:[^'\\]|\\.)*)'/y;
const parsed = new Map<string, Expression>();

/** @throws NotSupported for an unknown function, wrong argument counts, or anything but a reference path */
export function parseExpression(text: string): Expression {
  const known = parsed.get(text);
  if (known) return known;
  if (!text.startsWith('$') && !text.startsWith('States.'))
    throw new NotSupported(`"${text}" is neither a path ($.field) nor a function (States.Format(...))`);
  const { expression, end } = scan(text, 0);
  if (end !== text.length)
    throw new NotSupported(`"${text}" is not understood from place ${end} on: only reference paths and functions are`);
  parsed.set(text, expression);
  return expression;
}

/** @throws StatesError States.ParameterPathFailure or States.IntrinsicFailure */
export function evaluate(text: string, input: Json, context: Json): Json {
  return valueOf(parseExpression(text), input, context);
}

function valueOf(expression: Expression, input: Json, context: Json): Json {
  if (expression.kind === 'literal') return expression.value;
  if (expression.kind === 'call') {
    const args = expression.args.map((arg) => valueOf(arg, input, context));
    return intrinsics[expression.name]?.run(args, expression.name) ?? null;
  }
  const value = readPath(expression.path, input, context);
  if (value !== undefined) return value;
  throw new StatesError(
    'States.ParameterPathFailure',
    `The JSONPath '${expression.text}' could not be found in the input '${JSON.stringify(input).slice(0, 1000)}'`,
  );
}

function scan(text: string, at: number): Scanned {
  if (text[at] === '$') {
    const { path, end } = scanPath(text, at);
    return { expression: { kind: 'path', path, text: text.slice(at, end) }, end };
  }
  return text.startsWith('States.', at) ? scanCall(text, at) : scanLiteral(text, at);
}

function scanLiteral(text: string, at: number): Scanned {
  LITERAL.lastIndex = at;
  const found = LITERAL.exec(text);
  if (!found) throw new NotSupported(`"${text}" is not understood from place ${at} on`);
  const [word, quoted] = found;
  // \{ and \} stay as they are: States.Format tells them from its places.
  const value: Json = quoted === undefined ? (JSON.parse(word) as Json) : quoted.replace(/\\(['\\])/g, '$1');
  return { expression: { kind: 'literal', value }, end: at + word.length };
}

function scanCall(text: string, at: number): Scanned {
  NAME.lastIndex = at;
  const name = NAME.exec(text)?.[0] ?? '';
  const known = Object.hasOwn(intrinsics, name) ? intrinsics[name] : undefined;
  if (!known) throw new NotSupported(`the function ${name} is not one of ${Object.keys(intrinsics).join(', ')}`);
  const { args, end } = scanArguments(text, at + name.length);
  if (args.length < known.least || args.length > known.most)
    throw new NotSupported(`${name} is called with ${args.length} arguments in "${text}"`);
  return { expression: { kind: 'call', name, args }, end };
}

function scanArguments(text: string, at: number): { args: Expression[]; end: number } {
  if (text[at] !== '(') throw new NotSupported(`"${text}" has a function without parentheses`);
  const args: Expression[] = [];
  let end = skipSpace(text, at + 1);
  while (text[end] !== ')') {
    const next = scan(text, end);
    args.push(next.expression);
    end = skipSpace(text, next.end);
    if (text[end] === ',') end = skipSpace(text, end + 1);
    else if (text[end] !== ')') throw new NotSupported(`"${text}" lacks a comma or a closing parenthesis at ${end}`);
  }
  return { args, end: end + 1 };
}

function skipSpace(text: string, at: number): number {
  let end = at;
  while (text[end] === ' ') end++;
  return end;
}
