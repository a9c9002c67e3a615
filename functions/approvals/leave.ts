import { refuse } from '#shared/errors.ts';
import { hashOf } from '#shared/json.ts';
import type { Read } from '#shared/table/read.ts';
import { unchanged, type Check } from '#shared/table/write.ts';
import type { Subject } from './approval.ts';
import { approvals, askingPolicy } from './store.ts';

/**
 * What the transaction must check for a subject to be carried out: nothing where no policy asks, else that its approval is
 * the approved one for exactly these values and still is when the transaction runs.
 * @throws 409 approval_needed with what stands in the way
 */
export async function leaveFor(read: Read, subject: Subject, approvalId: string | undefined): Promise<Check[]> {
  const policy = await askingPolicy(subject.entity, subject.facts);
  if (!policy) return [];
  if (approvalId === undefined)
    throw refuse('approval_needed', { why: `policy ${policy.id} asks for one: save the lines again to ask` });
  const approval = await read.need(approvals, { id: approvalId });
  if (approval.hash !== hashOf(subject.guarded))
    throw refuse('approval_needed', { why: 'it was asked for other values' });
  if (approval.state !== 'approved')
    throw refuse('approval_needed', { why: `approval ${approval.id} is ${approval.state}` });
  return [unchanged(approvals.key({ id: approval.id }), approval.version)];
}
