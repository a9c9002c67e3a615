import * as z from 'zod';
import { refuse } from '#shared/errors.ts';
import { epochOf } from '#shared/time.ts';
import { entity } from '#shared/table/entity.ts';
import { get, getItem } from '#shared/table/read.ts';
import { putItem, type TransactItem, type Write } from '#shared/table/write.ts';
import type { Outcome } from '#shared/command.ts';

/** Makes a command happen once: who asks, under which key, and the hash of what he asks. Kept `days`. */
export type Once = { principal: string; key: string; hash: string; days: number };

const Idem = z.object({
  principal: z.string(),
  key: z.string(),
  hash: z.string(),
  status: z.int(),
  /** Where the answered record lies: a repeat answers it as it now is. */
  at: z.object({ pk: z.string(), sk: z.string() }).optional(),
  version: z.int().optional(),
  ttl: z.int(),
});
const idem = entity('idem', Idem);

/** The row that goes into the command's own transaction; it must not be there yet. */
export function idempotencyItem(once: Once, answer: Write | undefined, status: number, now: string): TransactItem {
  const { principal, key, hash, days } = once;
  const ttl = Math.floor(epochOf(now) / 1000) + days * 86_400;
  const item = { principal, key, hash, status, ttl, at: answer?.key, version: answer?.version };
  return putItem(idem.create(item).put);
}

/**
 * The outcome of the first run under this key, if there was one: its status with the record as it now is.
 * @throws 422 key_reused when the first run asked for something else
 */
export async function doneBefore(once: Once): Promise<Outcome | undefined> {
  const row = await get(idem, { principal: once.principal, key: once.key });
  if (row === undefined) return undefined;
  if (row.hash !== once.hash) throw refuse('key_reused');
  if (row.at === undefined) return { status: row.status, record: undefined, version: undefined, repeated: true };
  const Item = await getItem(row.at);
  return { status: row.status, record: Item, version: Number(Item?.['version'] ?? row.version), repeated: true };
}
