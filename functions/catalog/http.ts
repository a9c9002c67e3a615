import * as z from 'zod';
import { commit } from '#shared/command.ts';
import { Paged, PageQuery, pageOf } from '#shared/http/page.ts';
import { route } from '#shared/http/route.ts';
import { listWhole, need } from '#shared/table/read.ts';
import { stillAt } from '#shared/stale.ts';
import { NewProduct, Product, ProductChange } from './product.ts';
import { productRecord } from './record.ts';
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
    async (asked) => commit((read) => productRecord.create(read, asked.body, asked)),
  ),

  route(
    'PUT /products/{id}',
    {
      summary: 'Changes a product; a new SKU takes the place of the old one, which another product may then have',
      rights: 'product.change',
      ifMatch: true,
      body: ProductChange,
      returns: Product,
    },
    async (asked) =>
      commit(async (read) => {
        const product = await read.need(products, { id: asked.params.id });
        await stillAt(product.id, product.version, asked.ifMatch);
        return productRecord.change(read, product, asked.body, asked);
      }),
  ),
];
