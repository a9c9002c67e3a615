import * as z from 'zod';
import { eventType } from '#shared/events.ts';
import { guarded, personal } from '#shared/fields.ts';
import { Id } from '#shared/id.ts';
import type { Facts, Policy } from './policy.ts';

export const Approver = z.object({
  id: Id('user'),
  name: z.string(),
  email: z.string(),
  locale: z.enum(['ru', 'en']),
  zone: z.string(),
});
export type Approver = z.output<typeof Approver>;

/** One line of what an approver is shown: a label in both languages, and the value as it was asked for. */
const Shown = z.object({ ru: z.string(), en: z.string(), value: z.string() });

const ApprovalState = z.enum(['pending', 'approved', 'refused', 'voided', 'expired']);

/**
 * Somebody's leave for something of any kind, bound to the values it was asked for: `guarded` is their snapshot, `hash`
 * what is compared. Whoever changes one of them voids the approval in the same transaction.
 */
export const Approval = z.object({
  id: Id('approval'),
  version: z.int(),
  storyId: z.string(),
  subject: z.object({ entity: z.string(), id: z.string() }),
  subjectId: z.string(),
  title: z.string(),
  shown: z.array(Shown),
  /** Shown to approvers on the page only: what it costs us is not for every reader of the approval or its letter. */
  shownCost: z.array(Shown).optional().meta(guarded('cost')),
  guarded: z.record(z.string(), z.unknown()),
  hash: z.string(),
  policyId: z.string(),
  state: ApprovalState,
  askedBy: Approver,
  askedAt: z.string(),
  /** Who is asked in which round: the first, then whom it goes up to when he is silent. */
  approvers: z.array(Approver).min(1).max(2),
  deadlineHours: z.int(),
  decidedBy: z.object({ id: z.string(), name: z.string() }).optional(),
  decidedAt: z.string().optional(),
  comment: z.string().optional().meta(personal),
  requestId: z.string(),
});
export type Approval = z.output<typeof Approval>;

/** Where a run of the workflow waits; a new attempt writes over it. `version` is the round × 1000 + the attempt. */
export const ApprovalRun = z.object({
  approvalId: z.string(),
  round: z.string(),
  version: z.int(),
  storyId: z.string(),
  /** Whoever has it can answer the run: guarded by a right nobody holds, so that events only name it. */
  token: z.string().meta(guarded('task-token')),
});
export const Ask = z.object({ approvalId: z.string(), approverId: z.string(), round: z.string(), at: z.string() });
/** What a link opens; the link itself is nowhere in the table. */
export const Token = z.object({
  hash: z.string(),
  approvalId: z.string(),
  approver: Approver,
  round: z.int(),
  usedAt: z.string().optional(),
});
export type Token = z.output<typeof Token>;

const Of = { subjectId: z.string() };
export const ApprovalAsked = eventType('approval.asked', { ...Of, policyId: z.string() });
export const ApprovalAwaited = eventType('approval.awaited', { round: z.int(), approverId: z.string() });
export const ApprovalDecided = eventType('approval.decided', { ...Of, state: z.enum(['approved', 'refused']) });
export const ApprovalVoided = eventType('approval.voided', { ...Of, why: z.string() });
export const ApprovalExpired = eventType('approval.expired', Of);

export const Decision = z.object({ decision: z.enum(['approve', 'refuse']), comment: z.string().max(2000).optional() });
export type Decision = z.output<typeof Decision>;

/** A thing with guarded fields, as it would be after the command: what is compared, what is reckoned with, what is shown. */
export type Subject = {
  entity: Policy['subject'];
  id: string;
  storyId: string;
  title: string;
  guarded: Record<string, unknown>;
  facts: Facts;
  shown: Approval['shown'];
  shownCost?: Approval['shown'];
};
