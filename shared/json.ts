import { createHash } from 'node:crypto';

export type JsonLimits = { maxDepth?: number; maxNodes?: number };

/** `error` is a sentence; `at` the offset in characters where the text stops being JSON. */
type JsonFault = { ok: false; kind: 'too_deep' | 'too_many' | 'not_json'; error: string; at?: number };
export type Parsed = { ok: true; value: unknown } | JsonFault;

/** Nesting of a JSON text, read before parsing it: thousands of levels overflow the stack of whatever comes after. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const sign = text[i];
    if (quoted) {
      if (sign === '\\') i += 1;
      else if (sign === '"') quoted = false;
    } else if (sign === '"') quoted = true;
    else if (sign === '{' || sign === '[') deepest = Math.max(deepest, (depth += 1));
    else if (sign === '}' || sign === ']') depth -= 1;
  }
  return deepest;
}

/** A copy without `__proto__` keys, lone surrogates and infinite numbers; `count` is told of every value. */
function tidy(value: unknown, count: () => void): unknown {
  count();
  if (typeof value === 'string') return value.toWellFormed();
  // 1e999 is parsed as Infinity, which JSON cannot hold again.
  if (typeof value === 'number' && !Number.isFinite(value)) return null;
  if (Array.isArray(value)) return value.map((item) => tidy(item, count));
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (key !== '__proto__') copy[key.toWellFormed()] = tidy(item, count);
  }
  return copy;
}

function reasonOf(text: string): string {
  try {
    JSON.parse(text);
    return '';
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

/** V8 tells the position of every mistake but an unexpected token: the shortest beginning that has it ends with it. */
function mistakeAt(text: string): number {
  const reason = reasonOf(text);
  const position = /at position (\d+)/.exec(reason)?.[1];
  if (position !== undefined) return Number(position);
  if (!reason.startsWith('Unexpected token')) return text.length;
  let [right, wrong] = [0, text.length];
  while (wrong - right > 1) {
    const middle = Math.floor((right + wrong) / 2);
    if (reasonOf(text.slice(0, middle)).startsWith('Unexpected token')) wrong = middle;
    else right = middle;
  }
  return right;
}

function notJson(text: string): JsonFault {
  const at = mistakeAt(text);
  const before = text.slice(0, at).split('\n');
  const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
  return { ok: false, kind: 'not_json', at, error: `This is not JSON: a mistake at ${place}.` };
}

/**
 * Parses JSON that came from outside; never throws. `__proto__` keys are dropped, lone surrogates become U+FFFD, numbers beyond a double null, of equal
 * keys the last counts. By default at most 16 levels and 20 000 values.
 */
export function parseJson(text: string, { maxDepth = 16, maxNodes = 20_000 }: JsonLimits = {}): Parsed {
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (depthOf(source) > maxDepth) {
    return { ok: false, kind: 'too_deep', error: `JSON may be nested at most ${maxDepth} levels deep.` };
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(source);
  } catch {
    return notJson(source);
  }
  let nodes = 0;
  const value = tidy(parsed, () => {
    nodes += 1;
  });
  if (nodes > maxNodes) {
    return { ok: false, kind: 'too_many', error: `JSON may hold at most ${maxNodes} values, this has ${nodes}.` };
  }
  return { ok: true, value };
}

/**
 * The one text of a JSON value: keys in code unit order, no spaces, members that are undefined left out, so equal values
 * have equal texts. Throws TypeError on what JSON cannot hold (NaN, functions, bigint).
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`);
    return `{${members.join(',')}}`;
  }
  const isJson = value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value);
  if (!isJson) throw new TypeError(`canonicalJson: a ${typeof value} that JSON cannot hold`);
  return JSON.stringify(value);
}

/** SHA-256 of the canonical JSON, 64 hex digits. */
export const hashOf = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex');

/** Whether two JSON values say the same, in whatever order their members come; nothing and null are alike. */
export const sameJson = (a: unknown, b: unknown): boolean => canonicalJson([a]) === canonicalJson([b]);
