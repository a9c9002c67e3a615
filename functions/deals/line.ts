import * as z from 'zod';
import type { Product } from '#functions/catalog/product.ts';
import { guarded } from '#shared/fields.ts';
import { Id } from '#shared/id.ts';
import { lineTotal, Money, Percent, Price, Quantity, subtract, sum, WHOLE } from '#shared/money.ts';
import { Name } from '#shared/text.ts';

/** What a seller types: a product with how many, or a line in his own words with its price. */
export const NewLine = z.object({
  productId: Id('product').optional(),
  name: Name().optional(),
  unit: Name(20).optional(),
  quantity: Quantity,
  /** List price of the product unless said. */
  price: Price.optional(),
  discount: Percent.optional(),
});
export type NewLine = z.output<typeof NewLine>;

/** A line as it goes through deal, offer, order and invoice without being typed again. Prices are per unit in the document's currency. */
export const Line = z.object({
  productId: Id('product').optional(),
  sku: z.string().optional(),
  name: z.string(),
  unit: z.string(),
  quantity: Quantity,
  listPrice: Price,
  price: Price,
  discount: Percent,
  taxPercent: Percent,
  cost: Price.optional().meta(guarded('cost')),
  total: Money,
});
export type Line = z.output<typeof Line>;

export const Totals = z.object({
  amount: Money,
  /** The same at list prices without discount. */
  listAmount: Money,
  /** What is given away against list prices, in percent of them; a lowered price counts like a discount. */
  discountPercent: Percent,
  cost: Money.optional().meta(guarded('cost')),
  margin: Money.optional().meta(guarded('cost')),
  marginPercent: Percent.optional().meta(guarded('cost')),
});
export type Totals = z.output<typeof Totals>;

const NONE = 0 as Percent;

/** The line with everything the product knows of it. Rounds once, in the total. */
export function lineOf(typed: NewLine, product: Product | undefined, currency: string): Line {
  const listPrice = product?.price ?? typed.price ?? (0 as Price);
  const price = typed.price ?? listPrice;
  const discount = typed.discount ?? NONE;
  return {
    productId: product?.id,
    sku: product?.sku,
    name: typed.name ?? product?.name ?? '',
    unit: typed.unit ?? product?.unit ?? 'pcs',
    quantity: typed.quantity,
    listPrice,
    price,
    discount,
    taxPercent: product?.taxPercent ?? NONE,
    cost: product?.cost,
    total: lineTotal(price, typed.quantity, discount, currency),
  };
}

/** part ÷ whole in ten-thousandths of a percent, half away from zero. */
const percentOfWhole = (part: number, whole: number): Percent =>
  (whole === 0
    ? 0
    : Number((BigInt(Math.abs(part)) * BigInt(WHOLE) * 2n + BigInt(whole)) / (2n * BigInt(whole))) *
      Math.sign(part)) as Percent;

/** The one function for the money of a set of lines. Cost and margin are known only when every line's cost is. */
export function totalsOf(lines: readonly Line[], currency: string): Totals {
  const amount = sum(
    lines.map(({ total }) => total),
    currency,
  );
  const listAmount = sum(
    lines.map(({ listPrice, quantity }) => lineTotal(listPrice, quantity, 0, currency)),
    currency,
  );
  // What is not known any more is said as well: these figures are laid over those of the lines before.
  const totals: Totals = {
    amount,
    listAmount,
    discountPercent: percentOfWhole(listAmount.amount - amount.amount, listAmount.amount),
    cost: undefined,
    margin: undefined,
    marginPercent: undefined,
  };
  if (lines.length === 0 || lines.some(({ cost }) => cost === undefined)) return totals;
  const cost = sum(
    lines.map((line) => lineTotal(line.cost ?? (0 as Price), line.quantity, 0, currency)),
    currency,
  );
  const margin = subtract(amount, cost);
  return { ...totals, cost, margin, marginPercent: percentOfWhole(margin.amount, amount.amount) };
}
