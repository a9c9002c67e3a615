import { beforeAll, expect, it } from 'vitest';
import type { Approval, Subject } from '#functions/approvals/approval.ts';
import { guard } from '#functions/approvals/guard.ts';
import type { Policy } from '#functions/approvals/policy.ts';
import { teams, users } from '#functions/auth/store.ts';
import { forget, settings } from '#functions/settings/store.ts';
import { reader } from '#shared/table/read.ts';
import { transact } from '#shared/table/transact.ts';
import { putItem } from '#shared/table/write.ts';
import { asker, approver, chief, head } from '#test/support/approval.ts';
import { idOf } from '#test/support/deal.ts';
import { NOW } from '#test/support/note.ts';
import { freshTable } from '#test/support/table.ts';

const gone = approver('Gone');
const other = approver('Other');

beforeAll(async () => {
  await freshTable();
  const account = { version: 1, roles: ['head' as const], teamId: idOf('team', 'A'), createdAt: NOW };
  const made = [asker, head, chief, gone, other].map((one) =>
    users.create({ ...account, ...one, active: one !== gone }),
  );
  const team = teams.create({ id: idOf('team', 'A'), version: 1, name: 'A', headId: head.id, memberIds: [asker.id] });
  await transact([...made, team].map(({ put }) => putItem(put)));
});

const subject: Subject = {
  entity: 'deal',
  id: idOf('deal', 'A'),
  storyId: 'story_a',
  title: 'Pumps for Orion',
  guarded: { discount: 12 },
  facts: { amount: 100, currency: 'RUB', discount: 12, margin: 0, hasCost: false },
  shown: [],
};

/** Whom a policy asks, in turn, when this user asks. */
async function askedBy(userId: string, policy: Partial<Policy>): Promise<string[]> {
  const body = { subject: 'deal', when: 'true', deadlineHours: 24, ...policy };
  const setting = { kind: 'policy', id: 'one', version: 1, name: 'One', body, updatedAt: NOW, updatedBy: 'system' };
  await transact([putItem(settings.put(setting).put)]);
  forget();
  const asking = { userId, now: NOW, requestId: 'request-1', newId: () => idOf('approval', 'A') };
  const { writes } = await guard(reader, subject, undefined, asking);
  return (writes[0]?.after as Approval | undefined)?.approvers.map(({ name }) => name) ?? [];
}

it.each([
  ['the head of the team, who is named nowhere', {}, ['Head']],
  ['the head, then whom it goes up to', { escalateTo: chief.id }, ['Head', 'Chef']],
  ['whom it names, then the head', { approverId: other.id }, ['Other', 'Head']],
  ['whom it names, then whom it goes up to', { approverId: other.id, escalateTo: chief.id }, ['Other', 'Chef']],
  ['the head for one who left', { approverId: gone.id }, ['Head']],
])('asks %s', async (_, policy, names) => {
  expect(await askedBy(asker.id, policy)).toEqual(names);
});

it('never asks the asker himself, and refuses where he is the only one', async () => {
  expect(await askedBy(head.id, { escalateTo: chief.id })).toEqual(['Chef']);
  expect(await askedBy(other.id, { approverId: other.id })).toEqual(['Head']);
  await expect(askedBy(head.id, { approverId: gone.id, escalateTo: head.id })).rejects.toMatchObject({
    code: 'no_approver',
  });
});
