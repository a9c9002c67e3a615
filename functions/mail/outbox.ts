import { sendQuota, suppressed } from '#shared/aws/mail.ts';
import type { Context } from '#shared/command.ts';
import { newId } from '#shared/id.ts';
import { log } from '#shared/log.ts';
import { getMany, listWhole } from '#shared/table/read.ts';
import { putOnce } from '#shared/table/put-once.ts';
import { epochOf, instantOf, systemNow } from '#shared/time.ts';
import { SHARD_NAMES } from './letter.ts';
import { send } from './send.ts';
import { addresses, letters, stopped } from './store.ts';

/**
 * Sends what waits and is due, service letters before mailings, as fast as SES allows, until the deadline.
 * Reads: one small query per shard and priority of the queue index.
 */
export async function drain(deadline: number, context: Omit<Context, 'now'>): Promise<number> {
  let sent = 0;
  let quota: { perSecond: number; left: number } | undefined;
  for (const priority of ['0', '1'] as const) {
    for (const shard of SHARD_NAMES) {
      const { items } = await listWhole(letters, 'gsi3', { priority, shard }, { limit: 100 });
      for (const letter of items) {
        const now = instantOf(systemNow());
        if (letter.dueAt === undefined || letter.dueAt > now) continue;
        if (epochOf(now) > deadline) return sent;
        quota ??= await sendQuota();
        if (quota.left <= sent) {
          log().warn('the quota of SES for 24 hours is used up', { left: quota.left });
          return sent;
        }
        if ((await send(letter.id, now, context)) === 'sent') sent += 1;
        await new Promise((resolve) => setTimeout(resolve, 1000 / Math.max(1, quota?.perSecond ?? 1)));
      }
    }
  }
  return sent;
}

/** Every night: addresses that SES itself stopped, also those it never told us of. */
export async function pullSuppressed(now: string): Promise<number> {
  let added = 0;
  for await (const { email, why } of suppressed()) {
    if (await stopped({ getMany }, email)) continue;
    await putOnce(addresses.create({ email, version: 1, why, at: now }));
    added += 1;
  }
  return added;
}

export const requestIdOfRun = (): string => newId('run', systemNow());
