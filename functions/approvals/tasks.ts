import * as z from 'zod';
import { users } from '#functions/auth/store.ts';
import { queueLetter } from '#functions/mail/queue.ts';
import { derivedKey } from '#shared/aws/secret.ts';
import { commit } from '#shared/command.ts';
import { linkHash } from '#shared/decision-link.ts';
import type { Read } from '#shared/table/read.ts';
import { task } from '#shared/tasks.ts';
import { Placeholder } from '#shared/templates.ts';
import { addTo } from '#shared/time.ts';
import { ApprovalAwaited, ApprovalExpired, type Approval, type Approver } from './approval.ts';
import { approvalAsks, approvalRuns, approvals, tokens } from './store.ts';

const shownIn = (approval: Approval, locale: 'ru' | 'en') =>
  approval.shown.map((line) => ({ label: line[locale], value: line.value }));

/** Asks the approver of a round by letter and leaves the run's token where the decision finds it. */
const askApprover = task(
  'askApprover',
  { input: z.object({ approvalId: z.string(), round: z.int() }), output: z.object({}) },
  async ({ input: { approvalId, round }, token, now }) => {
    const command = commit(async (read) => {
      const approval = await read.need(approvals, { id: approvalId });
      const approver = await stillHere(read, approval, round);
      if (token === undefined) throw new Error(`askApprover of ${approvalId} needs a task token`);
      const before = await read.get(approvalRuns, { approvalId, round: String(round) });
      const run = { approvalId, round: String(round), storyId: approval.storyId, token };
      const write = before ? approvalRuns.save(before, run) : approvalRuns.create({ ...run, version: round * 1000 });
      const awaited = ApprovalAwaited.of(write, { round, approverId: approver.id });
      if (approval.state !== 'pending') return { writes: [write], events: [awaited] };
      const hash = linkHash(derivedKey('decision-link'), { approvalId, approverId: approver.id, round });
      const known = await read.get(tokens, { hash });
      const asked = known
        ? []
        : [
            tokens.create({ hash, approvalId, approver, round }),
            approvalAsks.create({ approvalId, approverId: approver.id, round: String(round), at: now }),
          ];
      const letter = await queueLetter(read, {
        ...letterTo(approval, approver, 'approval-ask', round, now),
        decision: { approvalId, approverId: approver.id, round },
      });
      return { writes: [write, ...asked, ...letter.writes], events: [awaited, ...letter.events] };
    });
    return { command, output: {} };
  },
);

/** The approver of a round, or if he was switched off meanwhile the other one. */
async function stillHere(read: Read, { approvers }: Approval, round: number): Promise<Approver> {
  const [first, other] = round === 1 ? approvers : approvers.toReversed();
  if (!first) throw new Error('An approval has at least one approver.');
  const active = (await read.get(users, { id: first.id }))?.active ?? false;
  return active ? first : (other ?? first);
}

/** Nobody answered in time, also not the one it went up to. */
const expireApproval = task(
  'expireApproval',
  { input: z.object({ approvalId: z.string() }), output: z.object({}) },
  async ({ input }) => ({
    command: commit(async (read) => {
      const approval = await read.need(approvals, { id: input.approvalId });
      if (approval.state !== 'pending') return undefined;
      const write = approvals.save(approval, { state: 'expired' });
      return { writes: [write], events: [ApprovalExpired.of(write, { subjectId: approval.subjectId })] };
    }),
    output: {},
  }),
);

/** Tells the asker what became of his request. A voided one was his own doing. */
const tellAsker = task(
  'tellAsker',
  { input: z.object({ approvalId: z.string() }), output: z.object({}) },
  async ({ input, now }) => ({
    command: commit(async (read) => {
      const approval = await read.need(approvals, { id: input.approvalId });
      if (approval.state === 'pending' || approval.state === 'voided') return undefined;
      const letter = await queueLetter(
        read,
        letterTo(approval, approval.askedBy, `approval-${approval.state}`, 1, now),
      );
      return letter.writes.length > 0 ? letter : undefined;
    }),
    output: {},
  }),
);

const letterTo = (approval: Approval, to: Approver, template: string, round: number, now: string) => ({
  purpose: template,
  cause: `${approval.id}.${round}`,
  recordId: approval.subjectId,
  storyId: approval.storyId,
  to: { email: to.email, name: to.name, userId: to.id },
  locale: to.locale,
  zone: to.zone,
  template,
  values: {
    reader: { name: to.name },
    approval: {
      title: approval.title,
      lines: shownIn(approval, to.locale),
      asker: approval.askedBy.name,
      deadline: addTo(now, { hours: approval.deadlineHours }),
      comment: approval.comment,
      by: approval.decidedBy?.name,
      round,
    },
    link: { decision: new Placeholder('decision') },
  },
  now,
  requestId: approval.requestId,
});

export const approvalTasks = [askApprover, expireApproval, tellAsker];
