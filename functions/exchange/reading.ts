import * as z from 'zod';
import { Delimiters, Encodings } from './text-file.ts';

/** How a file is read; what is not said is found out by its content. */
export const Reading = z.object({
  encoding: z.enum(Encodings).optional(),
  delimiter: z.enum(Delimiters).optional(),
  /** Of a workbook; the first one unless said. */
  sheet: z.string().max(100).optional(),
});
export type Reading = z.output<typeof Reading>;

export const Format = z.object({
  format: z.enum(['csv', 'xlsx']),
  encoding: z.enum(Encodings).optional(),
  delimiter: z.enum(Delimiters).optional(),
  sheets: z.array(z.string()).optional(),
});
