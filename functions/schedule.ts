import * as z from 'zod';
import { retryLost } from '#shared/feed/lost.ts';
import { sweepEvents } from '#shared/feed/sweep.ts';
import { loadSecret } from '#shared/aws/secret.ts';
import type { Needs } from '#shared/needs.ts';
import { instantOf, systemNow } from '#shared/time.ts';

export const needs: Needs = {
  what: 'sweeps: feeds again what was lost on the way',
  reads: 'everything',
  writes: ['sweep', 'feed', 'marker', 'feedHead'],
  scans: true,
  uses: ['secret', 'bus', 'failures', 'clock'],
  timeout: 300,
  memory: 512,
};

const Asked = z.looseObject({ sweep: z.enum(['feed', 'failures']) });

export const handler = async (
  asked: unknown,
  { getRemainingTimeInMillis }: { getRemainingTimeInMillis(): number },
): Promise<unknown> => {
  const { sweep } = Asked.parse(asked);
  await loadSecret();
  const now = systemNow();
  const deadline = now + getRemainingTimeInMillis() - 10_000;
  if (sweep === 'failures') return retryLost(instantOf(now), deadline);
  return sweepEvents(instantOf(now), () => systemNow() < deadline, deadline);
};
