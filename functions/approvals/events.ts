import { resumeRun, startRun } from '#shared/aws/workflows.ts';
import { listen } from '#shared/listen.ts';
import { get, list } from '#shared/table/read.ts';
import { ApprovalAsked, ApprovalAwaited, ApprovalDecided, ApprovalVoided } from './approval.ts';
import { approvalRuns, approvals } from './store.ts';

/** A settled approval lets its run go on, wherever that waits. Which came first, the decision or the wait, does not matter. */
async function resume(approvalId: string): Promise<void> {
  const approval = await get(approvals, { id: approvalId });
  if (!approval || approval.state === 'pending') return;
  const { items } = await list(approvalRuns, 'item', { approvalId }, { consistent: true });
  for (const { token } of items) await resumeRun(token, { state: approval.state });
}

export const approvalListeners = [
  listen(ApprovalAsked, 'approvals.start', async ({ event }) => {
    const approval = await get(approvals, { id: event.recordId });
    if (!approval) return;
    const because = { requestId: event.requestId, cause: { id: event.id, depth: event.depth } };
    await startRun('approval', `${approval.id}-1`, because, {
      approvalId: approval.id,
      rounds: approval.approvers.length,
      deadlineSeconds: approval.deadlineHours * 3600,
    });
  }),
  listen(ApprovalAwaited, 'approvals.resume-awaited', async ({ event }) => resume(event.recordId)),
  listen(ApprovalDecided, 'approvals.resume-decided', async ({ event }) => resume(event.recordId)),
  listen(ApprovalVoided, 'approvals.resume-voided', async ({ event }) => resume(event.recordId)),
];
