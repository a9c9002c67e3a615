import * as z from 'zod';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Locale } from '#shared/errors.ts';
import { withoutGuarded } from '#shared/fields.ts';
import { problemOf } from './problem.ts';
import { Reply, type Route } from './route.ts';
import type { Done } from './run.ts';

type Result = APIGatewayProxyStructuredResultV2;
/** What an answer may do in a browser unless it says otherwise: show itself, post a form back to us, be framed by nobody. */
const CLOSED = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
};
/** What other sites may read by script they may load as well. */
const shared = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  headers['access-control-allow-origin'] === undefined ? {} : { 'cross-origin-resource-policy': 'cross-origin' };
const JSON_TYPE = {
  ...CLOSED,
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
};

/** The answer of a route in wire form: through its schema, without what the caller's roles do not show him. */
export function answerOf(route: Route, done: Done, holds: (right: string) => boolean): Result {
  if (done.kind === 'value' && done.value instanceof Reply) {
    const { status, body, headers } = done.value;
    return {
      statusCode: status,
      body,
      headers: { 'cache-control': 'no-store', ...CLOSED, ...shared(headers), ...headers },
    };
  }
  if (done.kind === 'value')
    return json(route.status, shown(route.returns, done.value, holds), versionHeaders(done.value));
  const { outcome } = done;
  const headers = {
    ...(outcome.version !== undefined && { etag: `"${outcome.version}"` }),
    ...(outcome.eventId !== undefined && { 'x-event-id': outcome.eventId }),
    ...(outcome.repeated && { 'idempotency-replayed': 'true' }),
  };
  if (outcome.record === undefined) return { statusCode: outcome.status === 200 ? 204 : outcome.status, headers };
  // A record comes in wire form as it is stored: decoding it first drops what the schema does not name.
  return json(
    outcome.status === 200 ? route.status : outcome.status,
    shown(route.returns, z.decode(route.returns, outcome.record), holds),
    headers,
  );
}

const shown = (schema: z.ZodType, value: unknown, holds: (right: string) => boolean): unknown =>
  withoutGuarded(schema, z.encode(schema, value), holds);

const versionHeaders = (value: unknown): Record<string, string> => {
  const version = typeof value === 'object' && value !== null ? (value as { version?: unknown }).version : undefined;
  return typeof version === 'number' ? { etag: `"${version}"` } : {};
};

const json = (statusCode: number, body: unknown, headers: Record<string, string>): Result => ({
  statusCode,
  headers: { ...JSON_TYPE, ...headers },
  body: JSON.stringify(body),
});

/** The problem document of whatever was thrown while a request was served. */
export function problemAnswer(error: unknown, event: APIGatewayProxyEventV2, locale: Locale) {
  const { requestId } = event.requestContext;
  const { refusal, document } = problemOf(error, requestId, locale);
  const headers = {
    ...JSON_TYPE,
    'content-type': 'application/problem+json; charset=utf-8',
    ...(refusal.status === 429 && {
      'retry-after': typeof refusal.values['seconds'] === 'number' ? String(refusal.values['seconds']) : '60',
    }),
    ...(refusal.status === 401 && { 'www-authenticate': 'Bearer' }),
    // A form on somebody's site must be able to read why it was refused; a problem document holds nothing of ours.
    ...(event.rawPath.startsWith('/public/') && { 'access-control-allow-origin': '*' }),
  };
  return { refusal, result: { statusCode: refusal.status, headers, body: JSON.stringify(document) } satisfies Result };
}
