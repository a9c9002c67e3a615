/** Says whether an event (of the bus, or a record of a stream) matches. */
export type Matcher = (event: unknown) => boolean;

type Value = string | number | boolean | null;
/** One alternative for a leaf of the event. */
type Rule = (value: unknown) => boolean;
type Leaf = { rules: Rule[]; exists: boolean[] };

/**
 * Compiles a pattern of EventBridge rules and event source filters: exact values, prefix, suffix, anything-but,
 * numeric, exists, wildcard, equals-ignore-case, $or.
 * @throws Error naming the operator that is unknown or the place that is not a pattern
 */
export function compilePattern(pattern: unknown, path = 'pattern'): Matcher {
  if (!isObject(pattern)) throw new Error(`${path} must be an object or a list of alternatives`);
  const fields = Object.entries(pattern).map(([name, inner]) => compileField(name, inner, `${path}.${name}`));
  return (event) => fields.every((field) => field(event));
}

function compileField(name: string, inner: unknown, path: string): Matcher {
  if (name === '$or' && Array.isArray(inner)) {
    const ways = inner.map((each, at) => compilePattern(each, `${path}[${at}]`));
    return (event) => ways.some((way) => way(event));
  }
  if (Array.isArray(inner)) {
    const leaf = compileLeaf(inner, path);
    return (event) => matchesLeaf(leaf, isObject(event) ? event[name] : undefined);
  }
  const deeper = compilePattern(inner, path);
  return (event) => {
    const value = isObject(event) ? event[name] : undefined;
    return Array.isArray(value) ? value.some(deeper) : deeper(value);
  };
}

function compileLeaf(alternatives: readonly unknown[], path: string): Leaf {
  const leaf: Leaf = { rules: [], exists: [] };
  for (const each of alternatives)
    if (isObject(each) && 'exists' in each) leaf.exists.push(each['exists'] === true);
    else leaf.rules.push(compileRule(each, path));
  return leaf;
}

function matchesLeaf({ rules, exists }: Leaf, value: unknown): boolean {
  if (exists.includes(value !== undefined)) return true;
  if (value === undefined) return false;
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.some((each) => rules.some((rule) => rule(each)));
}

function compileRule(alternative: unknown, path: string): Rule {
  if (!isObject(alternative)) return (value) => value === alternative;
  const [operator = '', argument] = Object.entries(alternative)[0] ?? [];
  if (operator === 'numeric') return compileNumeric(argument, path);
  if (operator === 'anything-but') {
    const refused = (Array.isArray(argument) ? argument : [argument]).map((each) => compileRule(each, path));
    return (value) => !refused.some((rule) => rule(value));
  }
  return compileText(operator, argument, path);
}

function compileText(operator: string, argument: unknown, path: string): Rule {
  const folds = isObject(argument);
  const wanted = folds ? argument['equals-ignore-case'] : argument;
  if (typeof wanted !== 'string')
    throw new Error(`${path}: "${operator}" wants a text, not ${JSON.stringify(argument)}`);
  const fold = (text: string): string => (folds || operator === 'equals-ignore-case' ? text.toLowerCase() : text);
  const test = textTest(operator, fold(wanted));
  if (!test)
    throw new Error(`${path}: "${operator}" is not an operator the local cloud knows; see local/events/pattern.ts`);
  return (value) => typeof value === 'string' && test(fold(value));
}

function textTest(operator: string, wanted: string): ((text: string) => boolean) | undefined {
  switch (operator) {
    case 'prefix':
      return (text) => text.startsWith(wanted);
    case 'suffix':
      return (text) => text.endsWith(wanted);
    case 'equals-ignore-case':
      return (text) => text === wanted;
    case 'wildcard': {
      const source = wanted.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '.*');
      const expression = new RegExp(`^${source}$`, 's');
      return (text) => expression.test(text);
    }
    default:
      return undefined;
  }
}

function compileNumeric(argument: unknown, path: string): Rule {
  const list: unknown[] = Array.isArray(argument) ? argument : [];
  if (list.length === 0 || list.length % 2 === 1)
    throw new Error(`${path}: "numeric" wants pairs like [">", 0, "<=", 5]`);
  const tests = Array.from({ length: list.length / 2 }, (_, at) => comparison(list[at * 2], list[at * 2 + 1], path));
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

function comparison(operator: unknown, bound: unknown, path: string): (value: number) => boolean {
  if (typeof bound !== 'number') throw new Error(`${path}: ${JSON.stringify(bound)} is not a number to compare with`);
  const tests: Record<string, (value: number) => boolean> = {
    '=': (value) => value === bound,
    '<': (value) => value < bound,
    '<=': (value) => value <= bound,
    '>': (value) => value > bound,
    '>=': (value) => value >= bound,
  };
  const test = tests[String(operator)];
  if (!test) throw new Error(`${path}: ${JSON.stringify(operator)} is not one of = < <= > >=`);
  return test;
}

function isObject(value: unknown): value is Record<string, Value | object> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
