import { randomUUID } from 'node:crypto';
import { StatesError } from './error.ts';
import type { Json } from './json.ts';

type Intrinsic = { least: number; most: number; run(args: readonly Json[], name: string): Json };

const fail = (name: string, why: string): never => {
  throw new StatesError('States.IntrinsicFailure', `The intrinsic function ${name} failed: ${why}`);
};
const asText = (value: Json | undefined, name: string): string =>
  typeof value === 'string' ? value : fail(name, 'its argument is not a string');
const asList = (value: Json | undefined, name: string): Json[] =>
  Array.isArray(value) ? value : fail(name, 'its first argument is not an array');
const asNumber = (value: Json | undefined, name: string): number =>
  typeof value === 'number' ? Math.round(value) : fail(name, 'its argument is not a number');

/** `{}` stands for the next argument, `\{` and `\}` for the braces themselves. */
function format(args: readonly Json[], name: string): string {
  const values = args.slice(1);
  let used = 0;
  const text = asText(args[0], name).replace(/\\([{}])|\{\}/g, (_, brace: string | undefined) => {
    if (brace) return brace;
    const value = values[used++];
    return typeof value === 'string' ? value : JSON.stringify(value ?? null);
  });
  if (used !== values.length) fail(name, `the template has ${used} places for ${values.length} values`);
  return text;
}

function parseJson(text: string, name: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return fail(name, 'its argument is not JSON');
  }
}

function itemAt(args: readonly Json[], name: string): Json {
  const item = asList(args[0], name)[asNumber(args[1], name)];
  return item === undefined ? fail(name, 'the index is outside of the array') : item;
}

/** The functions a path field may call, by name, with how many arguments they take. */
export const intrinsics: Readonly<Record<string, Intrinsic>> = {
  'States.Format': { least: 1, most: Infinity, run: format },
  'States.JsonToString': { least: 1, most: 1, run: ([value = null]) => JSON.stringify(value) },
  'States.StringToJson': { least: 1, most: 1, run: ([text], name) => parseJson(asText(text, name), name) },
  'States.Array': { least: 0, most: Infinity, run: (args) => [...args] },
  'States.ArrayLength': { least: 1, most: 1, run: ([list], name) => asList(list, name).length },
  'States.ArrayGetItem': { least: 2, most: 2, run: itemAt },
  'States.MathAdd': { least: 2, most: 2, run: ([a, b], name) => asNumber(a, name) + asNumber(b, name) },
  'States.UUID': { least: 0, most: 0, run: () => randomUUID() },
};
