import { isWorking, type Account } from '#functions/auth/account.ts';
import { teams, users } from '#functions/auth/store.ts';
import { refuse } from '#shared/errors.ts';
import type { NewEvent } from '#shared/events.ts';
import { hashOf } from '#shared/json.ts';
import { listWhole, type Read } from '#shared/table/read.ts';
import type { Write } from '#shared/table/write.ts';
import { ApprovalAsked, ApprovalVoided, type Approval, type Approver, type Subject } from './approval.ts';
import type { Policy } from './policy.ts';
import { approvals, askingPolicy } from './store.ts';

type Asking = { userId: string; now: string; requestId: string; newId(prefix: string): string };
export type Guarded = { approvalId: string | undefined; writes: Write[]; events: NewEvent[] };

/**
 * What a command that changes a subject must write about its approval: an approval for other values is voided, and one is
 * asked for where a policy wants it. `approvalId` goes into the subject. For a copy pass no current approval.
 * @throws 409 no_approver when a policy asks and there is nobody but the asker
 */
export async function guard(
  read: Read,
  subject: Subject,
  currentId: string | undefined,
  asking: Asking,
): Promise<Guarded> {
  const hash = hashOf(subject.guarded);
  const current = currentId === undefined ? undefined : await read.need(approvals, { id: currentId });
  if (current?.hash === hash && current.state !== 'voided' && current.state !== 'expired')
    return { approvalId: current.id, writes: [], events: [] };
  const voided =
    current && (current.state === 'pending' || current.state === 'approved')
      ? voidOf(current)
      : { writes: [], events: [] };
  const policy = await askingPolicy(subject.entity, subject.facts);
  if (!policy) return { approvalId: undefined, ...voided };
  const { asker, approvers } = await approversFor(read, policy.body, asking);
  const write = approvals.create({
    id: asking.newId('approval'),
    version: 1,
    storyId: subject.storyId,
    subject: { entity: subject.entity, id: subject.id },
    subjectId: subject.id,
    title: subject.title,
    shown: subject.shown,
    shownCost: subject.shownCost,
    guarded: subject.guarded,
    hash,
    policyId: policy.id,
    state: 'pending',
    askedBy: asker,
    askedAt: asking.now,
    approvers,
    deadlineHours: policy.body.deadlineHours,
    requestId: asking.requestId,
  });
  const asked = ApprovalAsked.of(write, { subjectId: subject.id, policyId: policy.id });
  return { approvalId: write.recordId, writes: [...voided.writes, write], events: [...voided.events, asked] };
}

function voidOf(current: Approval): { writes: Write[]; events: NewEvent[] } {
  const write = approvals.save(current, { state: 'voided' });
  return {
    writes: [write],
    events: [ApprovalVoided.of(write, { subjectId: current.subjectId, why: 'a guarded value was changed' })],
  };
}

/** The last resort: an admin who is not the asker. The index only says whom to look at; the users are read by key. */
async function someAdmin(userId: string): Promise<Account[]> {
  const { items } = await listWhole(users, 'gsi2', {}, { limit: 100 });
  return items.filter(({ id, active, roles }) => id !== userId && active && roles.includes('admin')).slice(0, 1);
}

const asApprover = ({ id, name, email, locale, zone }: Account): Approver => ({ id, name, email, locale, zone });

/** Accounts by id; somebody who is away is stood in for by his deputy, but never by the asker. */
async function ableOf(
  read: Read,
  ids: readonly string[],
  { userId, now }: Asking,
): Promise<(id: string | undefined) => Account | undefined> {
  const keys = (all: readonly string[]) => [...new Set(all)].map((id) => ({ id }));
  const found = (await read.getMany(users, keys(ids))).filter(({ active }) => active);
  const away = found.flatMap((one) => (isWorking(one, now) ? [] : (one.absence?.deputyId ?? [])));
  const deputies = (await read.getMany(users, keys(away))).filter(({ active, id }) => active && id !== userId);
  return (id) => {
    const account = found.find((one) => one.id === id);
    if (!account || isWorking(account, now)) return account;
    return deputies.find((deputy) => deputy.id === account.absence?.deputyId) ?? account;
  };
}

/** Whom the policy names or else the head of the asker's team, then whom it goes up to or else the head; never the asker himself. */
async function approversFor(
  read: Read,
  policy: Policy,
  asking: Asking,
): Promise<{ asker: Approver; approvers: Approver[] }> {
  const { userId } = asking;
  const asker = await read.need(users, { id: userId });
  const head = asker.teamId === undefined ? undefined : (await read.get(teams, { id: asker.teamId }))?.headId;
  const wanted = [policy.approverId, head, policy.escalateTo].filter(
    (id): id is string => id !== undefined && id !== userId,
  );
  const able = await ableOf(read, wanted, asking);
  const first = able(policy.approverId) ?? able(head);
  const inTurn = [first, able(policy.escalateTo), able(head)].filter((one) => one !== undefined);
  const named = [...new Set(inTurn)].slice(0, 2);
  const approvers = (named.length > 0 ? named : await someAdmin(userId)).map(asApprover);
  if (approvers.length === 0) throw refuse('no_approver');
  return { asker: asApprover(asker), approvers };
}
