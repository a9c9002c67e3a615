import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Cloud } from '../cloud.ts';
import { isForThisMachine, listenLocally } from '../listen.ts';
import { answers, ControlError } from './answer.ts';

/** The port for tests and tools: JSON in, JSON out. */
export function startControl({
  port,
  cloud,
}: {
  port: number;
  cloud: Cloud;
}): Promise<{ url: string; stop(): Promise<void> }> {
  return listenLocally(
    port,
    (request, response) => void serve(cloud, request, response),
    '--port (the control port is the next one)',
  );
}

async function serve(cloud: Cloud, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    reply(response, 200, await answer(cloud, request));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    reply(response, error instanceof ControlError ? error.status : 503, { error: message });
  }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body ?? {})}\n`);
}

async function answer(cloud: Cloud, request: IncomingMessage): Promise<unknown> {
  const { method = 'GET', headers } = request;
  // A page in the browser of this machine may send requests here: none of them is ours.
  if (!isForThisMachine(headers.host) || headers.origin !== undefined || headers['sec-fetch-site'] !== undefined)
    throw new ControlError(403, 'The control port is for programs on this machine, not for pages.');
  const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://local');
  const [, place = '', id = ''] = pathname.split('/').map(decodeURIComponent);
  const found = answers[`${method} /${place}${id === '' ? '' : '/{id}'}`];
  if (!found)
    throw new ControlError(404, `There is no ${method} ${pathname}; there are: ${Object.keys(answers).join(', ')}.`);
  return found(cloud, { query, id, body: await bodyOf(request) });
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const body = await text(request);
  try {
    return body === '' ? undefined : JSON.parse(body);
  } catch {
    throw new ControlError(400, 'The body is not JSON.');
  }
}
