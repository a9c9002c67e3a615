import type { IncomingMessage, ServerResponse } from 'node:http';
import { BODY_LIMIT, type Gateway } from './gateway.ts';
import type { HttpResponse } from './handler-response.ts';
import type { HttpRequest } from './request-event.ts';

/** Makes a node:http listener of a gateway; `edit` may change the request first, as CloudFront does (viewer address, origin secret). */
export function listenerOf(gateway: Gateway, edit: (request: HttpRequest) => HttpRequest = (request) => request) {
  return async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const request = edit(await readRequest(incoming));
    writeResponse(outgoing, await gateway(request));
  };
}

/** Reads a request whole; a body over the limit is cut one byte past it, so that the gateway refuses it. */
async function readRequest(incoming: IncomingMessage): Promise<HttpRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    if (size <= BODY_LIMIT) chunks.push(chunk);
    size += chunk.length;
  }
  const { method = 'GET', url = '/', rawHeaders, socket } = incoming;
  const headers = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ''] as const] : []));
  const body = Buffer.concat(chunks).subarray(0, BODY_LIMIT + 1);
  return { method, url, headers, body, sourceIp: socket.remoteAddress?.replace('::ffff:', '') ?? '127.0.0.1' };
}

/** HEAD and bodiless statuses get headers only; node:http sees to that. */
function writeResponse(outgoing: ServerResponse, { status, headers, body }: HttpResponse): void {
  outgoing.writeHead(status, { ...headers, 'content-length': body.length });
  outgoing.end(body);
}
