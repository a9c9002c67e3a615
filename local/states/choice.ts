import { NotSupported, StatesError } from './error.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { needPath, parsePath, readPath } from './path.ts';

type Test = (value: Json, operand: Json) => boolean;
type Relation = (a: number | string | boolean, b: number | string | boolean) => boolean;

// RFC 3339 as AWS reads it: capital T and Z.
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** The instant a timestamp names, undefined when it is none. */
export const instantOf = (value: Json): number | undefined => {
  const instant = typeof value === 'string' && TIMESTAMP.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(instant) ? undefined : instant;
};

const kinds = {
  String: (value: Json) => (typeof value === 'string' ? value : undefined),
  Numeric: (value: Json) => (typeof value === 'number' ? value : undefined),
  Boolean: (value: Json) => (typeof value === 'boolean' ? value : undefined),
  Timestamp: instantOf,
};
const equals: Record<string, Relation> = { Equals: (a, b) => a === b };
const order: Record<string, Relation> = {
  ...equals,
  LessThan: (a, b) => a < b,
  LessThanEquals: (a, b) => a <= b,
  GreaterThan: (a, b) => a > b,
  GreaterThanEquals: (a, b) => a >= b,
};
const relations = { String: order, Numeric: order, Boolean: equals, Timestamp: order };

/** `*` matches anything, `\*` a star. */
function matches(value: Json, pattern: Json): boolean {
  if (typeof value !== 'string' || typeof pattern !== 'string') return false;
  const source = pattern.replace(/\\([*\\])|\*|[.+?^${}()|[\]\\]/g, (part, escaped: string | undefined) =>
    part === '*' ? '.*' : `\\${escaped ?? part}`,
  );
  return new RegExp(`^${source}$`, 's').test(value);
}

function comparisons(): Record<string, Test> {
  const tests: Record<string, Test> = { StringMatches: matches };
  for (const kind of ['String', 'Numeric', 'Boolean', 'Timestamp'] as const) {
    for (const [name, holds] of Object.entries(relations[kind]))
      tests[kind + name] = (value, operand) => {
        const [a, b] = [kinds[kind](value), kinds[kind](operand)];
        return a !== undefined && b !== undefined && holds(a, b);
      };
    tests[`Is${kind}`] = (value, operand) => (kinds[kind](value) !== undefined) === operand;
  }
  return { ...tests, IsNull: (value, operand) => (value === null) === operand };
}
const tests = comparisons();
/** Each but the Is* tests and StringMatches also compares with a path: StringEqualsPath and so on. */
const testOf = (operator: string): Test | undefined => {
  const name = operator.replace(/Path$/, '');
  if (name !== operator && (name.startsWith('Is') || name === 'StringMatches')) return undefined;
  return Object.hasOwn(tests, name) ? tests[name] : undefined;
};

/** Checks one rule of a Choice state but for where it leads. @throws NotSupported */
export function checkRule(rule: unknown, at: readonly (string | number)[] = []): void {
  if (!isObject(rule)) throw new NotSupported('a choice rule is an object', at);
  const { Comment: _comment, Variable, ...operators } = rule;
  if (at.length === 0) delete operators['Next']; // only the outermost rule leads somewhere
  const [[operator, operand] = ['', null], ...more] = Object.entries(operators);
  if (operator === '' || more.length > 0)
    throw new NotSupported(`a choice rule has one operator, not ${Object.keys(operators).join(', ') || 'none'}`, at);
  if (operator === 'And' || operator === 'Or') {
    if (!Array.isArray(operand) || operand.length === 0)
      throw new NotSupported(`${operator} holds a list of rules`, [...at, operator]);
    operand.forEach((part, index) => checkRule(part, [...at, operator, index]));
  } else if (operator === 'Not') checkRule(operand, [...at, operator]);
  else checkTest(Variable, operator, operand, at);
}

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

function checkTest(
  variable: Json | undefined,
  operator: string,
  operand: Json,
  at: readonly (string | number)[],
): void {
  if (operator !== 'IsPresent' && !testOf(operator))
    throw new NotSupported('this comparison is not supported', [...at, operator]);
  if (typeof variable !== 'string') throw new NotSupported('the rule needs a path to compare', [...at, 'Variable']);
  parsePath(variable);
  if (operator.endsWith('Path')) parsePath(textOf(operand));
  else if (!operandFits(operator, operand))
    throw new NotSupported(`${JSON.stringify(operand)} cannot be compared by it`, [...at, operator]);
}

function operandFits(operator: string, operand: Json): boolean {
  if (operator.startsWith('Is')) return typeof operand === 'boolean';
  const kind = /^(String|Numeric|Boolean|Timestamp)/.exec(operator)?.[0] as keyof typeof kinds;
  return kinds[kind](operand) !== undefined;
}

/** Whether a checked rule holds for the input. @throws StatesError States.Runtime when its variable is not there */
export function ruleHolds(rule: JsonObject, input: Json, context: Json): boolean {
  const holds = (part: Json) => isObject(part) && ruleHolds(part, input, context);
  if (Array.isArray(rule['And'])) return rule['And'].every(holds);
  if (Array.isArray(rule['Or'])) return rule['Or'].some(holds);
  if (isObject(rule['Not'])) return !holds(rule['Not']);
  const variable = textOf(rule['Variable']);
  const value = readPath(parsePath(variable), input, context);
  if (typeof rule['IsPresent'] === 'boolean') return (value !== undefined) === rule['IsPresent'];
  if (value === undefined)
    throw new StatesError(
      'States.Runtime',
      `Invalid path '${variable}': The choice state's condition path references an invalid value.`,
    );
  const [operator = '', operand = null] = Object.entries(rule).find(([name]) => testOf(name) !== undefined) ?? [];
  const other = operator.endsWith('Path') ? needPath(textOf(operand), input, context) : operand;
  return testOf(operator)?.(value, other) ?? false;
}
