import { parseJson } from './json.ts';

/** What a file field of a multipart form becomes: its content is not kept. `size` in bytes. */
type FileField = { fileName: string; contentType: string; size: number };

type BodyKind = 'json' | 'form' | 'multipart' | 'text' | 'empty' | 'unknown';

/** `text` is the body as far as it can be read, to be kept for a person. */
export type ReadBody = { kind: BodyKind; value: unknown } | { kind: BodyKind; error: string; text: string };

const MAX_FIELDS = 1000;
const MAX_DEPTH = 16;

type Field = readonly [name: string, value: string | FileField];
type Tree = { [name: string]: unknown };
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** `a[b][]` as a, b and an empty last part; a name with stray brackets is one plain name. */
function pathOf(name: string): string[] {
  if (!/^[^[\]]+(\[[^[\]]*\])+$/.test(name)) return [name];
  return name.replaceAll(']', '').split('[');
}

/** A second value under a name makes a list of both; `name[]` is a list from the first. */
function put(tree: Tree, name: string, value: unknown, asList: boolean): void {
  const known = Object.hasOwn(tree, name) ? tree[name] : undefined;
  if (Array.isArray(known)) known.push(value);
  else if (known !== undefined) tree[name] = [known, value];
  else tree[name] = asList ? [value] : value;
}

function nest(fields: readonly Field[]): Tree {
  const root: Tree = {};
  for (const [name, value] of fields) {
    const path = pathOf(name);
    const asList = path.length > 1 && path.at(-1) === '';
    const steps = asList ? path.slice(0, -1) : path;
    if (steps.includes('__proto__')) continue;
    let tree = root;
    for (const step of steps.slice(0, -1)) {
      const known = Object.hasOwn(tree, step) ? tree[step] : undefined;
      const next: Tree = isTree(known) ? known : {};
      // A plain value that was here already stays, under the empty name.
      if (known !== undefined && known !== next) next[''] = known;
      tree[step] = next;
      tree = next;
    }
    put(tree, steps.at(-1) ?? '', value, asList);
  }
  return root;
}

function formOf(kind: BodyKind, fields: readonly Field[], text: string): ReadBody {
  if (fields.length > MAX_FIELDS) return { kind, error: `A form may have ${MAX_FIELDS} fields at most.`, text };
  if (fields.some(([name]) => pathOf(name).length > MAX_DEPTH)) {
    return { kind, error: `Names of fields may be nested ${MAX_DEPTH} levels deep at most.`, text };
  }
  return { kind, value: nest(fields) };
}

async function multipartOf(body: Uint8Array<ArrayBuffer>, contentType: string, text: string): Promise<ReadBody> {
  try {
    const form = await new Response(body, { headers: { 'content-type': contentType } }).formData();
    const fields = [...form].map(([name, value]): Field => {
      if (typeof value === 'string') return [name, value];
      return [name, { fileName: value.name, contentType: value.type, size: value.size }];
    });
    return formOf('multipart', fields, text);
  } catch {
    return { kind: 'multipart', error: 'This is not a multipart form with the boundary its content type names.', text };
  }
}

function textOf(body: Uint8Array, contentType: string): string {
  const charset = /;\s*charset="?([\w-]+)/i.exec(contentType)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return new TextDecoder().decode(body); // an unknown charset
  }
}

function jsonOf(text: string): ReadBody {
  const parsed = parseJson(text, { maxDepth: MAX_DEPTH });
  return parsed.ok ? { kind: 'json', value: parsed.value } : { kind: 'json', error: parsed.error, text };
}

/**
 * Reads the body of a web form or webhook, whatever it is: JSON, a form, a multipart form, plain text (`{ text }`). Never
 * throws: what cannot be read comes back with the reason and the text. Names of form fields such as `a[b]` and `a[]` are
 * nested, repeated names become lists; `a[0]` is a member named 0. All values of forms are strings (or FileField).
 */
export async function readBody(body: Uint8Array<ArrayBuffer>, contentType = ''): Promise<ReadBody> {
  const text = textOf(body, contentType);
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  if (text.trim() === '') return { kind: 'empty', value: {} };
  if (type === 'multipart/form-data') return multipartOf(body, contentType, text);
  if (type === 'application/x-www-form-urlencoded') return formOf('form', [...new URLSearchParams(text)], text);
  if (type === 'application/json' || type.endsWith('+json')) return jsonOf(text);
  if (type === 'text/plain') return { kind: 'text', value: { text } };
  // Many senders name no type, or a wrong one, over JSON.
  const guess = /^\s*[{[]/.test(text) ? jsonOf(text) : undefined;
  if (guess && 'value' in guess) return guess;
  return { kind: 'unknown', error: `Bodies of the type "${type}" cannot be read: send JSON or a form.`, text };
}
