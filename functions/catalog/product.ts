import * as z from 'zod';
import { eventType } from '#shared/events.ts';
import { guarded } from '#shared/fields.ts';
import { Id } from '#shared/id.ts';
import { Currency, Percent, Price, WHOLE } from '#shared/money.ts';
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
});
export type Product = z.output<typeof Product>;

export const NewProduct = Product.omit({ id: true, version: true, active: true }).refine(
  ({ price, cost = 0, taxPercent }) => price >= 0 && cost >= 0 && taxPercent >= 0 && taxPercent <= WHOLE,
  { error: 'price and cost are 0 or more, the tax 0 to 100 percent' },
);
export const ProductAdded = eventType('product.added', { sku: z.string() });
