import { guard, type Guarded } from '#functions/approvals/guard.ts';
import { users } from '#functions/auth/store.ts';
import { clients } from '#functions/clients/store.ts';
import { mustBeWhole, needSurvivor } from '#functions/clients/survivor.ts';
import { checkedCustom } from '#functions/settings/custom.ts';
import { needInForce } from '#functions/settings/store.ts';
import { refuse } from '#shared/errors.ts';
import type { NewEvent } from '#shared/events.ts';
import { newsOf, type Edited, type Editing, type RecordKind } from '#shared/record-kind.ts';
import type { Read } from '#shared/table/read.ts';
import { dealTypeKind } from './deal-type.ts';
import { approvalSubject, Deal, DealAssigned, DealChange, DealChanged, isOpen, NewDealOf } from './deal.ts';
import { totalsOf } from './line.ts';
import { opened } from './open.ts';
import { deals, filledLines, workWrite } from './store.ts';

async function mustWorkHere(read: Read, id: string | undefined): Promise<void> {
  if (id === undefined || (await read.get(users, { id }))?.active) return;
  throw refuse('not_found', { what: 'user', id });
}

async function create(read: Read, input: NewDealOf, { user, now, requestId, newId }: Editing): Promise<Edited> {
  const { clientId, ownerId, ...asked } = input;
  const type = await needInForce(dealTypeKind, asked.typeId);
  const client = await needSurvivor(read, clients, clientId);
  await mustWorkHere(read, ownerId);
  const opening = { userId: user.id, now, requestId, newId };
  const { write, ...deal } = await opened(read, type, asked, client, opening, ownerId === undefined ? {} : { ownerId });
  return { ...deal, answer: write, status: 201 };
}

/** What a deal is about; once it is won or lost this is history. */
const TERMS: readonly (keyof Deal)[] = ['name', 'clientId', 'lines', 'expectedOn', 'nextStep'];

async function change(read: Read, before: Deal, input: DealChange, editing: Editing): Promise<Edited> {
  const lines = input.lines && (await filledLines(read, input.lines, before.currency));
  const place = { type: before.typeId, stage: before.stage };
  const given = {
    ...input,
    ...(lines && { lines, ...totalsOf(lines, before.currency) }),
    ...(input.custom && { custom: (await checkedCustom('deal', input.custom, before.custom ?? {}, place)) ?? null }),
  };
  const changes = newsOf(before, given, editing.now);
  // The same terms said again ask again, where their approval was refused or ran out.
  if (!changes && !lines) return { answer: deals.asIs(before) };
  const news = changes ?? {};
  if (TERMS.some((field) => field in news)) mustBeOpen(before);
  if (news.clientId !== undefined) mustBeWhole('The client', await read.need(clients, { id: news.clientId }));
  await mustWorkHere(read, news.ownerId);
  const changed = { ...before, ...news };
  const guarded = await guardedFor(read, before, changed, editing);
  const askedAnew = guarded.approvalId !== before.approvalId;
  if (!changes && !askedAnew) return { answer: deals.asIs(before) };
  const write = deals.save(before, { ...news, approvalId: guarded.approvalId });
  const asked = guarded.approvalId === undefined ? undefined : 'pending';
  const work = await workWrite(read, write.item, askedAnew ? { approval: asked } : {});
  const { ownerId, ...others } = news;
  const events: NewEvent[] = [
    ...(ownerId === undefined ? [] : [DealAssigned.of(write, { from: before.ownerId, to: ownerId })]),
    ...(Object.keys(others).length === 0 && !askedAnew ? [] : [DealChanged.of(write, {})]),
  ];
  return { writes: [write, work, ...guarded.writes], events: [...events, ...guarded.events], answer: write };
}

/** Terms of a deal that goes on are looked at again; what is closed or put away asks nobody. */
async function guardedFor(read: Read, before: Deal, changed: Deal, { user, ...rest }: Editing): Promise<Guarded> {
  if (!isOpen(changed) || changed.archivedAt !== undefined)
    return { approvalId: before.approvalId, writes: [], events: [] };
  return guard(read, approvalSubject(changed), before.approvalId, { userId: user.id, ...rest });
}

export function mustBeOpen(deal: Deal): void {
  if (!isOpen(deal)) throw refuse('wrong_state', { what: 'The deal', state: deal.stageKind, why: 'it is closed' });
}

export const dealRecord: RecordKind<Deal, NewDealOf, DealChange> = {
  kind: 'deal',
  right: 'deal.change',
  New: NewDealOf,
  Change: DealChange,
  create,
  change,
  get: (read, id) => read.get(deals, { id }),
  matches: [],
  find: async () => undefined,
};
