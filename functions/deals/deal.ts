import * as z from 'zod';
import { planFields } from '#functions/activities/plan.ts';
import { NextAction } from '#functions/leads/lead.ts';
import type { Subject } from '#functions/approvals/approval.ts';
import { missingCustom, type FieldSet } from '#functions/settings/field-set.ts';
import { refuse } from '#shared/errors.ts';
import { eventType } from '#shared/events.ts';
import { personal } from '#shared/fields.ts';
import { Id } from '#shared/id.ts';
import { Currency, digitsOf, format, Money } from '#shared/money.ts';
import { changeFields, notArchived, recordFields, removable } from '#shared/record-kind.ts';
import { Name, Text } from '#shared/text.ts';
import { PlainDate } from '#shared/time.ts';
import { stageOf, type DealType, type Stage } from './deal-type.ts';
import { Line, NewLine, Totals } from './line.ts';

export const StageKind = z.enum(['open', 'won', 'lost']);

/** The decision to buy, while it is being made: what, how much, at which stage. Its execution is an order, which needs no deal. */
export const Deal = z.object({
  id: Id('deal'),
  version: z.int(),
  storyId: z.string(),
  typeId: z.string(),
  category: z.enum(['quick', 'complex']),
  name: Name().meta(personal),
  clientId: Id('client'),
  leadId: Id('lead').optional(),
  ownerId: Id('user'),
  stage: z.string(),
  stageKind: StageKind,
  stageSince: z.string(),
  probability: z.int(),
  currency: Currency,
  lines: z.array(Line),
  ...Totals.shape,
  expectedOn: PlainDate.optional(),
  nextStep: z.string().optional().meta(personal),
  lostReason: z.string().optional().meta(personal),
  approvalId: Id('approval').optional(),
  /** The client its terms were approved for, where that became part of another: approvals go on for the same buyer. */
  approvedFor: z.object({ clientId: z.string(), became: z.string() }).optional(),
  orderId: Id('order').optional(),
  copyOf: Id('deal').optional(),
  createdAt: z.string(),
  closedAt: z.string().optional(),
  ...recordFields,
});
export type Deal = z.output<typeof Deal>;

export const isOpen = ({ stageKind }: Deal): boolean => stageKind === 'open';

export const NewDeal = z.object({
  typeId: z.string().max(61),
  name: Name(),
  currency: Currency.optional(),
  lines: z.array(NewLine).max(200).optional(),
  expectedOn: PlainDate.optional(),
  nextStep: Text(500).optional(),
  custom: changeFields.custom,
});
export type NewDeal = z.output<typeof NewDeal>;

/** A deal with a client we have; whoever opens it owns it unless said. */
export const NewDealOf = NewDeal.extend({ clientId: Id('client'), ownerId: Id('user').optional() });
export type NewDealOf = z.output<typeof NewDealOf>;

export const DealChange = z.object({
  name: Name().optional(),
  clientId: Id('client').optional(),
  lines: z.array(NewLine).max(200).optional(),
  expectedOn: removable(PlainDate),
  nextStep: removable(Text(500)),
  ownerId: Id('user').optional(),
  ...changeFields,
});
export type DealChange = z.output<typeof DealChange>;

/** The machine's part of a deal and its line in the work list. */
export const DealWork = z.object({
  id: Id('deal'),
  version: z.int(),
  storyId: z.string(),
  ownerId: Id('user'),
  state: StageKind,
  /** Expected date while open (far ahead when unknown), closing time afterwards. */
  nextAt: z.string(),
  name: z.string().meta(personal),
  typeId: z.string(),
  stage: z.string(),
  amount: Money,
  clientId: Id('client'),
  approval: z.string().optional(),
  archivedAt: z.string().optional(),
  /** What is to be done next, and when: the first open activity on it. */
  next: NextAction.optional(),
  nextActionAt: z.string().optional(),
  ...planFields,
});
export type DealWork = z.output<typeof DealWork>;

export const DealOpened = eventType('deal.opened', { typeId: z.string(), stage: z.string(), clientId: z.string() });
export const DealChanged = eventType('deal.changed', {});
export const DealAssigned = eventType('deal.assigned', { from: z.string(), to: z.string() });
export const DealMoved = eventType('deal.moved', {
  from: z.string(),
  to: z.string(),
  kind: StageKind,
  daysInStage: z.number(),
});
/** What is to be done next was set, or there is nothing any more. */
export const DealPlanned = eventType('deal.planned', { planned: z.boolean() });
export const DealApprovalKnown = eventType('deal.approval-known', { approvalId: z.string(), state: z.string() });

const UNKNOWN_DATE = '9999-12-31';

/** What the work list shows of a deal. */
export const workView = (deal: Deal): Omit<DealWork, 'version' | 'approval'> => ({
  id: deal.id,
  storyId: deal.storyId,
  ownerId: deal.ownerId,
  state: deal.stageKind,
  nextAt: deal.closedAt ?? deal.expectedOn ?? UNKNOWN_DATE,
  name: deal.name,
  typeId: deal.typeId,
  stage: deal.stage,
  amount: deal.amount,
  clientId: deal.clientId,
  archivedAt: deal.archivedAt,
});

/**
 * The stage a deal may move to, when its type allows the move and the deal has what the stage asks for.
 * @throws 409 wrong_state while it is put away, stage_unknown, move_not_allowed, fields_missing (all at once)
 */
export function move(deal: Deal, type: DealType, to: string, fields: FieldSet): Stage {
  notArchived('The deal', deal);
  const stage = stageOf(type, to);
  if (!stage || stage.retired) throw refuse('stage_unknown', { stage: to });
  const allowed = stageOf(type, deal.stage)?.next ?? [];
  if (!allowed.includes(to))
    throw refuse('move_not_allowed', { from: deal.stage, to, allowed: allowed.join(', ') || '—' });
  const own = stage.requires.filter((field) => {
    const value = deal[field];
    return value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
  });
  const custom = missingCustom(fields, deal.custom, { type: deal.typeId, stage: to });
  const missing = [...own, ...custom.map((id) => `custom.${id}`)];
  if (missing.length > 0) {
    throw refuse(
      'fields_missing',
      { stage: to, fields: missing.join(', ') },
      missing.map((field) => ({
        pointer: `/${field.replace('.', '/')}`,
        code: 'required',
        detail: `Stage ${to} needs ${field}.`,
      })),
    );
  }
  return stage;
}

const percentText = (value: number | undefined): string =>
  value === undefined ? '—' : `${(value / 10_000).toFixed(2).replace(/\.?0+$/, '')} %`;

/** What of a deal is guarded by approvals: party, currency, and every line's product, unit, quantity, price and discount. */
export function approvalSubject(deal: Deal): Subject {
  const { amount, discountPercent, marginPercent, currency, approvedFor } = deal;
  const clientId = approvedFor?.became === deal.clientId ? approvedFor.clientId : deal.clientId;
  const lines = deal.lines.map(({ productId, name, unit, quantity, price, discount }) => ({
    productId: productId ?? null,
    name,
    unit,
    quantity,
    price,
    discount,
  }));
  return {
    entity: 'deal',
    id: deal.id,
    storyId: deal.storyId,
    title: deal.name,
    guarded: { clientId, currency, lines },
    facts: {
      amount: amount.amount / 10 ** digitsOf(currency),
      currency,
      discount: discountPercent / 10_000,
      margin: (marginPercent ?? 0) / 10_000,
      hasCost: marginPercent !== undefined,
      custom: deal.custom,
    },
    shown: [
      { ru: 'Сумма', en: 'Amount', value: format(amount, 'ru') },
      { ru: 'Скидка', en: 'Discount', value: percentText(discountPercent) },
    ],
    shownCost: [{ ru: 'Маржа', en: 'Margin', value: percentText(marginPercent) }],
  };
}
