import { expect, it } from 'vitest';
import type { Decision } from '#functions/approvals/approval.ts';
import { decide } from '#functions/approvals/decide.ts';
import type { Refusal } from '#shared/errors.ts';
import { anApproval, approver, asker, chief, head } from '#test/support/approval.ts';

const NOW = '2026-11-23T12:00:00.000Z';
const yes: Decision = { decision: 'approve' };
const refusalOf = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    const { code, status, values, errors } = error as Refusal;
    return { code, status, values, errors };
  }
  return undefined;
};

it.each([
  ['the first asked approves', head, yes, { state: 'approved' }],
  ['whom it goes up to may decide at any time', chief, yes, { state: 'approved' }],
  [
    'a refusal says why',
    head,
    { decision: 'refuse', comment: ' Too much ' },
    { state: 'refused', comment: 'Too much' },
  ],
  ['leave may come with a word', head, { ...yes, comment: 'Once' }, { state: 'approved', comment: 'Once' }],
] as const)('%s', (_, by, decision, change) => {
  const { writes = [], events = [], answer } = decide(anApproval(), by, decision, NOW);
  expect(writes).toEqual([answer]);
  expect(answer?.after).toMatchObject({
    ...change,
    version: 2,
    decidedBy: { id: by.id, name: by.name },
    decidedAt: NOW,
  });
  expect(events.map(({ type, data }) => [type, data])).toEqual([
    ['approval.decided', { subjectId: anApproval().subjectId, state: change.state }],
  ]);
});

it.each([
  ['a refusal without a word', anApproval(), head, { decision: 'refuse' }, { code: 'invalid', status: 400 }],
  ['a refusal of spaces', anApproval(), head, { decision: 'refuse', comment: ' \n' }, { code: 'invalid', status: 400 }],
  ['the asker himself', anApproval(), asker, yes, { code: 'own_approval', status: 409 }],
  [
    'the asker, also where somebody made him an approver',
    anApproval({ approvers: [asker, head] }),
    asker,
    yes,
    { code: 'own_approval' },
  ],
  ['somebody who was not asked', anApproval(), approver('Eve'), yes, { code: 'forbidden', status: 403 }],
  ['a voided one', anApproval({ state: 'voided' }), head, yes, { code: 'already_decided', status: 409 }],
  ['an expired one', anApproval({ state: 'expired' }), head, yes, { code: 'already_decided' }],
  [
    'a decided one, by the same approver too: it says who and when',
    anApproval({ state: 'refused', decidedBy: { id: chief.id, name: 'Chef' }, decidedAt: NOW }),
    head,
    yes,
    { code: 'already_decided', values: { state: 'refused', by: 'Chef', at: NOW } },
  ],
] as const)('takes no decision: %s', (_, approval, by, decision, refusal) => {
  expect(refusalOf(() => decide(approval, by, decision, NOW))).toMatchObject(refusal);
});
