import type { Approval, Approver } from '#functions/approvals/approval.ts';
import { hashOf } from '#shared/json.ts';
import { idOf } from './deal.ts';

export const approver = (name: string, change: Partial<Approver> = {}): Approver => ({
  id: idOf('user', name),
  name,
  email: `${name.toLowerCase()}@firm.example`,
  locale: 'en',
  zone: 'UTC',
  ...change,
});
export const asker = approver('Sam');
export const head = approver('Head');
export const chief = approver('Chef');

/** An approval of a deal's discount that Sam asks of the head, and then of the chief; pending. */
export function anApproval(change: Partial<Approval> = {}): Approval {
  const guarded = { discount: 12 };
  return {
    id: idOf('approval', 'A'),
    version: 1,
    storyId: 'story_a',
    subject: { entity: 'deal', id: idOf('deal', 'A') },
    subjectId: idOf('deal', 'A'),
    title: 'Pumps for Orion',
    shown: [{ ru: 'Скидка', en: 'Discount', value: '12 %' }],
    guarded,
    hash: hashOf(guarded),
    policyId: 'discount',
    state: 'pending',
    askedBy: asker,
    askedAt: '2026-11-23T10:00:00.000Z',
    approvers: [head, chief],
    deadlineHours: 24,
    requestId: 'request-1',
    ...change,
  };
}
