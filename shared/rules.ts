import { Environment, EvaluationError, ParseError, TypeError as CelTypeError } from '@marcbachmann/cel-js';
import type { ASTNode } from '@marcbachmann/cel-js';

export type FieldType = 'string' | 'double' | 'bool' | 'list<string>' | 'list<double>';

/** The fields a rule may name, with their types; groups nest: `{ source: 'string', custom: { size: 'double' } }`. */
export type RuleSchema = { readonly [field: string]: FieldType | RuleSchema };
export type RuleResult = { bool: boolean; double: number; string: string };

export type Evaluated<T> = { ok: true; value: T } | { ok: false; error: string };
export type Compiled<T> =
  | { ok: true; run: (facts: Readonly<Record<string, unknown>>) => Evaluated<T> }
  | { ok: false; error: string; at?: number };

/** `at` is the offset in characters of the place the error speaks of. */
export type RuleSet = {
  compile<K extends keyof RuleResult>(source: string, gives: K): Compiled<RuleResult[K]>;
};

const MAX_SOURCE = 2000;
const MAX_LIST = 100;
const MAX_STRING = 20_000;
const LIMITS = { maxAstNodes: 300, maxDepth: 24, maxListElements: MAX_LIST, maxMapEntries: 50, maxCallArguments: 8 };
const MACROS = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);
const EMPTY = { string: '', double: 0, bool: false } as const;

/** Why each of these is refused is what the user reads. */
const REFUSED: Readonly<Record<string, string>> = {
  // A native RegExp: 36 s on 30 characters were measured.
  matches: 'matches() is not allowed: use contains, startsWith or endsWith',
  // Nested binds double a text with each level.
  bind: 'cel.bind() is not allowed: write the expression out',
  has: "has() is always true here, as a missing value is '' or 0 or false: compare with that",
};

function environmentOf(variables: Readonly<Record<string, RuleSchema>>): Environment {
  const env = new Environment({ unlistedVariablesAreDyn: false, limits: LIMITS });
  for (const [name, schema] of Object.entries(variables)) env.registerVariable(name, { schema });
  // Numbers of records are doubles, while people write 10: CEL itself mixes the two in < and > only.
  const arithmetic = {
    '+': (a: number, b: number) => a + b,
    '-': (a: number, b: number) => a - b,
    '*': (a: number, b: number) => a * b,
    '/': (a: number, b: number) => a / b,
    '%': (a: number, b: number) => a % b,
  };
  for (const [sign, reckon] of Object.entries(arithmetic)) {
    const mixed = (a: number | bigint, b: number | bigint): number => reckon(Number(a), Number(b));
    env.registerOperator(`double ${sign} int`, mixed).registerOperator(`int ${sign} double`, mixed);
  }
  const among = (a: number | bigint, list: readonly (number | bigint)[]): boolean =>
    list.some((item) => Number(item) === Number(a));
  return env
    .registerOperator('double % double', arithmetic['%'])
    .registerOperator('double == int', (a: number, b: bigint) => a === Number(b)) // gives int == double and != as well
    .registerOperator('double in list<int>', among)
    .registerOperator('int in list<double>', among);
}

type Fault = { error: string; at?: number };

function partsOf(node: ASTNode): ASTNode[] {
  const parts: unknown[] = Array.isArray(node.args) ? node.args.flat(2) : [node.args];
  return parts.filter((part): part is ASTNode => typeof part === 'object' && part !== null && 'op' in part);
}

const hasCall = (node: ASTNode): boolean => node.op === 'call' || node.op === 'rcall' || partsOf(node).some(hasCall);

/** The first thing in the tree that is legal CEL and not allowed here. `inMacro`: inside the body of a list macro. */
function refusal(node: ASTNode, inMacro: boolean): Fault | undefined {
  const fault = (error: string): Fault => ({ error, at: node.start });
  const call = node.op === 'rcall' || node.op === 'call' ? node.args[0] : undefined;
  const refused = call !== undefined && Object.hasOwn(REFUSED, call) ? REFUSED[call] : undefined;
  if (refused !== undefined) return fault(refused);
  const macro = node.op === 'rcall' && MACROS.has(node.args[0]);
  // Cost stays within list length × size of the rule: no loop in a loop, none over a list made on the fly.
  if (macro && inMacro) return fault(`${call}() inside another list function is not allowed`);
  if (macro && hasCall(node.args[1])) {
    return fault(`${call}() works on a list of the record, not on the result of another function`);
  }
  if (node.op === '/' && node.args.every((side) => side.op === 'value' && typeof side.args === 'bigint')) {
    return fault('whole numbers divide without a remainder here: write 1.0 / 2');
  }
  for (const part of partsOf(node)) {
    const found = refusal(part, inMacro || macro);
    if (found) return found;
  }
  return undefined;
}

function faultOf(cause: unknown): Fault {
  if (cause instanceof ParseError || cause instanceof CelTypeError || cause instanceof EvaluationError) {
    return { error: cause.summary, ...(cause.range && { at: cause.range.start }) };
  }
  return { error: cause instanceof Error ? cause.message : String(cause) };
}

class FactError extends Error {}

function factOf(type: FieldType, value: unknown, path: string): unknown {
  if (type === 'list<string>' || type === 'list<double>') {
    const list = value ?? [];
    if (!Array.isArray(list)) throw new FactError(`${path} is not a list`);
    if (list.length > MAX_LIST) throw new FactError(`${path} has more than ${MAX_LIST} elements`);
    const item = type === 'list<string>' ? 'string' : 'double';
    return list.map((element, index) => factOf(item, element, `${path}[${index}]`));
  }
  const fact = value ?? EMPTY[type];
  if (typeof fact !== typeof EMPTY[type] || Number.isNaN(fact)) {
    throw new FactError(`${path} is not a ${type === 'double' ? 'number' : type}`);
  }
  if (typeof fact === 'string' && fact.length > MAX_STRING) {
    throw new FactError(`${path} is longer than ${MAX_STRING} characters`);
  }
  return fact;
}

/** The facts a schema names and nothing else, with an empty value for each that is missing. */
function fill(schema: RuleSchema, value: unknown, path: string): Record<string, unknown> {
  if (value !== undefined && value !== null && typeof value !== 'object')
    throw new FactError(`${path} is not a record`);
  const given = new Map(Object.entries(value ?? {}));
  const entries = Object.entries(schema).map(([field, type]) => {
    const place = path === '' ? field : `${path}.${field}`;
    const fact = typeof type === 'string' ? factOf(type, given.get(field), place) : fill(type, given.get(field), place);
    return [field, fact] as const;
  });
  return Object.fromEntries(entries);
}

function resultOf<K extends keyof RuleResult>(result: unknown, gives: K): Evaluated<RuleResult[K]> {
  const value = typeof result === 'bigint' ? Number(result) : result;
  const fits = typeof value === typeof EMPTY[gives] && (typeof value !== 'number' || Number.isFinite(value));
  if (fits) return { ok: true, value: value as RuleResult[K] };
  return { ok: false, error: `the result is not a ${gives === 'double' ? 'finite number' : gives}` };
}

const GIVES = { bool: 'true or false', double: 'a number', string: 'a text' };

/**
 * Rules that users write, in CEL (cel.dev), over the named variables. `compile` is called when a rule is saved: it checks
 * types and refuses whatever could run for long; `run` never throws.
 *
 * A value that is missing (absent or null) is `''`, 0, false or an empty list, so a rule never fails on missing data:
 * `lead.score > 10` is false and `lead.email == ''` is true for a lead without either. A value of the wrong type, an index
 * past the end, a text over 20 000 characters or a list over 100 elements give `{ ok: false, error }`: treat that as "the
 * rule does not say" and show it. Numbers are doubles and whole numbers may stand beside them; money comes in as major
 * units made by the caller, only for comparison.
 */
export function ruleSet({ variables }: { variables: Readonly<Record<string, RuleSchema>> }): RuleSet {
  const env = environmentOf(variables);
  const compile = <K extends keyof RuleResult>(source: string, gives: K): Compiled<RuleResult[K]> => {
    if (source.length > MAX_SOURCE) return { ok: false, error: `a rule may have ${MAX_SOURCE} characters at most` };
    try {
      const rule = env.parse(source);
      const refused = refusal(rule.ast, false);
      if (refused) return { ok: false, ...refused };
      const { valid, type, error } = rule.check();
      if (!valid) return { ok: false, ...faultOf(error) };
      if (type !== gives && !(gives === 'double' && type === 'int')) {
        return { ok: false, error: `the rule must give ${GIVES[gives]}, this gives ${type}`, at: 0 };
      }
      return {
        ok: true,
        run: (facts) => {
          try {
            return resultOf(rule(fill(variables, facts, '')), gives);
          } catch (cause) {
            return { ok: false, error: faultOf(cause).error };
          }
        },
      };
    } catch (cause) {
      return { ok: false, ...faultOf(cause) };
    }
  };
  return { compile };
}
