import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { approvalListeners } from '#functions/approvals/events.ts';
import { users } from '#functions/auth/store.ts';
import { approvalRuns, approvals, tokens } from '#functions/approvals/store.ts';
import { approvalTasks } from '#functions/approvals/tasks.ts';
import { letters as starterLetters } from '#functions/exchange/starter-letters.ts';
import { letters } from '#functions/mail/store.ts';
import { templateKind } from '#functions/mail/template.ts';
import { forget, settings } from '#functions/settings/store.ts';
import { derivedKey, useSecret } from '#shared/aws/secret.ts';
import { linkHash } from '#shared/decision-link.ts';
import { asEvent, events } from '#shared/events.ts';
import { hears } from '#shared/listen.ts';
import { get, list, listWhole, need } from '#shared/table/read.ts';
import { transact } from '#shared/table/transact.ts';
import { putItem } from '#shared/table/write.ts';
import { performs } from '#shared/tasks.ts';
import { SendTaskSuccessCommand, SFNClient, TaskTimedOut } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { anApproval, asker, chief, head } from '#test/support/approval.ts';
import { NOW } from '#test/support/note.ts';
import { freshTable } from '#test/support/table.ts';

process.env['POWERTOOLS_LOG_LEVEL'] = 'SILENT';
const workflows = mockClient(SFNClient);
beforeAll(() => useSecret('the secret of the test'));
beforeEach(async () => {
  await freshTable();
  forget();
  workflows.reset();
  workflows.on(SendTaskSuccessCommand).resolves({});
  const templates = Object.entries(starterLetters).map(([id, { name, body }]) =>
    settings.create({ kind: templateKind.kind, id, version: 1, name, body, updatedAt: NOW, updatedBy: 'system' }),
  );
  const people = [head, chief, asker].map((one) => account(one));
  await transact([...templates, ...people].map((write) => putItem(write.put)));
});
const account = (one: typeof head, active = true) =>
  users.put({ ...one, version: 1, roles: ['head'], active, createdAt: NOW });

const lambda = { getRemainingTimeInMillis: () => 30_000 };
const perform = performs(approvalTasks);
const approval = anApproval();
const { id } = approval;
const stored = async (change: Parameters<typeof anApproval>[0] = {}) =>
  transact([putItem(approvals.put(anApproval(change)).put)]);
const ask = async (round: number, token: string) =>
  perform({ task: 'askApprover', token, requestId: 'request-1', input: { approvalId: id, round } }, lambda);
const run = async (task: string) => perform({ task, requestId: 'request-1', input: { approvalId: id } }, lambda);
const lettersOf = async () =>
  (await listWhole(letters, 'gsi2', { recordId: approval.subjectId })).items.map(({ template, to, state, reason }) => [
    template,
    to.email,
    state,
    reason,
  ]);
const eventsOf = async () => (await list(events, 'item', { recordId: id }, { consistent: true })).items.map(asEvent);
const opens = async (approverId: string, round: number) =>
  get(tokens, { hash: linkHash(derivedKey('decision-link'), { approvalId: id, approverId, round }) });

describe('asking an approver', () => {
  it('writes him a letter, opens one link for him, and keeps the token of the run', async () => {
    await stored();
    await ask(1, 'token-1');
    expect(await lettersOf()).toEqual([['approval-ask', head.email, 'queued', undefined]]);
    expect(await opens(head.id, 1)).toMatchObject({ approvalId: id, approver: head, round: 1 });
    expect(await need(approvalRuns, { approvalId: id, round: '1' })).toMatchObject({ token: 'token-1', version: 1000 });
    expect((await eventsOf()).map(({ type, data }) => [type, data])).toEqual([
      ['approval.awaited', { round: 1, approverId: head.id }],
    ]);
  });

  it('asks the other one when the first was switched off meanwhile', async () => {
    await stored();
    await transact([putItem(account(head, false).put)]);
    await ask(1, 'token-1');
    expect(await lettersOf()).toEqual([['approval-ask', chief.email, 'queued', undefined]]);
    expect(await opens(head.id, 1)).toBeUndefined();
  });

  it('twice, as a retry does, changes only the token of the run', async () => {
    await stored();
    await ask(1, 'token-1');
    await ask(1, 'token-2');
    expect(await lettersOf()).toHaveLength(1);
    expect(await need(approvalRuns, { approvalId: id, round: '1' })).toMatchObject({ token: 'token-2', version: 1001 });
  });

  it('puts neither the token of the run nor the link into an event or a letter', async () => {
    await stored();
    await ask(1, 'token-1');
    await ask(1, 'token-2');
    const told = await eventsOf();
    expect(told).toHaveLength(2);
    expect(JSON.stringify(told)).not.toContain('token-');
    const { items } = await listWhole(letters, 'gsi2', { recordId: approval.subjectId });
    expect(items[0]?.html).not.toContain('/public/decisions/');
  });

  it('above asks the next one, and both links stay open', async () => {
    await stored();
    await ask(1, 'token-1');
    await ask(2, 'token-2');
    expect(new Set((await lettersOf()).map(([, email]) => email))).toEqual(new Set([chief.email, head.email]));
    expect([await opens(head.id, 1), await opens(chief.id, 2)].map((token) => token?.round)).toEqual([1, 2]);
  });

  it('of what is decided already asks nobody, but lets the run go on', async () => {
    await stored({ state: 'approved', decidedBy: { id: head.id, name: 'Head' }, decidedAt: NOW });
    await ask(1, 'token-1');
    expect([await lettersOf(), await opens(head.id, 1)]).toEqual([[], undefined]);
    const [awaited] = await eventsOf();
    await hears(approvalListeners)({ detail: awaited }, lambda);
    expect(workflows.commandCalls(SendTaskSuccessCommand).map(({ args }) => args[0].input)).toEqual([
      { taskToken: 'token-1', output: JSON.stringify({ state: 'approved' }) },
    ]);
  });
});

describe('a run that waits', () => {
  it('is left waiting while nobody decided', async () => {
    await stored();
    await ask(1, 'token-1');
    await hears(approvalListeners)({ detail: (await eventsOf())[0] }, lambda);
    expect(workflows.commandCalls(SendTaskSuccessCommand)).toEqual([]);
  });

  it('is resumed in every round it waits in; a round that is over is no failure', async () => {
    await stored();
    await ask(1, 'token-1');
    await ask(2, 'token-2');
    await stored({ state: 'refused', version: 2 });
    workflows
      .on(SendTaskSuccessCommand, { taskToken: 'token-1' })
      .rejects(new TaskTimedOut({ message: 'over', $metadata: {} }));
    await hears(approvalListeners)({ detail: (await eventsOf())[0] }, lambda);
    expect(workflows.commandCalls(SendTaskSuccessCommand).map(({ args }) => args[0].input.taskToken)).toEqual([
      'token-1',
      'token-2',
    ]);
  });

  it('is tried again when it could not be resumed', async () => {
    await stored();
    await ask(1, 'token-1');
    await stored({ state: 'approved', version: 2 });
    workflows.on(SendTaskSuccessCommand).rejects(new Error('no states'));
    await expect(hears(approvalListeners)({ detail: (await eventsOf())[0] }, lambda)).rejects.toThrow('no states');
  });
});

describe('the end of an approval', () => {
  it('by silence is noted once, and never over a decision', async () => {
    await stored();
    await run('expireApproval');
    await run('expireApproval');
    expect((await need(approvals, { id })).state).toBe('expired');
    expect((await eventsOf()).map(({ type }) => type)).toEqual(['approval.expired']);
    await stored({ state: 'approved', version: 3 });
    await run('expireApproval');
    expect((await need(approvals, { id })).state).toBe('approved');
  });

  it.each([
    ['approved', { decidedBy: { id: head.id, name: 'Head' } }],
    ['refused', { decidedBy: { id: head.id, name: 'Head' }, comment: 'Too much' }],
    ['expired', {}],
  ] as const)('is told to the asker once: %s', async (state, change) => {
    await stored({ state, ...change });
    await run('tellAsker');
    await run('tellAsker');
    expect(await lettersOf()).toEqual([[`approval-${state}`, asker.email, 'queued', undefined]]);
  });

  it.each(['pending', 'voided'] as const)('is not told while it is %s', async (state) => {
    await stored({ state });
    await run('tellAsker');
    expect(await lettersOf()).toEqual([]);
  });
});
