import * as z from 'zod';
import type { Fault } from '#shared/errors.ts';
import { eventType } from '#shared/events.ts';
import { guarded } from '#shared/fields.ts';
import { Id } from '#shared/id.ts';
import { Currency, Percent, Price, WHOLE } from '#shared/money.ts';
import { changeFields, recordFields, removable } from '#shared/record-kind.ts';
import { Name } from '#shared/text.ts';

/** What we sell: goods or a service, with its list price and what it costs us per unit. */
export const Product = z.object({
  id: Id('product'),
  version: z.int(),
  sku: z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N}._/-]{0,59}$/u, { error: 'letters, digits and . _ / -, at most 60' }),
  name: Name(),
  category: z.string().regex(/^[a-z0-9-]{1,60}$/, { error: 'lower-case Latin letters, digits and hyphens' }),
  unit: Name(20),
  price: Price,
  cost: Price.optional().meta(guarded('cost')),
  currency: Currency,
  taxPercent: Percent,
  active: z.boolean(),
  ...recordFields,
});
export type Product = z.output<typeof Product>;

export const NewProduct = Product.omit({ id: true, version: true, active: true, archivedAt: true }).refine(
  (product) => priceFaults(product).length === 0,
  { error: 'price and cost are 0 or more, the tax 0 to 100 percent' },
);
export type NewProduct = z.output<typeof NewProduct>;

export const ProductChange = z.object({
  ...Product.omit({ id: true, version: true, cost: true, archivedAt: true, custom: true }).partial().shape,
  cost: removable(Product.shape.cost.unwrap()).meta(guarded('cost')),
  ...changeFields,
});
export type ProductChange = z.output<typeof ProductChange>;

/** What no price list may hold. */
export const priceFaults = ({
  price,
  cost = 0 as Price,
  taxPercent,
}: Pick<Product, 'price' | 'cost' | 'taxPercent'>): Fault[] =>
  [
    { field: 'price', wrong: price < 0, detail: 'The price is 0 or more.' },
    { field: 'cost', wrong: cost < 0, detail: 'The cost is 0 or more.' },
    { field: 'taxPercent', wrong: taxPercent < 0 || taxPercent > WHOLE, detail: 'The tax is 0 to 100 percent.' },
  ]
    .filter(({ wrong }) => wrong)
    .map(({ field, detail }) => ({ pointer: `/body/${field}`, code: 'too_small', detail }));

export const ProductAdded = eventType('product.added', { sku: z.string() });
export const ProductChanged = eventType('product.changed', {});
