import * as z from 'zod';
import { presignedUpload } from '#shared/aws/files.ts';
import { commit } from '#shared/command.ts';
import { refuse, type Locale } from '#shared/errors.ts';
import { safeFileName } from '#shared/file-name.ts';
import { route } from '#shared/http/route.ts';
import { Job, startJob } from '#shared/jobs.ts';
import type { User } from '#shared/user.ts';
import { NewImport } from './import-input.ts';
import { fileFields } from './file-field.ts';
import { IMPORT } from './job-name.ts';
import { kindFor } from './kinds.ts';
import { mappingFaults } from './mapping.ts';

const MAX_BYTES = 20_000_000;
const TYPES = {
  csv: 'text/csv',
  txt: 'text/csv',
  tsv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const;

/** Files lie under whoever sent them: another's cannot be named. */
const folderOf = (user: User): string => `uploads/${user.id}/`;
export function mustBeOwn(file: string, user: User): void {
  if (!file.startsWith(folderOf(user)) || file.includes('..')) throw refuse('not_found', { what: 'file', id: file });
}

/** Refused at once rather than by a job that fails; the file itself is looked into by the job. */
async function mustFit(asked: NewImport, user: User, locale: Locale): Promise<void> {
  const kind = kindFor(asked.kind, user);
  if (!asked.columns) return;
  const faults = mappingFaults(asked.columns, Object.keys(asked.columns), await fileFields(kind), asked);
  if (faults.length === 0) return;
  const all = faults.map(({ at, why }) => ({ pointer: `/body${at}`, code: 'mapping', detail: why[locale] }));
  throw refuse('invalid', {}, all);
}

export const Upload = z.object({
  /** To be named in what imports it. */
  file: z.string(),
  /** Where a form with these fields and then `file` is posted, within a quarter of an hour. */
  url: z.string(),
  fields: z.record(z.string(), z.string()),
});

export const importRoutes = [
  route(
    'POST /imports/uploads',
    {
      summary: 'Where to send a CSV or XLSX file of at most 20 MB: the address and the fields of a form',
      rights: 'import.run',
      repeatable: true,
      body: z.object({ name: z.string().min(1).max(200) }),
      returns: Upload,
      status: 201,
    },
    async ({ body, user, newId }) => {
      const name = safeFileName(body.name);
      const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
      const type = Object.hasOwn(TYPES, ending) ? TYPES[ending as keyof typeof TYPES] : undefined;
      if (type === undefined)
        throw refuse('invalid', {}, [
          { pointer: '/body/name', code: 'ending', detail: 'A file that ends in .csv, .txt, .tsv or .xlsx.' },
        ]);
      const file = `${folderOf(user)}${newId('file')}.${ending}`;
      return { file, ...(await presignedUpload(file, { maxBytes: MAX_BYTES, type })) };
    },
  ),

  route(
    'POST /imports',
    {
      summary:
        'Brings in the rows of an uploaded file as records of a kind, as a job with a result for each row; dryRun says what would become of them',
      rights: 'import.run',
      body: NewImport,
      returns: Job,
      status: 202,
    },
    async ({ body, user, locale, now, newId }) => {
      mustBeOwn(body.file, user);
      await mustFit(body, user, locale);
      const by = { id: newId('job'), userId: user.id, keyId: user.key?.id, now };
      return commit(async () => {
        const { write, event } = startJob(IMPORT, body, by);
        return { writes: [write], events: [event], answer: write, status: 202 };
      });
    },
  ),
];
