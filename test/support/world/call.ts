import { AsyncLocalStorage } from 'node:async_hooks';

/** A request as the SDK hands it to its transport, and what it wants back. */
export type SdkRequest = {
  method: string;
  path: string;
  query?: Record<string, string | string[]>;
  headers: Record<string, string>;
  body?: string | Uint8Array;
};
export type Served = { status: number; headers?: Record<string, string>; body: string | Buffer };

/** One call of the product to AWS: all attempts of the SDK together. `place` counts calls since the last reset. */
export type AwsCall = { place: number; fn: string; service: string; action: string; writes: boolean; attempts: number };

/**
 * `outage` fails every attempt of the call, `thrice` three in a row, the others the first one; `conflict` means for
 * PutEvents that it did not take one entry.
 */
const FAULTS = [
  'throttle',
  'error',
  'timeout',
  'lost-answer',
  'conflict',
  'crash-before',
  'crash-after',
  'outage',
  'thrice',
] as const;
export type FaultName = (typeof FAULTS)[number];
export type Plan = (call: AwsCall) => FaultName | undefined;

/** One invocation of a function; once it is dead none of its calls is ever answered. */
export type Invocation = { fn: string; dead: boolean; crash(): void };
export const invocations = new AsyncLocalStorage<Invocation>();

const READS = /^(Get|BatchGet|Query|Scan|List|Describe)/;

/** Service and action of a signed request. */
export function nameOf({ method, path, query, headers, body }: SdkRequest): { service: string; action: string } {
  const service = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers['authorization'] ?? '')?.[1] ?? '?';
  const target = headers['x-amz-target']?.split('.').at(-1);
  if (target !== undefined) return { service, action: target };
  if (service === 'ses') return { service, action: new URLSearchParams(textOf(body)).get('Action') ?? path };
  const ofS3 = method === 'GET' ? (query?.['list-type'] === undefined ? 'GetObject' : 'ListObjectsV2') : 'DeleteObject';
  return { service, action: ofS3 };
}

export const isRead = (action: string): boolean => READS.test(action);
export const textOf = (body: SdkRequest['body']): string =>
  typeof body === 'string' ? body : Buffer.from(body ?? '').toString('utf8');
