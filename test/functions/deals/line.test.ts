import { describe, expect, it } from 'vitest';
import { lineOf, totalsOf } from '#functions/deals/line.ts';
import { money } from '#shared/money.ts';
import { aProduct, percent, price, quantity, typed } from '#test/support/deal.ts';

describe('a line', () => {
  it.each([
    ['three at 0.333 less nothing', '0.333', '3', '0', 'RUB', 100],
    ['half a kopeck goes away from zero', '0.01', '0.5', '0', 'RUB', 1],
    ['just under half a kopeck is nothing', '0.0099', '0.5', '0', 'RUB', 0],
    ['a discount is taken before the one rounding', '33.33', '3', '10', 'RUB', 8999],
    ['all given away', '100', '7', '100', 'RUB', 0],
    ['a third of a percent', '100', '1', '0.3333', 'RUB', 9967],
    ['yen have no minor unit', '100.5', '3', '0', 'JPY', 302],
    ['dinars have three decimals', '1.2345', '1', '0', 'KWD', 1235],
    ['a millionth of a piece', '10000', '0.000001', '0', 'RUB', 1],
    ['a great many', '99999999.9999', '1000', '0', 'RUB', 9_999_999_999_990],
  ])('costs, rounded once: %s', (_, unitPrice, count, discount, currency, total) => {
    const line = lineOf(
      typed({ quantity: quantity(count), price: price(unitPrice), discount: percent(discount) }),
      undefined,
      currency,
    );
    expect(line.total).toEqual(money(total, currency));
  });

  it('takes from the product what nobody typed', () => {
    expect(lineOf(typed(), aProduct(), 'RUB')).toEqual({
      productId: aProduct().id,
      sku: 'PUMP',
      name: 'Pump',
      unit: 'pcs',
      quantity: 1_000_000,
      listPrice: 1_000_000,
      price: 1_000_000,
      discount: 0,
      taxPercent: 200_000,
      cost: 600_000,
      total: money(10_000, 'RUB'),
    });
  });

  it('keeps what was typed over the product, and the list price beside it', () => {
    const line = lineOf(typed({ name: 'Our pump', unit: 'box', price: price('90') }), aProduct(), 'RUB');
    expect(line).toMatchObject({ name: 'Our pump', unit: 'box', price: 900_000, listPrice: 1_000_000, sku: 'PUMP' });
  });

  it('in own words has its own price as list price: nothing is given away on it', () => {
    const line = lineOf(typed({ name: 'Work', price: price('5') }), undefined, 'RUB');
    expect(line).toMatchObject({ listPrice: 50_000, price: 50_000, unit: 'pcs', cost: undefined, taxPercent: 0 });
  });
});

describe('the money of a set of lines', () => {
  const line = (change: Parameters<typeof typed>[0], product = aProduct()) => lineOf(typed(change), product, 'RUB');

  it('adds totals that are rounded already, not exact ones', () => {
    const half = lineOf(typed({ name: 'x', price: price('0.005') }), undefined, 'RUB');
    expect(totalsOf([half, half, half], 'RUB').amount).toEqual(money(3, 'RUB'));
  });

  it('counts a lowered price like a discount', () => {
    const byPrice = totalsOf([line({ price: price('90') })], 'RUB');
    const byDiscount = totalsOf([line({ discount: percent('10') })], 'RUB');
    expect(byPrice).toEqual(byDiscount);
    expect(byPrice).toEqual({
      amount: money(9000, 'RUB'),
      listAmount: money(10_000, 'RUB'),
      discountPercent: percent('10'),
      cost: money(6000, 'RUB'),
      margin: money(3000, 'RUB'),
      marginPercent: percent('33.3333'),
    });
  });

  it('shows a raised price as a negative discount', () => {
    expect(totalsOf([line({ price: price('110') })], 'RUB').discountPercent).toBe(percent('-10'));
  });

  it.each([
    ['2/3 of a percent is rounded half away from zero', '99.3333', '0.67'],
    ['a sixth', '83.33', '16.67'],
  ])('gives the discount of rounded amounts: %s', (_, lowered, discount) => {
    expect(totalsOf([line({ price: price(lowered) })], 'RUB').discountPercent).toBe(percent(discount));
  });

  it('is a loss below cost', () => {
    const { margin, marginPercent } = totalsOf([line({ price: price('40') })], 'RUB');
    expect([margin, marginPercent]).toEqual([money(-2000, 'RUB'), percent('-50')]);
  });

  it('says nothing of cost and margin when the cost of one line is unknown', () => {
    const unknown = line({}, aProduct({ cost: undefined }));
    expect(totalsOf([line({}), unknown], 'RUB')).toMatchObject({
      cost: undefined,
      margin: undefined,
      marginPercent: undefined,
    });
  });

  it('is nothing without lines, in the currency of the document', () => {
    expect(totalsOf([], 'EUR')).toEqual({ amount: money(0, 'EUR'), listAmount: money(0, 'EUR'), discountPercent: 0 });
  });

  it('divides nothing by nothing when all is free', () => {
    const free = totalsOf([line({ discount: percent('100') })], 'RUB');
    expect([free.discountPercent, free.marginPercent]).toEqual([percent('100'), 0]);
  });

  it('refuses lines of two currencies', () => {
    const euro = lineOf(typed({ name: 'x', price: price('1') }), undefined, 'EUR');
    expect(() => totalsOf([line({}), euro], 'RUB')).toThrow('EUR');
  });
});

it('lays unknown cost and margin over those known of the lines before', () => {
  const known = totalsOf([lineOf(typed(), aProduct(), 'RUB')], 'RUB');
  const unknown = totalsOf([lineOf(typed(), aProduct({ cost: undefined }), 'RUB')], 'RUB');
  expect({ ...known, ...unknown }).toMatchObject({ cost: undefined, margin: undefined, marginPercent: undefined });
});
