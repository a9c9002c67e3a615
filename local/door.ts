import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Cloud } from './cloud.ts';
import { serveDesk } from './desk/desk.ts';
import { serveSite } from './desk/site.ts';
import { listenerOf } from './http/listener.ts';
import type { HttpRequest } from './http/request-event.ts';
import type { Installation } from './installation.ts';
import { isForThisMachine, listenLocally } from './listen.ts';

export type DoorOptions = {
  port: number;
  cloud: Cloud;
  /** The services, unless they are starting. */
  current(): Installation | undefined;
  /** Folder of the built console. */
  site: string;
};

/** The one port for people: API and public pages through the gateway, sign-in, the console, and pages of the cloud itself. */
export function openDoor(options: DoorOptions): Promise<{ url: string; stop(): Promise<void> }> {
  return listenLocally(
    options.port,
    (request, response) => {
      answer(options, request, response).catch((error: unknown) => {
        if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' });
        response.end(`The local cloud failed: ${error instanceof Error ? error.message : String(error)}`);
      });
    },
    '--port',
  );
}

async function answer(options: DoorOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { cloud, current, site } = options;
  const { pathname } = new URL(request.url ?? '/', 'http://local');
  const installation = current();
  if (!installation) return starting(response);
  if (/^\/(api|public)\//.test(pathname)) {
    const { gateway, originHeaders } = installation;
    return listenerOf(gateway, (incoming) => throughDistribution(incoming, originHeaders))(request, response);
  }
  const own = /^\/(_local|oidc)(\/|$)/.test(pathname);
  if (own && !isForThisMachine(request.headers.host)) return refused(response);
  if (await installation.issuer.handle(request, response)) return;
  if (own) return serveDesk({ cloud, installation, site }, request, response);
  return serveSite(site, installation.pageHeaders, request, response);
}

/** What the distribution does to a request: its own headers win over whatever the viewer sent under their names. */
function throughDistribution(request: HttpRequest, originHeaders: Readonly<Record<string, string>>): HttpRequest {
  const added = Object.entries({ ...originHeaders, 'x-viewer-address': request.sourceIp });
  const names = new Set(added.map(([name]) => name));
  return { ...request, headers: [...request.headers.filter(([name]) => !names.has(name.toLowerCase())), ...added] };
}

function starting(response: ServerResponse): void {
  response.writeHead(503, { 'content-type': 'text/html; charset=utf-8', 'retry-after': '1' });
  response.end(
    '<!doctype html><meta http-equiv="refresh" content="1"><title>Sdelka</title><p>Starting… / Запускается…</p>',
  );
}

function refused(response: ServerResponse): void {
  response.writeHead(421, { 'content-type': 'text/plain' });
  response.end('These pages answer only to 127.0.0.1 and localhost.');
}
