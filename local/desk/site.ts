import { createReadStream, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.map': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
};

/** Serves the built console: files as they are, its first page for every address of its own, else the pages of the cloud. */
export async function serveSite(
  folder: string,
  headers: Readonly<Record<string, string>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = pathOf(request.url ?? '/');
  const file = path === undefined ? undefined : fileAt(folder, path);
  const page = file ?? (path !== undefined && extname(path) === '' ? fileAt(folder, 'index.html') : undefined);
  if (page === undefined) return path === '/' ? toHome(response) : missing(response);
  const immutable = page.includes(`${sep}assets${sep}`);
  response.writeHead(200, {
    ...headers,
    'content-type': TYPES[extname(page)] ?? 'application/octet-stream',
    'cache-control': immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    'x-content-type-options': 'nosniff',
  });
  if (request.method === 'HEAD') return void response.end();
  await pipeline(createReadStream(page), response);
}

/** The path asked for, or undefined when its escapes are broken. URL takes out every `..`. */
function pathOf(url: string): string | undefined {
  try {
    return decodeURIComponent(new URL(url, 'http://local').pathname);
  } catch {
    return undefined;
  }
}

/** A file inside the folder; escaped dots may not lead out of it. */
function fileAt(folder: string, path: string): string | undefined {
  const file = join(folder, path);
  if (!file.startsWith(folder + sep) || path.includes('\0')) return undefined;
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? file : undefined;
}

function toHome(response: ServerResponse): void {
  response.writeHead(302, { location: '/_local/' }).end();
}

function missing(response: ServerResponse): void {
  response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('Not found');
}
