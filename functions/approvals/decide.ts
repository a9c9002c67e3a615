import { users } from '#functions/auth/store.ts';
import { refuse } from '#shared/errors.ts';
import type { Read } from '#shared/table/read.ts';
import { unchanged } from '#shared/table/write.ts';
import type { Decision as Decided } from '#shared/command.ts';
import { ApprovalDecided, type Approval, type Decision } from './approval.ts';
import { approvals } from './store.ts';

/** Why somebody may not decide this any more; said to whoever opens a used link as well. */
function refuseSettled(approval: Approval): void {
  if (approval.state === 'pending') return;
  throw refuse('already_decided', {
    state: approval.state,
    by: approval.decidedBy?.name ?? '—',
    at: approval.decidedAt ?? '—',
  });
}

/**
 * One of the approvers decides; the transaction takes the first decision only.
 * @throws 409 already_decided, own_approval; 400 when a refusal has no comment
 */
export function decide(
  approval: Approval,
  by: { id: string; name: string },
  { decision, comment }: Decision,
  now: string,
): Decided {
  refuseSettled(approval);
  if (by.id === approval.askedBy.id) throw refuse('own_approval');
  if (!approval.approvers.some(({ id }) => id === by.id))
    throw refuse('forbidden', { right: 'to decide this approval' });
  const said = comment?.trim();
  if (decision === 'refuse' && !said)
    throw refuse('invalid', {}, [{ pointer: '/body/comment', code: 'required', detail: 'A refusal says why.' }]);
  const state = decision === 'approve' ? 'approved' : 'refused';
  const write = approvals.save(approval, {
    state,
    decidedBy: { id: by.id, name: by.name },
    decidedAt: now,
    ...(said && { comment: said }),
  });
  return {
    writes: [write],
    events: [ApprovalDecided.of(write, { subjectId: approval.subjectId, state })],
    answer: write,
  };
}

/** As `decide`, by somebody who still works here when the transaction runs: a link outlives its holder's job. */
export async function decideAs(
  read: Read,
  approvalId: string,
  userId: string,
  decision: Decision,
  now: string,
): Promise<Decided> {
  const approval = await read.need(approvals, { id: approvalId });
  const account = await read.need(users, { id: userId });
  const decided = decide(approval, account, decision, now);
  if (!account.active) throw refuse('forbidden', { right: 'to decide: this user is switched off' });
  return { ...decided, checks: [unchanged(users.key({ id: userId }), account.version)] };
}
