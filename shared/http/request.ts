import { createHash, timingSafeEqual } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type * as z from 'zod';
import { refuse, type Locale } from '#shared/errors.ts';
import { reshape } from '#shared/fields.ts';
import { newId } from '#shared/id.ts';
import { parseJson } from '#shared/json.ts';
import { epochOf, instantOf, systemNow } from '#shared/time.ts';
import { accept } from './problem.ts';
import type { Route } from './route.ts';

/** Larger bodies come by upload. */
const MAX_BODY = 256 * 1024;
const LIMITS = { maxDepth: 16, maxNodes: 20_000 };

type Header = (name: string) => string | undefined;

/** The parts of a request that no route declares: when, which, from where, in which language. */
export function callOf(event: APIGatewayProxyEventV2) {
  const header: Header = (name) => event.headers[name.toLowerCase()] ?? event.headers[name];
  const now = instantOf(systemNow());
  return {
    now,
    requestId: event.requestContext.requestId,
    locale: localeOf(header('accept-language')),
    header,
    address: addressOf(event, header),
    rawBody: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    newId: (prefix: string) => newId(prefix, epochOf(now)),
    ifMatch: versionOf(header('if-match')),
  };
}

/** The first of ru and en that the caller accepts; undefined when he says nothing of either. */
export function localeOf(accepts: string | undefined): Locale | undefined {
  const tags = (accepts ?? '')
    .toLowerCase()
    .split(',')
    .map((tag) => tag.trim().slice(0, 2));
  return tags.find((tag): tag is Locale => tag === 'ru' || tag === 'en');
}

/** Behind the distribution the viewer's address comes in a header that only the distribution may set. */
function addressOf(event: APIGatewayProxyEventV2, header: Header): string {
  const secret = process.env['ORIGIN_SECRET'];
  const trusted = secret !== undefined && secret !== '' && sameText(header('x-origin-secret') ?? '', secret);
  return (trusted ? header('x-viewer-address') : undefined) ?? event.requestContext.http.sourceIp;
}

/** Compared in the same time whatever is equal: the secret must not be found letter by letter. */
const sameText = (a: string, b: string): boolean =>
  timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());

const versionOf = (ifMatch: string | undefined): number =>
  Number(/^(?:W\/)?"?(\d{1,10})"?$/.exec(ifMatch ?? '')?.[1] ?? Number.NaN);

const strict = new WeakMap<z.ZodType, z.ZodType>();
const strictly = (schema: z.ZodType): z.ZodType => {
  const known = strict.get(schema) ?? reshape(schema, 'strict');
  strict.set(schema, known);
  return known;
};

/** Path, query and body of a request, checked: unknown fields are refused, nothing is coerced but by the schema. */
export function partsOf(route: Route, event: APIGatewayProxyEventV2, raw: Buffer, locale: Locale, header: Header) {
  if (raw.length > MAX_BODY) throw refuse('too_large', { max: MAX_BODY });
  if (route.ifMatch && header('if-match') === undefined) throw refuse('if_match_missing');
  const query = route.query && accept(strictly(route.query), event.queryStringParameters ?? {}, 'query', locale);
  const body = route.body && accept(strictly(route.body), bodyOf(raw), 'body', locale);
  return { params: (event.pathParameters ?? {}) as Record<string, string>, query, body };
}

function bodyOf(raw: Buffer): unknown {
  if (raw.length === 0) return undefined;
  const parsed = parseJson(raw.toString('utf8'), LIMITS);
  if (parsed.ok) return parsed.value;
  if (parsed.kind === 'not_json') throw refuse('not_json', { why: parsed.error });
  throw parsed.kind === 'too_deep'
    ? refuse('too_deep', { max: LIMITS.maxDepth })
    : refuse('too_many_values', { max: LIMITS.maxNodes });
}
