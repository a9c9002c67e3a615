import * as z from 'zod';
import { Currency } from '#shared/money.ts';
import { Reading } from './reading.ts';

/** What is imported and how. `columns`: the field each column fills, e.g. `{ "Почта": "email", "Размер": "custom.size" }`. */
export const NewImport = z.object({
  kind: z.string().max(40),
  /** The key of an uploaded file. */
  file: z.string().max(300),
  /** As the file was called: the file of failed rows is named after it. */
  name: z.string().max(200).optional(),
  columns: z.record(z.string().max(500), z.string().max(100)).optional(),
  /** How a row is recognised as a record we have: `id`, `email`, `sku`, `externalId:1c`… */
  match: z.string().max(100).optional(),
  mode: z.enum(['create', 'update', 'both']).default('create'),
  /** Says what would become of each row, and writes nothing. */
  dryRun: z.boolean().default(false),
  /** Whether letters are written and routes started for what comes in. */
  runRoutes: z.boolean().default(false),
  /** Whether an empty cell takes the value of a record away; else it leaves it. */
  clearEmpty: z.boolean().default(false),
  ...Reading.shape,
  decimal: z.enum(['auto', ',', '.']).default('auto'),
  dates: z.enum(['auto', 'dmy', 'mdy', 'ymd']).default('auto'),
  /** Of money without a sign. */
  currency: Currency.default('RUB'),
});
export type NewImport = z.output<typeof NewImport>;
