import { NotSupported } from './error.ts';
import { evaluate, parseExpression } from './expression.ts';
import { isObject, type Json } from './json.ts';

/** Checks a payload template (Parameters, ResultSelector, ItemSelector). @throws NotSupported with the place inside it */
export function checkPayload(template: unknown, at: readonly (string | number)[] = []): void {
  if (Array.isArray(template)) template.forEach((part, index) => checkPayload(part, [...at, index]));
  else if (isObject(template)) {
    for (const [key, part] of Object.entries(template)) {
      if (!key.endsWith('.$')) checkPayload(part, [...at, key]);
      else checkExpression(part, [...at, key]);
    }
  }
}

function checkExpression(text: Json, at: readonly (string | number)[]): void {
  if (typeof text !== 'string') throw new NotSupported('a field whose name ends in .$ holds a path as a string', at);
  try {
    parseExpression(text);
  } catch (error) {
    throw new NotSupported(error instanceof Error ? error.message : String(error), at);
  }
}

/** The template with every `name.$` field replaced by what its path or function gives. @throws StatesError */
export function fill(template: Json, input: Json, context: Json): Json {
  if (Array.isArray(template)) return template.map((part) => fill(part, input, context));
  if (!isObject(template)) return template;
  return Object.fromEntries(
    Object.entries(template).map(([key, part]) =>
      key.endsWith('.$') && typeof part === 'string'
        ? [key.slice(0, -2), evaluate(part, input, context)]
        : [key, fill(part, input, context)],
    ),
  );
}
