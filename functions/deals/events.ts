import {
  ApprovalAsked,
  ApprovalDecided,
  ApprovalExpired,
  ApprovalVoided,
  type Approval,
} from '#functions/approvals/approval.ts';
import { approvals } from '#functions/approvals/store.ts';
import { commit } from '#shared/command.ts';
import { listen, type Listener } from '#shared/listen.ts';
import { get } from '#shared/table/read.ts';
import { DealApprovalKnown } from './deal.ts';
import { followListeners } from './follow.ts';
import { deals, dealWorks } from './store.ts';

/** Shows on the deal's work line how its present approval stands. The machine's part only: nobody becomes stale by it. */
async function known(approvalId: string) {
  const approval: Approval | undefined = await get(approvals, { id: approvalId });
  if (approval?.subject.entity !== 'deal') return undefined;
  return commit(async (read) => {
    const deal = await read.get(deals, { id: approval.subjectId });
    const work = await read.get(dealWorks, { id: approval.subjectId });
    const now = await read.need(approvals, { id: approvalId });
    if (!work || deal?.approvalId !== approvalId || work.approval === now.state) return undefined;
    const write = dealWorks.save(work, { approval: now.state });
    return { writes: [write], events: [DealApprovalKnown.of(write, { approvalId, state: now.state })] };
  });
}

/** Reading the approval as it is makes the order of these events, and their repeats, of no matter. */
export const dealListeners: readonly Listener[] = [
  ...followListeners,
  ...[ApprovalAsked, ApprovalDecided, ApprovalVoided, ApprovalExpired].map((type) =>
    listen(type, `deals.note-${type.name}`, async ({ event }) => known(event.recordId), { once: false }),
  ),
];
