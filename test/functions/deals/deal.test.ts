import type { FieldSet } from '#functions/settings/field-set.ts';
import { describe, expect, it } from 'vitest';
import { approvalSubject, move, workView } from '#functions/deals/deal.ts';
import type { DealType, Stage } from '#functions/deals/deal-type.ts';
import { lineOf } from '#functions/deals/line.ts';
import type { Refusal } from '#shared/errors.ts';
import { hashOf } from '#shared/json.ts';
import { aDeal, aProduct, percent, price, quantity, typed } from '#test/support/deal.ts';

const stage = (id: string, kind: Stage['kind'], requires: Stage['requires'], next: string[]): Stage => ({
  id,
  name: { en: id },
  kind,
  probability: 50,
  requires,
  next,
});
const type: DealType = {
  category: 'complex',
  stages: [
    stage('new', 'open', [], ['offer', 'lost', 'gone']),
    stage('offer', 'open', ['lines', 'expectedOn', 'nextStep'], ['won', 'lost']),
    stage('won', 'won', ['lines'], []),
    stage('lost', 'lost', ['lostReason'], []),
  ],
};
const refusal = (act: () => unknown): Pick<Refusal, 'code' | 'values' | 'errors'> => {
  try {
    act();
  } catch (error) {
    const { code, values, errors } = error as Refusal;
    return { code, values, errors };
  }
  throw new Error('nothing was refused');
};

const NONE: FieldSet = { fields: [] };

describe('a move', () => {
  it('also asks for the fields of the firm that the stage, of this type of deal, needs', () => {
    const field = (id: string, stages: string[], types?: string[]) => ({
      id,
      kind: 'text' as const,
      name: { en: id },
      requiredIn: { stages, types },
    });
    const retired = { ...field('old', ['offer']), retired: true };
    const fields = [field('size', ['offer'], ['quick']), field('use', ['offer'], ['complex']), retired];
    const deal = aDeal({ expectedOn: '2026-12-01', nextStep: 'Call' });
    expect(refusal(() => move(deal, type, 'offer', { fields }))).toMatchObject({
      values: { stage: 'offer', fields: 'custom.size' },
      errors: [{ pointer: '/custom/size' }],
    });
    expect(move({ ...deal, custom: { size: 'big' } }, type, 'offer', { fields }).id).toBe('offer');
  });

  it('is refused while the deal is put away', () => {
    const deal = aDeal({ expectedOn: '2026-12-01', nextStep: 'Call', archivedAt: '2026-11-24T10:00:00.000Z' });
    expect(refusal(() => move(deal, type, 'offer', NONE))).toMatchObject({ code: 'wrong_state' });
  });

  it('goes to a stage that the present one leads to when the deal has what it asks for', () => {
    const deal = aDeal({ expectedOn: '2026-12-01', nextStep: 'Call' });
    expect(move(deal, type, 'offer', NONE)).toBe(type.stages[1]);
    expect(move(aDeal({ lostReason: 'Too dear' }), type, 'lost', NONE).kind).toBe('lost');
  });

  it('names everything that is missing at once, with a place for each', () => {
    expect(refusal(() => move(aDeal({ lines: [], nextStep: '' }), type, 'offer', NONE))).toMatchObject({
      code: 'fields_missing',
      values: { stage: 'offer', fields: 'lines, expectedOn, nextStep' },
      errors: [{ pointer: '/lines' }, { pointer: '/expectedOn' }, { pointer: '/nextStep' }],
    });
  });

  it.each([
    ['a stage that does not exist', 'new', 'nowhere', 'stage_unknown', { stage: 'nowhere' }],
    ['a stage that only the list of moves knows', 'new', 'gone', 'stage_unknown', { stage: 'gone' }],
    [
      'a stage the present one does not lead to',
      'new',
      'won',
      'move_not_allowed',
      { from: 'new', to: 'won', allowed: 'offer, lost, gone' },
    ],
    ['the stage it is in', 'new', 'new', 'move_not_allowed', { allowed: 'offer, lost, gone' }],
    ['anywhere from the end', 'won', 'lost', 'move_not_allowed', { allowed: '—' }],
    ['anywhere from a stage its type has no more', 'old', 'offer', 'move_not_allowed', { from: 'old', allowed: '—' }],
  ])('is refused to %s', (_, from, to, code, values) => {
    expect(refusal(() => move(aDeal({ stage: from }), type, to, NONE))).toMatchObject({ code, values });
  });
});

describe('what an approval guards', () => {
  const line = (change: Parameters<typeof typed>[0]) => lineOf(typed(change), aProduct(), 'RUB');
  const hash = (change: Parameters<typeof aDeal>[0]) => hashOf(approvalSubject(aDeal(change)).guarded);

  it.each([
    ['the price', { lines: [line({ price: price('99') })] }],
    ['the quantity', { lines: [line({ quantity: quantity('2') })] }],
    ['the discount', { lines: [line({ discount: percent('1') })] }],
    ['the unit', { lines: [line({ unit: 'pallet' })] }],
    ['the wording of a line', { lines: [line({ name: 'Other' })] }],
    ['another line', { lines: [line({}), line({})] }],
    ['the client', { clientId: 'client_other' }],
    ['the currency', { currency: 'EUR' }],
  ])('is changed by %s', (_, change) => {
    expect(hash(change)).not.toBe(hash({}));
  });

  it.each([
    ['the name', { name: 'Other' }],
    ['the stage', { stage: 'agreed', probability: 70 }],
    ['the owner', { ownerId: 'user_other' }],
    ['what the product costs us now', { lines: [lineOf(typed(), aProduct({ cost: price('1') }), 'RUB')] }],
  ])('is not changed by %s', (_, change) => {
    expect(hash(change)).toBe(hash({}));
  });

  it('tells rules amounts in major units and percentages as people write them', () => {
    const deal = aDeal({ lines: [line({ quantity: quantity('3'), discount: percent('12.5') })] });
    expect(approvalSubject(deal).facts).toEqual({
      amount: 262.5,
      currency: 'RUB',
      discount: 12.5,
      margin: 31.4286,
      hasCost: true,
    });
    const yen = aDeal({ currency: 'JPY', lines: [lineOf(typed(), aProduct({ cost: undefined }), 'JPY')] });
    expect(approvalSubject(yen).facts).toMatchObject({ amount: 100, margin: 0, hasCost: false });
  });

  it('shows amount and discount to everybody, the margin apart', () => {
    const { shown, shownCost } = approvalSubject(aDeal({ lines: [line({ discount: percent('12.5') })] }));
    expect(shown.map(({ en }) => en)).toEqual(['Amount', 'Discount']);
    expect(shown[1]?.value).toBe('12.5 %');
    expect(shownCost?.map(({ en, value }) => [en, value])).toEqual([['Margin', '31.43 %']]);
  });
});

it.each([
  [{ expectedOn: '2026-12-01' }, '2026-12-01'],
  [{}, '9999-12-31'],
  [{ expectedOn: '2026-12-01', closedAt: '2026-11-25T10:00:00.000Z' }, '2026-11-25T10:00:00.000Z'],
])('lists a deal with %o under %s', (change, nextAt) => {
  expect(workView(aDeal(change)).nextAt).toBe(nextAt);
});
