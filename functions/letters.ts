import * as z from 'zod';
import { drain, pullSuppressed, requestIdOfRun } from '#functions/mail/outbox.ts';
import { note, SesReport } from '#functions/mail/report.ts';
import { send } from '#functions/mail/send.ts';
import { loadSecret } from '#shared/aws/secret.ts';
import { Event, type Actor } from '#shared/events.ts';
import { logFor } from '#shared/log.ts';
import type { Needs } from '#shared/needs.ts';
import { instantOf, systemNow } from '#shared/time.ts';

export const needs: Needs = {
  what: 'sends letters and hears what became of them; nothing else may send',
  reads: ['letter', 'address'],
  writes: ['letter', 'address', 'event'],
  queues: ['letter'],
  uses: ['secret', 'mail', 'address'],
  timeout: 120,
  memory: 512,
};

/** The event types the bus rule lets through to this function. */
export const listens: readonly string[] = ['letter.queued'];

/** A letter was queued (from the bus), a report of SES (from SNS), or a schedule's wish. */
const Asked = z.union([
  z.object({ detail: Event }),
  z.object({ Records: z.array(z.object({ Sns: z.object({ Message: z.string() }) })) }),
  z.object({ sweep: z.literal(true) }),
  z.object({ pull: z.literal('suppression') }),
]);

const by: Actor = { kind: 'system', id: 'letters' };

export const handler = async (asked: unknown, lambda: { getRemainingTimeInMillis(): number }): Promise<unknown> => {
  const what = Asked.parse(asked);
  const now = systemNow();
  const deadline = now + lambda.getRemainingTimeInMillis() - 5000;
  const context = { by, requestId: requestIdOfRun(), deadline };
  await loadSecret();
  if ('detail' in what) {
    logFor(what.detail.requestId);
    return send(what.detail.recordId, instantOf(now), {
      ...context,
      cause: { id: what.detail.id, depth: what.detail.depth },
    });
  }
  if ('Records' in what) {
    for (const { Sns } of what.Records)
      await note(SesReport.parse(JSON.parse(Sns.Message)), { ...context, now: instantOf(now) });
    return what.Records.length;
  }
  return 'sweep' in what ? drain(deadline, context) : pullSuppressed(instantOf(now));
};
