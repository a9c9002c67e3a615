import { Agent, request } from 'node:http';

export type Sent = { status: number; ms: number; body: string };

/** Sends `total` requests over exactly `connections` kept-alive connections, each waiting for its answer, and times every one. */
export async function closedLoop(
  url: string,
  connections: number,
  total: number,
  make: (n: number) => { path: string; body?: string; headers?: Record<string, string> },
): Promise<{ perSecond: number; sent: Sent[] }> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const sent: Sent[] = [];
  let next = 0;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (next < total) sent.push(await send(agent, url, make(next++)));
    }),
  );
  agent.destroy();
  return { perSecond: (total / (performance.now() - began)) * 1000, sent };
}

export function send(
  agent: Agent | undefined,
  url: string,
  { path, body, headers = {} }: { path: string; body?: string; headers?: Record<string, string> },
): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const outgoing = request(
      `${url}${path}`,
      {
        agent,
        method: body === undefined ? 'GET' : 'POST',
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, ms: performance.now() - began, body: text }));
      },
    );
    outgoing.on('error', reject).end(body);
  });
}

/** The value below which this share of the numbers lies. */
export const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
