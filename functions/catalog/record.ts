import { identities } from '#functions/auth/store.ts';
import { checkedCustom } from '#functions/settings/custom.ts';
import { refuse } from '#shared/errors.ts';
import { newsOf, type Edited, type Editing, type RecordKind } from '#shared/record-kind.ts';
import type { Read } from '#shared/table/read.ts';
import type { Write } from '#shared/table/write.ts';
import { fold } from '#shared/text.ts';
import { FREE, NewProduct, priceFaults, Product, ProductAdded, ProductChange, ProductChanged } from './product.ts';
import { products } from './store.ts';

/** A SKU becomes a product's own, written as it may. @throws 409 when another product has it */
async function claimed(read: Read, sku: string, owner: string, at: string): Promise<Write> {
  const claim = { kind: 'sku', value: fold(sku), owner, at };
  const taken = await read.get(identities, { kind: 'sku', value: claim.value });
  if (!taken) return identities.create(claim);
  if (taken.owner !== FREE) throw refuse('taken', { what: 'SKU', value: sku, owner: taken.owner });
  return identities.put(claim, stillOf(FREE));
}

/** Claims carry no version: their owner says whether somebody was faster. */
const stillOf = (owner: string) => ({
  ConditionExpression: '#owner = :owner',
  ExpressionAttributeNames: { '#owner': 'owner' },
  ExpressionAttributeValues: { ':owner': owner },
});

async function create(read: Read, input: NewProduct, { now, newId }: Editing): Promise<Edited> {
  const id = newId('product');
  const custom = await checkedCustom('product', input.custom ?? {}, undefined);
  const write = products.create({ ...input, custom, id, version: 1, active: true });
  return {
    writes: [write, await claimed(read, input.sku, id, now)],
    events: [ProductAdded.of(write, { sku: input.sku })],
    answer: write,
    status: 201,
  };
}

async function change(read: Read, before: Product, input: ProductChange, { now }: Editing): Promise<Edited> {
  const custom = input.custom && {
    custom: (await checkedCustom('product', input.custom, before.custom ?? {})) ?? null,
  };
  const news = newsOf(before, { ...input, ...custom }, now);
  if (!news) return { answer: products.asIs(before) };
  const write = products.save(before, news);
  const faults = priceFaults(write.item);
  if (faults.length > 0) throw refuse('invalid', {}, faults);
  const value = fold(before.sku);
  const moves = news.sku !== undefined && fold(news.sku) !== value;
  const identity = moves
    ? [
        identities.put({ kind: 'sku', value, owner: FREE, at: now }, stillOf(before.id)),
        await claimed(read, write.item.sku, before.id, now),
      ]
    : [];
  return { writes: [write, ...identity], events: [ProductChanged.of(write, {})], answer: write };
}

export const productRecord: RecordKind<Product, NewProduct, ProductChange> = {
  kind: 'product',
  right: 'product.change',
  New: NewProduct,
  Change: ProductChange,
  create,
  change,
  get: (read, id) => read.get(products, { id }),
  matches: ['sku'],
  async find(read, _, value) {
    const owner = (await read.get(identities, { kind: 'sku', value: fold(value) }))?.owner;
    return owner === FREE ? undefined : owner;
  },
};
