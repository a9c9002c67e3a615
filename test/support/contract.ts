import { personAt, type Ask, type Got } from '#local/person.ts';
import { faults, type Schemas } from './json-schema.ts';
import { operationsOf, type Document, type Operation } from './openapi-request.ts';

/** It does not describe itself. */
const DOCUMENT = '/api/openapi.json';

type Known = { operation: Operation; pattern: RegExp; literals: number };
type Contract = { known: readonly Known[]; schemas: Schemas };

/** `/api/deals/{id}` as what it matches, and how many of its letters are its own: the most specific path is meant. */
const knownOf = (operation: Operation): Known => {
  const pattern = operation.path.replaceAll(/[.+]/g, String.raw`\$&`).replaceAll(/\{\w+\}/g, '[^/]+');
  return { operation, pattern: new RegExp(`^${pattern}$`), literals: operation.path.replaceAll(/\{\w+\}/g, '').length };
};

async function readContract(url: string): Promise<Contract> {
  const { body } = await personAt(url)<Document>(`GET ${DOCUMENT}`);
  return { known: operationsOf(body).map(knownOf), schemas: body.components.schemas };
}

/** What of an answer is not as the document of the API says. Paths that are no part of the API are nobody's business. */
function brokenBy({ known, schemas }: Contract, call: string, { status, body, headers }: Got<unknown>): string[] {
  const [method, target = ''] = call.split(' ');
  const path = target.split('?')[0] ?? '';
  const media = headers.get('content-type')?.split(';')[0] ?? '';
  if (!/^\/(api|public)\//.test(path) || path === DOCUMENT || status === 404) return [];
  // The gateway's own answers, such as to an address that is too long: the request never came to us.
  if (status >= 400 && Object.keys(body ?? {}).join() === 'message') return [];
  const found = known
    .filter(({ operation, pattern }) => operation.method === method && pattern.test(path))
    .sort((a, b) => b.literals - a.literals)[0];
  if (!found) return status < 300 ? [`nobody describes ${method} ${path}`] : [];
  const described = found.operation.answers[status] ?? (status >= 400 ? found.operation.answers['default'] : undefined);
  if (!described) return [`${status} is not described`];
  if (!media.includes('json')) return [];
  if (media !== described.media) return [`${media} instead of ${described.media}`];
  return faults(described.schema, body, { schemas, closed: true });
}

const contracts = new Map<string, Promise<Contract>>();

/** The document grows with the fields of the firm: what does not fit what was read before is held against what it says now. */
async function brokenNow(url: string, call: string, got: Got<unknown>): Promise<string[]> {
  const before = contracts.get(url);
  const wrong = before && brokenBy(await before, call, got);
  if (wrong?.length === 0) return wrong;
  const now = readContract(url);
  contracts.set(url, now);
  return brokenBy(await now, call, got);
}

/**
 * Somebody who talks to an installation, and every answer he gets is held against the document of the API: status, media type
 * and schema. @throws Error naming the call and all that is wrong
 */
export function strictPersonAt(url: string, token?: string) {
  const person = personAt(url, token);
  return async <T = Record<string, unknown>>(call: string, asked: Ask = {}): Promise<Got<T>> => {
    const got = await person<T>(call, asked);
    const wrong = await brokenNow(url, call, got);
    if (wrong.length > 0)
      throw new Error(
        `${call} is not answered as the document says (${got.status}):\n  ${wrong.slice(0, 8).join('\n  ')}`,
      );
    return got;
  };
}
