import * as z from 'zod';
import { identities } from '#functions/auth/store.ts';
import { commit } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { Paged, PageQuery, pageOf } from '#shared/http/page.ts';
import { route } from '#shared/http/route.ts';
import { listWhole, need } from '#shared/table/read.ts';
import { fold } from '#shared/text.ts';
import { NewProduct, Product, ProductAdded } from './product.ts';
import { products } from './store.ts';

export const productRoutes = [
  route('GET /products/{id}', { summary: 'A product', rights: 'product.read', returns: Product }, async ({ params }) =>
    need(products, { id: params.id }),
  ),

  route(
    'GET /products',
    {
      summary: 'The products of a category by SKU',
      rights: 'product.read',
      query: z.object({ category: z.string().min(1).max(60), ...PageQuery.shape }),
      returns: Paged(Product),
    },
    async ({ query }) => listWhole(products, 'gsi2', { category: query.category }, pageOf(query)),
  ),

  route(
    'POST /products',
    { summary: 'Adds a product', rights: 'product.change', body: NewProduct, returns: Product, status: 201 },
    async ({ body, now, newId }) => {
      const id = newId('product');
      const value = fold(body.sku);
      return commit(async (read) => {
        const taken = await read.get(identities, { kind: 'sku', value });
        if (taken) throw refuse('taken', { what: 'SKU', value: body.sku, owner: taken.owner });
        const write = products.create({ ...body, id, version: 1, active: true });
        return {
          writes: [write, identities.create({ kind: 'sku', value, owner: id, at: now })],
          events: [ProductAdded.of(write, { sku: body.sku })],
          answer: write,
        };
      });
    },
  ),
];
