import type { Access } from '../contract.ts';
import { compileConditions, textsOf, type Condition } from './condition.ts';
import { wildcard } from './pattern.ts';

/** One compiled statement of an identity policy. */
export type Statement = {
  effect: 'Allow' | 'Deny';
  action(action: string): boolean;
  resource(arn: string): boolean;
  condition: Condition;
};

const ELEMENTS = new Set(['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition']);

/**
 * Compiles a policy document; `where` names it in errors.
 * @throws an Error naming policy and element for anything that cannot be evaluated
 */
export function compileDocument(document: unknown, where: string): Statement[] {
  const { Statement: element, ...rest } = (document ?? {}) as Record<string, unknown>;
  const strange = Object.keys(rest).find((name) => name !== 'Version' && name !== 'Id');
  if (strange) throw refusal(where, `element ${strange}`);
  const list: readonly unknown[] = Array.isArray(element) ? element : [element];
  return list.map((statement, index) => {
    const parts = (statement ?? {}) as Record<string, unknown>;
    const name = `${where}, statement ${typeof parts['Sid'] === 'string' ? parts['Sid'] : index + 1}`;
    try {
      return compileStatement(parts);
    } catch (error) {
      throw refusal(name, error instanceof Error ? error.message : String(error));
    }
  });
}

export const refusal = (where: string, what: string): Error =>
  new Error(`The local cloud cannot evaluate ${where}: ${what}. Change the policy, or teach local/iam that element.`);

function compileStatement(parts: Record<string, unknown>): Statement {
  const strange = Object.keys(parts).find((name) => !ELEMENTS.has(name));
  if (strange) throw new Error(`element ${strange}`);
  const { Effect: effect } = parts;
  if (effect !== 'Allow' && effect !== 'Deny') throw new Error(`element Effect: ${JSON.stringify(effect)}`);
  return {
    effect,
    action: matcher(parts, 'Action', 'i'),
    resource: matcher(parts, 'Resource', ''),
    condition: compileConditions(parts['Condition']),
  };
}

function matcher(parts: Record<string, unknown>, element: 'Action' | 'Resource', flags: string) {
  const [plain, negated] = [parts[element], parts[`Not${element}`]];
  if ((plain === undefined) === (negated === undefined))
    throw new Error(`one of ${element} and Not${element} is needed`);
  const patterns = textsOf(plain ?? negated, element).map((pattern) => wildcard(pattern, flags));
  return (value: string) => patterns.some((pattern) => pattern.test(value)) === (plain !== undefined);
}

/** What the statements say about a request: an explicit denial beats every permission. */
export function verdict(
  statements: readonly Statement[],
  { resource, context = {} }: Access,
): 'Allow' | 'Deny' | 'none' {
  let allowed = false;
  for (const statement of statements) {
    if (statement.effect === 'Allow' && allowed) continue;
    if (!statement.resource(resource) || !statement.condition(context)) continue;
    if (statement.effect === 'Deny') return 'Deny';
    allowed = true;
  }
  return allowed ? 'Allow' : 'none';
}
