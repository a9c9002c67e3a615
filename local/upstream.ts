import { Agent, request } from 'node:http';
import type { Answer, Call } from './front.ts';

/** A server behind a front, reached over connections that stay open. */
export type Upstream = {
  send(call: Pick<Call, 'method' | 'path'> & { headers: Call['headers'] }, body?: Buffer): Promise<Answer>;
  close(): void;
};

/** Headers of one connection, not of the message; the front writes its own. */
const HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'date', 'host']);

/** Idle connections are closed after ten seconds, before a server drops them under us. */
export function upstreamAt(port: number): Upstream {
  const agent = new Agent({ keepAlive: true, timeout: 10_000 });
  const send: Upstream['send'] = ({ method, path, headers }, body = Buffer.alloc(0)) =>
    new Promise((resolve, reject) => {
      const sent = { ...plain(headers), 'content-length': String(body.length) };
      const outgoing = request({ agent, host: '127.0.0.1', port, method, path, headers: sent }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          resolve({
            status: incoming.statusCode ?? 500,
            headers: plain(incoming.headers),
            body: Buffer.concat(chunks),
          });
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  return { send, close: () => agent.destroy() };
}

const plain = (headers: Call['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name, value]) => value !== undefined && !HOP.has(name))
      .map(([name, value]) => [name, String(value)]),
  );
