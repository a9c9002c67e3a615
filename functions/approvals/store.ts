import { entity } from '#shared/table/entity.ts';
import { Approval, ApprovalRun, Ask, Token } from './approval.ts';

export const approvals = entity('approval', Approval, { part: 'R' });
export const approvalRuns = entity('approvalRun', ApprovalRun, { part: 'W', recordId: ({ approvalId }) => approvalId });
export const approvalAsks = entity('ask', Ask, { recordId: ({ approvalId }) => approvalId });
export const tokens = entity('token', Token, { recordId: ({ hash }) => hash });
