import { Agent, request } from 'node:http';
import type { Answer, Call } from '../front.ts';

/** The engine wants letters and digits for a key id and checks no signature; the real caller was checked before. */
const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=local';

/** Hands requests to DynamoDB Local over connections that stay open (closed before the engine drops them at 30 s idle). */
export function engineAt(port: number): { forward(call: Call, body: Buffer): Promise<Answer>; close(): void } {
  const agent = new Agent({ keepAlive: true, timeout: 10_000 });
  const forward = (call: Call, body: Buffer): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const outgoing = request(
        {
          agent,
          host: '127.0.0.1',
          port,
          method: call.method,
          path: call.path,
          headers: {
            'content-type': call.headers['content-type'] ?? 'application/x-amz-json-1.0',
            'x-amz-target': call.headers['x-amz-target'] ?? '',
            authorization: AUTHORIZATION,
            'content-length': body.length,
          },
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', reject);
          incoming.on('end', () => {
            resolve({
              status: incoming.statusCode ?? 500,
              headers: {
                'content-type': incoming.headers['content-type'] ?? 'application/x-amz-json-1.0',
                'x-amzn-requestid': String(incoming.headers['x-amzn-requestid'] ?? ''),
              },
              body: Buffer.concat(chunks),
            });
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  return { forward, close: () => agent.destroy() };
}
