import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { table } from './client.ts';
import type { TransactItem } from './write.ts';

/** `done`, or the places of the items that stood in the way: conditions that failed and conflicts with other transactions. */
export type TransactResult = 'done' | { failed: number[]; conflicts: number[] };

const PASSING = new Set([
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
  'RequestLimitExceeded',
]);

/**
 * All items or none. The SDK sends one ClientRequestToken per call, so its own retry of a lost answer is answered as done.
 * It never retries a conflict: the caller decides again instead.
 */
export async function transact(items: readonly TransactItem[]): Promise<TransactResult> {
  try {
    await table().send(new TransactWriteCommand({ TransactItems: [...items] }));
    return 'done';
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
    const codes = (error.CancellationReasons ?? []).map((reason) => reason.Code ?? 'None');
    const failed = codes.flatMap((code, place) => (code === 'ConditionalCheckFailed' ? [place] : []));
    const conflicts = codes.flatMap((code, place) => (PASSING.has(code) ? [place] : []));
    if (failed.length + conflicts.length === 0) throw error;
    return { failed, conflicts };
  }
}
