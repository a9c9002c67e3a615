import { wildcard } from './pattern.ts';

type Context = Readonly<Record<string, readonly string[]>>;
export type Condition = (context: Context) => boolean;

/** Condition keys that the fronts of this cloud supply; `many` marks those that may hold several values in one request. */
const KEYS: Readonly<Record<string, 'one' | 'many'>> = {
  'dynamodb:LeadingKeys': 'many',
  'dynamodb:EnclosingOperation': 'one',
  'iam:PassedToService': 'one',
  's3:prefix': 'one',
  'ses:FromAddress': 'one',
  'ses:Recipients': 'many',
};

type Test = (value: string, wanted: string) => boolean;
const equals: Test = (value, wanted) => value === wanted;
const like: Test = (value, wanted) => wildcard(wanted).test(value);
const sameBool: Test = (value, wanted) => value.toLowerCase() === wanted.toLowerCase();

/** ARNs are compared part by part: a wildcard does not reach over a colon of the first five parts. */
const arnLike: Test = (value, wanted) => {
  const [parts, patterns] = [arnParts(value), arnParts(wanted)];
  return patterns.length === parts.length && patterns.every((pattern, i) => wildcard(pattern).test(parts[i] ?? ''));
};
const arnParts = (arn: string): string[] => {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
};

const OPERATORS: Readonly<Record<string, { test: Test; negated?: true }>> = {
  StringEquals: { test: equals },
  StringLike: { test: like },
  StringNotEquals: { test: equals, negated: true },
  StringNotLike: { test: like, negated: true },
  ArnEquals: { test: arnLike },
  ArnLike: { test: arnLike },
  ArnNotEquals: { test: arnLike, negated: true },
  ArnNotLike: { test: arnLike, negated: true },
  Bool: { test: sameBool },
};

/**
 * Compiles the Condition element of a statement; all of its parts must hold.
 * Semantics of the IAM reference: a missing key fails a positive operator and passes a negated one, `IfExists` and
 * `ForAllValues`; several wanted values are joined by OR, or by NOR when negated.
 * @throws an Error that names the operator or key it cannot evaluate
 */
export function compileConditions(element: unknown): Condition {
  const parts = Object.entries((element ?? {}) as Record<string, Record<string, unknown>>).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, wanted]) => compileOne(operator, key, wanted)),
  );
  return (context) => parts.every((part) => part(context));
}

function compileOne(operator: string, givenKey: string, wanted: unknown): Condition {
  const key = Object.keys(KEYS).find((known) => known.toLowerCase() === givenKey.toLowerCase());
  if (!key) throw new Error(`condition key ${givenKey}, which no front of the local cloud supplies`);
  const values = textsOf(wanted, `condition ${operator} ${givenKey}`);
  if (operator === 'Null') return (context) => values.includes(String(!context[key]?.length));
  const [, set, name = '', ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  const found = OPERATORS[name];
  if (!found) throw new Error(`condition operator ${operator}`);
  if (KEYS[key] === 'many' && !set) {
    throw new Error(`condition ${operator} on ${key}: it holds several values, so write ForAllValues or ForAnyValue`);
  }
  const holds = (value: string) => values.some((want) => found.test(value, want)) !== (found.negated ?? false);
  const whenMissing = ifExists !== undefined || set === 'ForAllValues' || (found.negated === true && !set);
  return (context) => {
    const actual = context[key];
    if (!actual?.length) return whenMissing;
    return set === 'ForAnyValue' ? actual.some(holds) : actual.every(holds);
  };
}

/** A policy's text or list of texts. @throws when an intrinsic or a policy variable is left in it */
export function textsOf(element: unknown, where: string): readonly string[] {
  const list: readonly unknown[] = Array.isArray(element) ? element : [element];
  return list.map((text) => {
    if (typeof text === 'boolean') return String(text);
    if (typeof text !== 'string') throw new Error(`${where}: ${JSON.stringify(text)} is not text`);
    if (/\$\{[^}]*\}/.test(text)) throw new Error(`${where}: the policy variable in "${text}"`);
    return text;
  });
}
