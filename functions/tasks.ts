import { approvalTasks } from '#functions/approvals/tasks.ts';
import { erasureJob } from '#functions/exchange/erasure-job.ts';
import { mergeJob, mergeUndoJob } from '#functions/exchange/merge-job.ts';
import { replayWebhookJob } from '#functions/exchange/webhook-replay-job.ts';
import { replayJob } from '#functions/marketing/replay-job.ts';
import { loadSecret } from '#shared/aws/secret.ts';
import { failJob, jobTask } from '#shared/job-run.ts';
import type { Needs } from '#shared/needs.ts';
import { performs } from '#shared/tasks.ts';

export const needs: Needs = {
  what: 'the steps of workflows',
  reads: 'everything',
  writes: [
    ...(['raw', 'approval', 'approvalRun', 'ask', 'token', 'letter', 'job', 'delivery', 'event'] as const),
    // What a merge moves.
    ...(['merge', 'mergeRow', 'member', 'lead', 'leadWork', 'deal', 'dealWork', 'order', 'was'] as const),
    ...(['activity', 'touch', 'due', 'externalId'] as const),
    // What an erasure empties.
    ...(['erasure', 'person', 'client', 'address', 'consent', 'jobRow'] as const),
  ],
  // What an erasure must not leave: claims and stops lie under the address itself.
  removes: ['identity', 'address'],
  uses: ['secret', 'address'],
  timeout: 60,
  memory: 1024,
};

export const handler = performs(
  [...approvalTasks, jobTask([replayJob, replayWebhookJob, mergeJob, mergeUndoJob, erasureJob]), failJob],
  loadSecret,
);
