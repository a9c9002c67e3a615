import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';

const folder = join(import.meta.dirname, 'tls');
/** The certificate of receivers, which is its own authority; the key is everybody's, as the tests are. */
export const AUTHORITY = readFileSync(join(folder, 'cert.pem'), 'utf8');
const key = readFileSync(join(folder, 'key.pem'), 'utf8');

export type Received = { path: string; headers: IncomingHttpHeaders; body: Buffer };
export type Said = { status?: number; headers?: Record<string, string>; body?: string | Buffer; never?: boolean };

/** Somebody else's system: an https server that keeps what it gets and answers as the test says. */
export async function openReceiver(answer: (received: Received) => Said = () => ({})) {
  const received: Received[] = [];
  let answers = answer;
  const server = createServer({ key, cert: AUTHORITY }, (request, response) => {
    void (async () => {
      const one = { path: request.url ?? '', headers: request.headers, body: await buffer(request) };
      received.push(one);
      const { status = 200, headers = {}, body = 'ok', never = false } = answers(one);
      if (!never) response.writeHead(status, headers).end(body);
    })();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    received,
    /** From now on it answers so. */
    says(next: typeof answer) {
      answers = next;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
export type Receiver = Awaited<ReturnType<typeof openReceiver>>;
