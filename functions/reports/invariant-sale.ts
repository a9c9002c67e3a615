import { policyKind, asks } from '#functions/approvals/policy.ts';
import { approvalSubject, Deal } from '#functions/deals/deal.ts';
import { totalsOf } from '#functions/deals/line.ts';
import { Order } from '#functions/orders/order.ts';
import { hashOf } from '#shared/json.ts';
import { isLate, text, twice, type Broken, type Item, type Table } from './invariant-table.ts';

/** I1: every accepted request is one lead, or lies where a person sees it; a lead names the one request it came of. */
export function* intakeFaults(table: Table): Generator<Broken> {
  const rule = 'I1 intake';
  for (const raw of table.of('raw')) {
    const id = text(raw['id']);
    const { state, attention, leadId } = raw;
    if (state === 'received' && isLate(table, raw['at'], 1))
      yield { rule, id, why: 'it was received and nothing came of it' };
    if (state === 'done' && table.find('lead', leadId)?.['rawId'] !== id)
      yield { rule, id, why: `it is done, but ${text(leadId) || 'no lead'} does not name it` };
    const waits = state === 'quarantined' || state === 'unmapped';
    if (waits !== (attention === state))
      yield { rule, id, why: `it is ${text(state)}, and listed as ${text(attention) || 'nothing'}` };
    if (waits && leadId !== undefined) yield { rule, id, why: `it waits for a person, and is lead ${text(leadId)}` };
  }
  for (const lead of table.of('lead')) {
    if (lead['rawId'] === undefined) continue;
    if (table.find('raw', lead['rawId'])?.['leadId'] !== lead['id'])
      yield { rule, id: text(lead['id']), why: `request ${text(lead['rawId'])} does not name it` };
  }
  for (const [rawId, leads] of twice(table.of('lead'), (lead) => lead['rawId'] as string | undefined))
    yield { rule, id: rawId, why: `it became ${leads.length} leads` };
  for (const claim of table.of('rawKey'))
    if (!table.find('raw', claim['rawId']))
      yield { rule, id: text(claim['rawId']), why: 'it was claimed, and is not there' };
}

/** I6: an approval leaves pending once; what was sold over a policy has the approval for exactly that. */
export async function* approvalFaults(table: Table): AsyncGenerator<Broken> {
  const rule = 'I6 approval';
  const leaving = Map.groupBy(
    table
      .of('event')
      .filter((event) => changesOf(event).some(({ field, from }) => field === 'state' && from === 'pending')),
    (event) => text(event['recordId']),
  );
  for (const approval of table.of('approval')) {
    const id = text(approval['id']);
    const left = leaving.get(id)?.length ?? 0;
    if (left !== (approval['state'] === 'pending' ? 0 : 1))
      yield { rule, id, why: `it is ${text(approval['state'])} and left pending ${left} times` };
    const decided = approval['state'] === 'approved' || approval['state'] === 'refused';
    if (decided && approval['decidedBy'] === undefined) yield { rule, id, why: 'it is decided by nobody' };
  }
  const policies = table.of('setting').filter(({ kind }) => kind === policyKind.kind);
  for (const item of table.of('deal')) {
    const { data: deal } = Deal.safeParse(item);
    if (deal?.stageKind !== 'won') continue;
    const subject = approvalSubject(deal);
    const inForce = policies.filter(({ updatedAt }) => text(updatedAt) < (deal.closedAt ?? ''));
    const needed = await anyAsks(inForce, subject);
    const approval = table.find('approval', deal.approvalId);
    if (needed && (approval?.['state'] !== 'approved' || approval['hash'] !== hashOf(subject.guarded)))
      yield { rule, id: deal.id, why: 'it is won on terms that nobody approved' };
  }
}

async function anyAsks(
  policies: readonly Item[],
  { entity, facts }: ReturnType<typeof approvalSubject>,
): Promise<boolean> {
  for (const { body } of policies) {
    const policy = policyKind.schema.safeParse(body).data;
    if (policy && policy.subject === entity && (await asks(policy, facts))) return true;
  }
  return false;
}

/** I10: stages are a chain. I13: one currency, totals are the sum of the lines. A deal has one order at most. */
export function* dealFaults(table: Table): Generator<Broken> {
  for (const item of [...table.of('deal'), ...table.of('order')]) {
    const parsed = (item['type'] === 'deal' ? Deal : Order).safeParse(item);
    const id = text(item['id']);
    if (parsed.success) yield* moneyFaults(id, parsed.data);
    else yield { rule: 'I13 money', id, why: `it does not read: ${parsed.error.issues[0]?.message ?? ''}` };
  }
  for (const [dealId, orders] of twice(table.of('order'), ({ dealId }) => dealId as string | undefined))
    yield { rule: 'order', id: dealId, why: `it has ${orders.length} orders` };
  for (const deal of table.of('deal')) {
    const order = deal['orderId'] === undefined ? undefined : table.find('order', deal['orderId']);
    if ((deal['stageKind'] === 'won') !== (order !== undefined) || (order && order['dealId'] !== deal['id']))
      yield {
        rule: 'order',
        id: text(deal['id']),
        why: `it is ${text(deal['stageKind'])}, its order ${text(deal['orderId']) || 'none'}`,
      };
  }
  yield* chainFaults(table);
}

function* moneyFaults(id: string, document: Deal | Order): Generator<Broken> {
  const rule = 'I13 money';
  const { lines, currency, amount } = document;
  const all = [amount, document.listAmount, ...lines.map(({ total }) => total)];
  if (all.some((money) => money.currency !== currency || !Number.isSafeInteger(money.amount)))
    yield { rule, id, why: 'it has money of another currency, or no whole minor units' };
  else if (JSON.stringify(totalsOf(lines, currency).amount) !== JSON.stringify(amount))
    yield { rule, id, why: 'its amount is not the sum of its lines' };
}

type Change = { field: string; from?: unknown; to?: unknown };
const changesOf = (event: Item): readonly Change[] => (event['changes'] as Change[] | undefined) ?? [];

/**
 * The fields whose history must be a chain: each event's from is the to of the one before, and the last is what is there.
 * Only of records that are never changed by the way in another's event: those say no more than that they were touched.
 */
const CHAINS = [
  ['deal', 'stage'],
  ['lead', 'state'],
  ['approval', 'state'],
] as const;

function* chainFaults(table: Table): Generator<Broken> {
  const byRecord = Map.groupBy(table.of('event'), (event) => text(event['recordId']));
  for (const [type, field] of CHAINS)
    for (const item of table.of(type)) {
      const id = text(item['id']);
      const told = (byRecord.get(id) ?? []).filter(({ place }) => text(place).startsWith('R'));
      const changes = told
        .sort((a, b) => (text(a['place']) < text(b['place']) ? -1 : 1))
        .flatMap((event) =>
          changesOf(event)
            .filter((change) => change.field === field)
            .slice(0, 1),
        );
      const broken = changes.findIndex(({ from }, at) => at > 0 && from !== changes[at - 1]?.to);
      const last = changes.at(-1);
      if (broken > 0 || (last && last.to !== item[field]))
        yield { rule: 'I10 chain', id, why: `its ${field} is not what its events say one after the other` };
    }
}
