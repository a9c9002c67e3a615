import * as z from 'zod';
import { getFile, putFile } from '#shared/aws/files.ts';
import { commit } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { jobRows } from '#shared/job-rows.ts';
import type { Doing } from '#shared/jobs.ts';
import { entity } from '#shared/table/entity.ts';
import { get, listAll } from '#shared/table/read.ts';
import { CSV_MARK, csvLine, inertText } from './csv.ts';
import type { Plan } from './import-row.ts';
import type { Reading } from './reading.ts';
import { readSheet, type Sheet } from './sheet.ts';

/** The first import of a file: the same file again is told of it. */
const importedFiles = entity(
  'importedFile',
  z.object({ kind: z.string(), hash: z.string(), jobId: z.string(), at: z.string() }),
);

/** When a file was imported before as records of this kind. */
export const importedBefore = async (kind: string, hash: string): Promise<{ jobId: string; at: string } | undefined> =>
  get(importedFiles, { kind, hash });

/** Notes that a file is imported. Answers the job that did it before, if one did. */
export async function noteImport(doing: Doing, kind: string, hash: string): Promise<string | undefined> {
  await doing.perform(
    commit(async (read) => {
      if (await read.get(importedFiles, { kind, hash })) return undefined;
      return { writes: [importedFiles.create({ kind, hash, jobId: doing.jobId, at: doing.now })] };
    }),
  );
  const first = await importedBefore(kind, hash);
  return first?.jobId === doing.jobId ? undefined : first?.jobId;
}

let last: { key: string; sheet: Promise<Sheet> } | undefined;

/** A file of rows, read once for all chunks that one instance does. @throws 404 when it is gone, 422 when it cannot be read */
export async function sheetOf(file: string, reading: Reading): Promise<Sheet> {
  const key = JSON.stringify([file, reading]);
  if (last?.key === key) return last.sheet;
  const sheet = getFile(file).then((bytes) => {
    if (!bytes) throw refuse('not_found', { what: 'file', id: file });
    return readSheet(bytes, reading);
  });
  last = { key, sheet };
  sheet.catch(() => (last = undefined));
  return sheet;
}

const NUMBER = /^-[\d\s.,]+$/;
const REASON = { ru: 'Почему не принято', en: 'Why it was refused' };

/** The rows that were refused as a file that can be mended and imported again: as they were, and why. Undefined without any. */
export async function failedFile({ jobId }: Doing, { sheet, user }: Plan): Promise<string | undefined> {
  const rows = await listAll(jobRows, { jobId });
  const why = new Map(rows.filter(({ result }) => result === 'failed').map((row) => [Number(row.n), row.why ?? '']));
  if (why.size === 0) return undefined;
  const delimiter = sheet.delimiter ?? ';';
  const line = (cells: readonly string[]): string =>
    csvLine(
      cells.map((cell) => (NUMBER.test(cell) ? cell : inertText(cell))),
      delimiter,
    );
  const lines = sheet.rows.flatMap(({ n, cells }) => {
    const reason = why.get(n);
    const whole = sheet.columns.map((_, at) => cells[at] ?? '');
    return reason === undefined ? [] : [line([...whole, reason])];
  });
  const key = `results/${jobId}/failed.csv`;
  await putFile(
    key,
    CSV_MARK + line([...sheet.columns, REASON[user.locale]]) + lines.join(''),
    'text/csv; charset=utf-8',
  );
  return key;
}
