import { activityTable } from '#functions/activities/read.ts';
import { productTable } from '#functions/catalog/read.ts';
import { clientTable, memberTable, personTable } from '#functions/clients/read.ts';
import { dealTable } from '#functions/deals/read.ts';
import { leadTable } from '#functions/leads/read.ts';
import { orderTable } from '#functions/orders/read.ts';
import type { FieldSetId } from '#functions/settings/field-set.ts';
import { segmentMemberTable, segmentTable } from './read.ts';
import type { ReadTable } from '#shared/read/read-table.ts';

/** Every list of the read copy, and the field set whose fields its records have. */
export const lists: readonly { table: ReadTable; fieldSet?: FieldSetId }[] = [
  { table: leadTable, fieldSet: 'lead' },
  { table: dealTable, fieldSet: 'deal' },
  { table: clientTable, fieldSet: 'client' },
  { table: personTable, fieldSet: 'person' },
  { table: memberTable },
  { table: productTable, fieldSet: 'product' },
  { table: activityTable, fieldSet: 'activity' },
  { table: segmentTable },
  { table: segmentMemberTable },
  { table: orderTable, fieldSet: 'order' },
];
export const tables: readonly ReadTable[] = lists.map(({ table }) => table);
