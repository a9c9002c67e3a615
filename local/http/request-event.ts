import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { ACCOUNT } from '../contract.ts';
import type { Found } from './route.ts';

/** A request as it came over the wire; `headers` are raw pairs, since names may repeat. `url` is path and query. */
export type HttpRequest = {
  method: string;
  url: string;
  headers: readonly (readonly [name: string, value: string])[];
  body: Buffer;
  /** The address of the peer: behind CloudFront that is not the viewer. */
  sourceIp: string;
};

/** What the HTTP API hands over as text; everything else, forms and multipart too, arrives as base64. */
const TEXT = /^(text\/|application\/(json|javascript|xml)\b|application\/[\w.+-]+\+(json|xml)\b)/i;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The event of AWS's payload format 2.0 for a request on the route it matched. */
export function requestEvent(request: HttpRequest, found: Found, apiId: string, now: number): APIGatewayProxyEventV2 {
  const [path, query] = split(request.url);
  const rawPath = decodeURIComponent(path);
  const { cookies, headers } = headersOf(request);
  const { key } = found.route;
  const parameters = queryOf(query);
  const http = {
    method: request.method,
    path: rawPath,
    protocol: 'HTTP/1.1',
    sourceIp: request.sourceIp,
    userAgent: headers['user-agent'] ?? '',
  };
  return {
    version: '2.0',
    routeKey: key,
    rawPath,
    rawQueryString: query,
    ...(cookies.length > 0 && { cookies }),
    headers,
    ...(Object.keys(parameters).length > 0 && { queryStringParameters: parameters }),
    requestContext: {
      accountId: ACCOUNT,
      apiId,
      domainName: headers['host'] ?? '',
      domainPrefix: apiId,
      http,
      requestId: randomUUID(),
      routeKey: key,
      stage: '$default',
      time: logTime(now),
      timeEpoch: now,
    },
    ...(Object.keys(found.params).length > 0 && { pathParameters: found.params }),
    ...bodyOf(request.body, headers),
  };
}

function split(url: string): [string, string] {
  const at = url.indexOf('?');
  return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
}

/** Names in lower case, values of a repeated name joined by commas, cookies apart. */
function headersOf({ headers: pairs, sourceIp }: HttpRequest) {
  const cookies: string[] = [];
  const headers: Record<string, string> = {};
  for (const [rawName, value] of pairs) {
    const name = rawName.toLowerCase();
    if (name === 'cookie') cookies.push(...value.split(/;\s*/).filter(Boolean));
    else headers[name] = name in headers ? `${headers[name]},${value}` : value;
  }
  headers['x-forwarded-for'] = headers['x-forwarded-for'] ? `${headers['x-forwarded-for']}, ${sourceIp}` : sourceIp;
  headers['x-forwarded-proto'] ??= 'https';
  headers['x-forwarded-port'] ??= '443';
  return { cookies, headers };
}

function queryOf(query: string): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query))
    parameters[name] = name in parameters ? `${parameters[name]},${value}` : value;
  return parameters;
}

function bodyOf(body: Buffer, headers: Record<string, string>): { body?: string; isBase64Encoded: boolean } {
  if (body.length === 0) return { isBase64Encoded: false };
  const isText = !headers['content-encoding'] && TEXT.test(headers['content-type'] ?? '');
  return { body: body.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText };
}

/** The time as in access logs: `05/Jan/2026:09:00:00 +0000`. */
function logTime(now: number): string {
  const date = new Date(now);
  const day = String(date.getUTCDate()).padStart(2, '0');
  const month = MONTHS[date.getUTCMonth()];
  return `${day}/${month}/${date.getUTCFullYear()}:${date.toISOString().slice(11, 19)} +0000`;
}
