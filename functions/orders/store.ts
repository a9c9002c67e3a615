import { entity } from '#shared/table/entity.ts';
import { Order } from './order.ts';

export const orders = entity('order', Order, { part: 'R' });
