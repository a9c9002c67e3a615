import { activityListeners } from '#functions/activities/events.ts';
import { approvalListeners } from '#functions/approvals/events.ts';
import { dealListeners } from '#functions/deals/events.ts';
import { webhookListeners } from '#functions/exchange/webhook-events.ts';
import { leadListeners } from '#functions/leads/events.ts';
import { orderListeners } from '#functions/orders/events.ts';
import { reportListeners } from '#functions/reports/events.ts';
import { loadSecret } from '#shared/aws/secret.ts';
import { jobListeners } from '#shared/job-run.ts';
import { hears } from '#shared/listen.ts';
import type { Needs } from '#shared/needs.ts';

export const needs: Needs = {
  what: 'what the domains do when something happened',
  reads: 'everything',
  writes: [
    'person',
    'was',
    'identity',
    'pair',
    'consent',
    'raw',
    'turn',
    'lead',
    'leadWork',
    'dealWork',
    'letter',
    'touch',
    'due',
    'event',
    'join',
    'idem',
  ],
  uses: ['secret', 'workflows', 'address', 'clock'],
  timeout: 60,
  memory: 1024,
};

const listeners = [
  ...activityListeners,
  ...leadListeners,
  ...approvalListeners,
  ...dealListeners,
  ...orderListeners,
  ...reportListeners,
  ...webhookListeners,
  ...jobListeners,
];

/** The event types the bus rule lets through to this function. */
export const listens: readonly string[] = [...new Set(listeners.map(({ type }) => type))];

export const handler = hears(listeners, loadSecret);
