import { identities } from '#functions/auth/store.ts';
import { checkedCustom } from '#functions/settings/custom.ts';
import { refuse } from '#shared/errors.ts';
import { newsOf, type Edited, type Editing, type RecordKind } from '#shared/record-kind.ts';
import type { Read } from '#shared/table/read.ts';
import type { Removal, Write } from '#shared/table/write.ts';
import { fold } from '#shared/text.ts';
import { NewProduct, priceFaults, Product, ProductAdded, ProductChange, ProductChanged } from './product.ts';
import { products } from './store.ts';

/** A SKU becomes a product's own. @throws 409 when another product has it */
async function claimed(read: Read, sku: string, owner: string, at: string): Promise<Write> {
  const claim = { kind: 'sku', value: fold(sku), owner, at };
  const taken = await read.get(identities, claim);
  if (taken) throw refuse('taken', { what: 'SKU', value: sku, owner: taken.owner });
  return identities.create(claim);
}

/** It is free again, unless it became somebody else's meanwhile. */
const freed = (sku: string, owner: string): Removal => ({
  key: identities.key({ kind: 'sku', value: fold(sku) }),
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
  const moves = fold(write.item.sku) !== fold(before.sku);
  return {
    writes: [write, ...(moves ? [await claimed(read, write.item.sku, before.id, now)] : [])],
    removes: moves ? [freed(before.sku, before.id)] : [],
    events: [ProductChanged.of(write, {})],
    answer: write,
  };
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
    return (await read.get(identities, { kind: 'sku', value: fold(value) }))?.owner;
  },
};
