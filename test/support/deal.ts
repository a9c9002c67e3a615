import type { Deal } from '#functions/deals/deal.ts';
import { totalsOf, lineOf, type NewLine } from '#functions/deals/line.ts';
import type { Product } from '#functions/catalog/product.ts';
import { Percent, Price, Quantity } from '#shared/money.ts';
import * as z from 'zod';

export const price = (text: string): Price => z.decode(Price, text);
export const quantity = (text: string): Quantity => z.decode(Quantity, text);
export const percent = (text: string): Percent => z.decode(Percent, text);

/** An id of this prefix that ends in `name`, written in the letters of ids. */
export const idOf = (prefix: string, name: string): string =>
  `${prefix}_${name
    .toUpperCase()
    .replaceAll(/[ILOU]/g, '0')
    .padStart(26, '0')}`;

/** A product of 100.00 that costs us 60.00; `cost: undefined` makes the cost unknown. */
export const aProduct = (change: Partial<Product> = {}): Product => ({
  id: idOf('product', 'PUMP'),
  version: 1,
  sku: 'PUMP',
  name: 'Pump',
  category: 'pumps',
  unit: 'pcs',
  price: price('100'),
  cost: price('60'),
  currency: 'RUB',
  taxPercent: percent('20'),
  active: true,
  ...change,
});

/** What a seller types: one piece of it, unless said. */
export const typed = (change: Partial<NewLine> = {}): NewLine => ({ quantity: quantity('1'), ...change });

/** A deal of one pump at list price in the stage `new`. */
export function aDeal(change: Partial<Deal> = {}): Deal {
  const currency = change.currency ?? 'RUB';
  const lines = change.lines ?? [lineOf(typed(), aProduct({ currency }), currency)];
  return {
    id: idOf('deal', 'A'),
    version: 1,
    storyId: 'story_a',
    typeId: 'quick',
    category: 'quick',
    name: 'Pumps for Orion',
    clientId: idOf('client', 'A'),
    ownerId: idOf('user', 'SE'),
    stage: 'new',
    stageKind: 'open',
    stageSince: '2026-11-23T10:00:00.000Z',
    probability: 30,
    currency,
    createdAt: '2026-11-23T10:00:00.000Z',
    ...totalsOf(lines, currency),
    ...change,
    lines,
  };
}
