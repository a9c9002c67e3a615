import { fieldSetInForce } from '#functions/settings/custom.ts';
import { allInForce, type InForce } from '#functions/settings/store.ts';
import { entity } from '#shared/table/entity.ts';
import { Approval, ApprovalRun, Ask, Token } from './approval.ts';
import { asks, policyKind, type Facts, type Policy } from './policy.ts';

export const approvals = entity('approval', Approval, { part: 'R' });
export const approvalRuns = entity('approvalRun', ApprovalRun, { part: 'W', recordId: ({ approvalId }) => approvalId });
export const approvalAsks = entity('ask', Ask, { recordId: ({ approvalId }) => approvalId });
export const tokens = entity('token', Token, { recordId: ({ hash }) => hash });

/** The first policy, by id, that asks for an approval of such a subject on these facts. */
export async function askingPolicy(
  subject: Policy['subject'],
  facts: Facts,
): Promise<InForce<(typeof policyKind)['schema']> | undefined> {
  const fields = await fieldSetInForce(subject);
  for (const policy of await allInForce(policyKind)) {
    if (policy.body.subject === subject && (await asks(policy.body, facts, fields))) return policy;
  }
  return undefined;
}
