import { randomUUID } from 'node:crypto';
import type { Clock, Invoke, Log } from '../contract.ts';
import { gatewayResponse, handlerResponse, type HttpResponse } from './handler-response.ts';
import { type HttpRequest, requestEvent } from './request-event.ts';
import { type Found, type Route, routeFinder } from './route.ts';

export type GatewayOptions = {
  apiId: string;
  routes: readonly Route[];
  clock: Clock;
  invoke: Invoke;
  log: Log;
  /** AWS's limit, and its default. */
  timeoutMs?: number;
};
export type Gateway = (request: HttpRequest) => Promise<HttpResponse>;

export const BODY_LIMIT = 10 * 1024 * 1024;
const HEADER_LIMIT = 10_240;
const TIMEOUT_MS = 30_000;

/** An HTTP API of the template: routes to functions, payload format 2.0, with AWS's limits. Never throws. */
export function apiGateway(options: GatewayOptions): Gateway {
  const find = routeFinder(options.routes);
  return async (request) => {
    const started = performance.now();
    const found = findSafely(find, request);
    const response =
      found instanceof Object ? await serve(options, request, found) : gatewayResponse(...refusal(found));
    response.headers['apigw-requestid'] = randomUUID();
    const path = request.url.split('?', 1)[0];
    const routeKey = found instanceof Object ? found.route.key : undefined;
    const ms = Math.round(performance.now() - started);
    options.log({ level: 'INFO', http: `${request.method} ${path}`, routeKey, status: response.status, ms });
    return response;
  };
}

type Refused = 'Not Found' | 'Bad Request';
const refusal = (why: Refused): [number, string] => [why === 'Not Found' ? 404 : 400, why];

/** A path with broken percent escapes is a bad request. */
function findSafely(find: ReturnType<typeof routeFinder>, request: HttpRequest): Found | Refused {
  try {
    const path = request.url.split('?', 1)[0] ?? '/';
    decodeURIComponent(path);
    return find(request.method, path) ?? 'Not Found';
  } catch {
    return 'Bad Request';
  }
}

async function serve(options: GatewayOptions, request: HttpRequest, found: Found): Promise<HttpResponse> {
  const { clock, invoke, log, apiId } = options;
  if (request.body.length > BODY_LIMIT) return gatewayResponse(413, 'Request Entity Too Large');
  const headerBytes = request.headers.reduce(
    (sum, [name, value]) => sum + name.length + value.length,
    request.url.length,
  );
  if (headerBytes > HEADER_LIMIT) return gatewayResponse(431, 'Request Header Fields Too Large');
  const timeoutMs = found.route.timeoutMs ?? options.timeoutMs ?? TIMEOUT_MS;
  const late = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => late.resolve('late'), timeoutMs);
  try {
    const answer = invoke(found.route.fn, requestEvent(request, found, apiId, clock.now()));
    answer.catch(() => undefined); // a failure after the timeout has nobody left to hear it
    const result = await Promise.race([answer, late.promise]);
    return result === 'late' ? gatewayResponse(503, 'Service Unavailable') : handlerResponse(result);
  } catch (error) {
    const message = `${found.route.key}: ${error instanceof Error ? error.message : String(error)}`;
    log({ level: 'ERROR', message, function: found.route.fn });
    return gatewayResponse(500, 'Internal Server Error');
  } finally {
    clearTimeout(timer);
  }
}
