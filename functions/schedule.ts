import * as z from 'zod';
import { activityDues } from '#functions/activities/schedule.ts';
import { firing } from '#shared/due.ts';
import { sweepDue } from '#shared/due-sweep.ts';
import { leadDues } from '#functions/leads/schedule.ts';
import type { Context } from '#shared/command.ts';
import { retryLost } from '#shared/feed/lost.ts';
import { sweepEvents } from '#shared/feed/sweep.ts';
import { loadSecret } from '#shared/aws/secret.ts';
import { newId } from '#shared/id.ts';
import { logFor } from '#shared/log.ts';
import type { Needs } from '#shared/needs.ts';
import { instantOf, systemNow } from '#shared/time.ts';

export const needs: Needs = {
  what: 'does what is due, and sweeps: feeds again what was lost on the way',
  reads: 'everything',
  writes: [
    ...(['sweep', 'feed', 'marker', 'feedHead', 'due', 'event'] as const),
    ...(['activity', 'activityWork', 'touch', 'lead', 'leadWork', 'was'] as const),
  ],
  scans: true,
  uses: ['secret', 'bus', 'failures', 'clock'],
  timeout: 300,
  memory: 512,
};

/** A sweep, or something whose time has come. */
const Asked = z.union([z.object({ sweep: z.enum(['feed', 'failures', 'due']) }), z.object({ due: z.string() })]);

const fire = firing([...activityDues, ...leadDues]);

export const handler = async (
  asked: unknown,
  { getRemainingTimeInMillis }: { getRemainingTimeInMillis(): number },
): Promise<unknown> => {
  const what = Asked.parse(asked);
  await loadSecret();
  const now = systemNow();
  const deadline = now + getRemainingTimeInMillis() - 10_000;
  const hasTime = (): boolean => systemNow() < deadline;
  const requestId = newId('run', now);
  logFor(requestId);
  const context: Context = { now: instantOf(now), by: { kind: 'system', id: 'due' }, requestId, deadline };
  if ('due' in what) return fire(what.due, context);
  if (what.sweep === 'due') return sweepDue(fire, context, hasTime);
  if (what.sweep === 'failures') return retryLost(instantOf(now), deadline);
  return sweepEvents(instantOf(now), hasTime, deadline);
};
