import * as z from 'zod';
import { route } from '#shared/http/route.ts';
import { fileFields } from './file-field.ts';
import { importedBefore, sheetOf } from './import-file.ts';
import { mustBeOwn } from './import-http.ts';
import { kindFor } from './kinds.ts';
import { proposedMapping } from './mapping.ts';
import { Format, Reading } from './reading.ts';

const SAMPLES = 5;
const MAX_SAMPLE = 200;

const Preview = z.object({
  ...Format.shape,
  rows: z.int(),
  /** Every column with some of what it holds, and the field it seems to fill. */
  columns: z.array(z.object({ name: z.string(), samples: z.array(z.string()), field: z.string().optional() })),
  /** The fields there are, and which tell records apart. */
  fields: z.array(z.object({ path: z.string(), kind: z.string(), required: z.boolean(), name: z.string() })),
  matches: z.array(z.string()),
  /** The same file came in before. */
  importedBefore: z.object({ jobId: z.string(), at: z.string() }).optional(),
});

export const previewRoutes = [
  route(
    'POST /imports/preview',
    {
      summary: 'What a file holds: format, encoding, columns with samples, and which field each seems to fill',
      rights: 'import.run',
      repeatable: true,
      body: z.object({ kind: z.string().max(40), file: z.string().max(300), ...Reading.shape }),
      returns: Preview,
    },
    async ({ body: { kind: name, file, ...reading }, user, locale }) => {
      mustBeOwn(file, user);
      const kind = kindFor(name, user);
      const sheet = await sheetOf(file, reading);
      const fields = await fileFields(kind);
      const proposed = proposedMapping(sheet.columns, fields);
      const { format, encoding, delimiter, sheets, columns, rows } = sheet;
      const before = await importedBefore(name, sheet.hash);
      return {
        format,
        encoding,
        delimiter,
        sheets,
        rows: rows.length,
        columns: columns.map((column, at) => ({ name: column, samples: samplesOf(rows, at), field: proposed[column] })),
        fields: fields.map(({ path, kind: type, required, names }) => ({
          path,
          kind: type,
          required,
          name: names[locale],
        })),
        matches: ['id', ...kind.matches],
        ...(before && { importedBefore: { jobId: before.jobId, at: before.at } }),
      };
    },
  ),
];

const samplesOf = (rows: readonly { cells: readonly string[] }[], at: number): string[] =>
  [...new Set(rows.slice(0, 200).map(({ cells }) => (cells[at] ?? '').trim().slice(0, MAX_SAMPLE)))]
    .filter((text) => text !== '')
    .slice(0, SAMPLES);
