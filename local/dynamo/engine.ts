import type { Answer, Call } from '../front.ts';
import { upstreamAt } from '../upstream.ts';

/** The engine wants letters and digits for a key id and checks no signature; the real caller was checked before. */
const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=local';

/** Hands requests to DynamoDB Local on this port, and its answers back. */
export function engineAt(port: number): { forward(call: Call, body: Buffer): Promise<Answer>; close(): void } {
  const engine = upstreamAt(port);
  const forward = async ({ method, path, headers }: Call, body: Buffer): Promise<Answer> => {
    const sent = {
      'content-type': headers['content-type'],
      'x-amz-target': headers['x-amz-target'],
      authorization: AUTHORIZATION,
    };
    const answer = await engine.send({ method, path, headers: sent }, body);
    // length and checksum are of the body before the meter or the weather changed it
    const { 'content-length': _length, 'x-amz-crc32': _checksum, ...kept } = answer.headers ?? {};
    return { ...answer, headers: kept };
  };
  return { forward, close: engine.close };
}
