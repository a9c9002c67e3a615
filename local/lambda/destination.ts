import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Access } from '../contract.ts';

/** Puts a record where an on-failure destination says: into a queue, or into a bucket under `key`. Idempotent by nature: a copy does no harm. */
export type OnFailure = (destination: string, record: unknown, key: string) => Promise<void>;

const ATTEMPTS = 5;

/**
 * Sends a failure record, again when that fails, a bounded number of times.
 * @returns what went wrong in the end, or undefined; the caller keeps a dead letter either way
 */
export async function sendRecord(
  onFailure: OnFailure | undefined,
  destination: string | undefined,
  record: unknown,
  key: string,
): Promise<string | undefined> {
  if (!destination) return undefined;
  if (!onFailure) return `nothing here can deliver to ${destination}`;
  for (let attempt = 1; ; attempt += 1)
    try {
      await onFailure(destination, record, key);
      return undefined;
    } catch (error) {
      if (attempt === ATTEMPTS) return `${destination} did not take the record: ${String(error)}`;
      await sleep(50 * 2 ** attempt);
    }
}

/** What the role of a function needs so that its failure records may go to `destination`, a queue or a bucket. */
export function destinationAccess(destination: string): Access {
  return destination.startsWith('arn:aws:s3:')
    ? { action: 's3:PutObject', resource: `${destination}/aws/lambda/record` }
    : { action: 'sqs:SendMessage', resource: destination };
}

/** AWS's names for failure records in a bucket: `{prefix}/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-{uuid}`. */
export function recordKey(prefix: string, at: number): string {
  const iso = new Date(at).toISOString();
  return `${prefix}/${iso.slice(0, 10).replaceAll('-', '/')}/${iso.slice(0, 19).replaceAll(':', '.')}-${randomUUID()}`;
}
