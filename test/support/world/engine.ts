import { Agent, request as httpRequest } from 'node:http';
import type { SdkRequest, Served } from './call.ts';

const agent = new Agent({ keepAlive: true, maxSockets: 20 });

/** Passes a call on to DynamoDB Local as it is. */
export const forward = (url: string, { method, path, headers, body }: SdkRequest): Promise<Served> =>
  new Promise((resolve, reject) => {
    const sent = httpRequest(
      url,
      { method, path, agent, headers: { ...headers, host: new URL(url).host } },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 500,
            headers: { 'content-type': answer.headers['content-type'] ?? '' },
            body: Buffer.concat(chunks),
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
