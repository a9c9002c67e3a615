import { guard, type Guarded } from '#functions/approvals/guard.ts';
import type { Client } from '#functions/clients/client.ts';
import { checkedCustom } from '#functions/settings/custom.ts';
import { clients } from '#functions/clients/store.ts';
import { notMerged } from '#functions/clients/survivor.ts';
import type { InForce } from '#functions/settings/store.ts';
import { refuse } from '#shared/errors.ts';
import type { Read } from '#shared/table/read.ts';
import { DealOpened, approvalSubject, type Deal, type NewDeal } from './deal.ts';
import type { DealType } from './deal-type.ts';
import { totalsOf } from './line.ts';
import { deals, filledLines, workWrite } from './store.ts';
import type { dealTypeKind } from './deal-type.ts';

type Opening = { userId: string; now: string; requestId: string; newId(prefix: string): string };
type Type = InForce<(typeof dealTypeKind)['schema']>;
const DEFAULT_CURRENCY = 'RUB';

/** What must be written to open a deal with a client: the deal, its work line, and an approval if its terms need one. */
export async function opened(
  read: Read,
  type: Type,
  asked: NewDeal,
  client: Pick<Client, 'id' | 'storyId'> & { isNew?: boolean },
  opening: Opening,
  also: Partial<Deal> = {},
) {
  if (type.archived)
    throw refuse('wrong_state', { what: `The deal type ${type.id}`, state: 'archived', why: 'choose another' });
  const currency = asked.currency ?? DEFAULT_CURRENCY;
  const lines = await filledLines(read, asked.lines ?? [], currency);
  const first = firstStage(type.body);
  const place = { type: type.id, stage: first.id };
  const copied = 'copyOf' in also;
  const deal: Deal = {
    id: opening.newId('deal'),
    version: 1,
    storyId: client.storyId,
    typeId: type.id,
    category: type.body.category,
    name: asked.name,
    clientId: client.id,
    ownerId: opening.userId,
    stage: first.id,
    stageKind: first.kind,
    stageSince: opening.now,
    probability: first.probability,
    currency,
    lines,
    ...totalsOf(lines, currency),
    expectedOn: asked.expectedOn,
    nextStep: asked.nextStep,
    createdAt: opening.now,
    custom: copied ? also.custom : await checkedCustom('deal', asked.custom ?? {}, undefined, place),
    ...also,
  };
  const guarded: Guarded = await guard(read, approvalSubject(deal), undefined, opening);
  const write = deals.create({ ...deal, approvalId: guarded.approvalId });
  const work = await workWrite(read, deal, { approval: guarded.approvalId === undefined ? undefined : 'pending' });
  const told = DealOpened.of(write, { typeId: type.id, stage: first.id, clientId: client.id });
  return {
    write,
    writes: [write, work, ...guarded.writes],
    events: [told, ...guarded.events],
    checks: client.isNew ? [] : [notMerged(clients, client.id)],
  };
}

function firstStage({ stages }: DealType) {
  const [first] = stages;
  if (!first) throw refuse('stage_unknown', { stage: '—' });
  return first;
}
