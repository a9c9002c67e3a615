import * as z from 'zod';
import { addUp } from '#shared/table/count.ts';
import { entity } from '#shared/table/entity.ts';
import { epochOf } from '#shared/time.ts';
import { Raw } from './intake.ts';
import { Visit } from './visit.ts';

export const raws = entity('raw', Raw, { part: 'R' });
export const visits = entity('visit', Visit, { part: 'R' });

/** What makes two equal posts one: the first request under a key, and since when. */
export const rawKeys = entity(
  'rawKey',
  z.object({
    sourceId: z.string(),
    key: z.string(),
    rawId: z.string(),
    at: z.string(),
    hash: z.string(),
    ttl: z.int(),
  }),
  {
    recordId: ({ sourceId, key }) => `${sourceId}/${key}`,
  },
);

/** Signing secrets of a hook, encrypted; more than one while they are being changed over. */
export const secrets = entity(
  'secret',
  z.object({ sourceId: z.string(), version: z.int(), sealed: z.array(z.string()).max(3) }),
  { recordId: ({ sourceId }) => sourceId },
);

/** How many posts are counted here before the table is told: one write unit for this many posts. */
const STEP = 5;
type Window = { minute: string; here: number; total: number };
const windows = new Map<string, Window>();

/**
 * Whether one address posts too much to one source in one minute. Each execution environment counts for itself and adds to
 * the shared counter every fifth post, so the limit may be passed by a few posts per environment, and a quiet form costs nothing.
 */
export async function tooMany(sourceId: string, address: string, limit: number, now: string): Promise<boolean> {
  const minute = now.slice(0, 16);
  const key = `${sourceId}|${address}`;
  let window = windows.get(key);
  if (window?.minute !== minute) {
    if (windows.size > 10_000) windows.clear();
    window = { minute, here: 0, total: 0 };
    windows.set(key, window);
  }
  if (window.total + window.here >= limit) return true;
  window.here += 1;
  if (window.here < Math.min(STEP, limit)) return false;
  const step = window.here;
  window.here = 0;
  const ttl = Math.floor(epochOf(now) / 1000) + 3600;
  window.total = await addUp('rate', { sourceId, address, minute }, step, { ttl });
  return window.total > limit;
}
