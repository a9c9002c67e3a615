import { products } from '#functions/catalog/store.ts';
import type { Product } from '#functions/catalog/product.ts';
import { refuse } from '#shared/errors.ts';
import { lineTotal } from '#shared/money.ts';
import { entity } from '#shared/table/entity.ts';
import type { Read } from '#shared/table/read.ts';
import type { Write } from '#shared/table/write.ts';
import { Deal, DealWork, workView } from './deal.ts';
import { lineOf, type Line, type NewLine } from './line.ts';

export const deals = entity('deal', Deal, { part: 'R' });
export const dealWorks = entity('dealWork', DealWork, { part: 'W' });

/** Fills typed lines from the catalogue. @throws 404 for an unknown product, 409 for a mixed currency, 400 for a line without name or price */
export async function filledLines(read: Read, typed: readonly NewLine[], currency: string): Promise<Line[]> {
  const ids = typed.flatMap(({ productId }) => (productId === undefined ? [] : [productId]));
  const found = new Map(
    (
      await read.getMany(
        products,
        [...new Set(ids)].map((id) => ({ id })),
      )
    ).map((product) => [product.id, product]),
  );
  return typed.map((line, place) => {
    const product = line.productId === undefined ? undefined : found.get(line.productId);
    if (line.productId !== undefined && !product) throw refuse('not_found', { what: 'product', id: line.productId });
    if (product && product.currency !== currency)
      throw refuse('currency_mixed', { currencies: `${currency}, ${product.currency}` });
    if (!product && (line.name === undefined || line.price === undefined)) {
      throw refuse('invalid', {}, [
        {
          pointer: `/body/lines/${place}`,
          code: 'required',
          detail: 'A line without a product needs a name and a price.',
        },
      ]);
    }
    if (line.quantity <= 0 || (line.price ?? 0) < 0 || (line.discount ?? 0) < 0 || (line.discount ?? 0) > 1_000_000) {
      throw refuse('invalid', {}, [
        {
          pointer: `/body/lines/${place}`,
          code: 'too_small',
          detail: 'The quantity is more than 0, the price 0 or more, the discount 0 to 100.',
        },
      ]);
    }
    return sizedLine(line, product, currency, place);
  });
}

/** Two hundred lines of this add up exactly; no sale is larger. Minor units. */
const MAX_LINE = 1e13;

function sizedLine(line: NewLine, product: Product | undefined, currency: string, place: number): Line {
  const tooLarge = refuse('invalid', {}, [
    {
      pointer: `/body/lines/${place}`,
      code: 'too_big',
      detail: 'The line comes to more than can be reckoned exactly.',
    },
  ]);
  try {
    const made = lineOf(line, product, currency);
    const list = lineTotal(made.listPrice, made.quantity, 0, currency);
    const cost = lineTotal(made.cost ?? made.price, made.quantity, 0, currency);
    if ([made.total, list, cost].some(({ amount }) => amount > MAX_LINE)) throw tooLarge;
    return made;
  } catch (error) {
    throw error instanceof RangeError ? tooLarge : error;
  }
}

/** The work line of a deal that was just opened or changed; the machine's own fields stay. */
export async function workWrite(read: Read, deal: Deal, change: Partial<DealWork> = {}): Promise<Write> {
  const work = await read.get(dealWorks, { id: deal.id });
  return work
    ? dealWorks.save(work, { ...workView(deal), ...change })
    : dealWorks.create({ planned: false, lastActionAt: deal.createdAt, ...workView(deal), ...change, version: 1 });
}
