import * as z from 'zod';

/** Which records of a list are taken out, and how; the list says what a filter may be. */
export const NewExport = z.object({
  list: z.string().max(40),
  filter: z.string().max(4000).optional(),
  search: z.string().max(200).optional(),
  archived: z.boolean().optional(),
  sort: z.string().max(80).optional(),
  /** In this order; all that may be seen unless said. */
  fields: z.array(z.string().max(100)).min(1).max(200).optional(),
  format: z.enum(['csv', 'xlsx']).default('csv'),
  /** Of the titles, numbers and days; that of whoever asks unless said. */
  language: z.enum(['ru', 'en']).optional(),
});
export type NewExport = z.output<typeof NewExport>;
