import { entity } from '#shared/table/entity.ts';
import { Product } from './product.ts';

export const products = entity('product', Product, { part: 'R' });
