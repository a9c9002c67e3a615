import { refuse } from '#shared/errors.ts';
import { countSteps, doSteps } from '#shared/job-rows.ts';
import type { Chunk, Doing, JobKind } from '#shared/jobs.ts';
import { behind } from './acting.ts';
import { fileFields } from './file-field.ts';
import type { FileField } from './field.ts';
import { failedFile, noteImport, sheetOf } from './import-file.ts';
import { NewImport } from './import-input.ts';
import { rowStep, type Plan } from './import-row.ts';
import { IMPORT } from './job-name.ts';
import { kindFor, mayChange } from './kinds.ts';
import { mappingFaults, proposedMapping } from './mapping.ts';
import { recordsNamed } from './named-record.ts';
import { lookup } from './reference.ts';
import { Reading } from './reading.ts';
import type { Sheet } from './sheet.ts';

/** Rows of one chunk: then the job says how far it has come, and may be stopped. */
const PAGE = 250;

/** Brings in the rows of a file; see `NewImport`. */
export const importJob: JobKind = {
  ...IMPORT,
  async chunk(doing) {
    const { plan, acting } = await planOf(doing);
    const { sheet, asked, user } = plan;
    const from = Number(doing.cursor ?? 0);
    const first = doing.cursor === undefined && !asked.dryRun;
    const sameAs = first ? await noteImport(doing, asked.kind, sheet.hash) : undefined;
    const steps = sheet.rows.slice(from, from + PAGE).map((row) => rowStep(plan, row));
    const quiet = asked.runRoutes ? {} : { quiet: true };
    const { next, ...done } = await doSteps(doing, steps, { ...acting, ...quiet, locale: user.locale });
    const at = next === undefined ? from + PAGE : next - 1;
    const last = at >= sheet.rows.length;
    const failed = last ? await failedFile(doing, plan) : undefined;
    return {
      ...done,
      total: sheet.rows.length,
      output: { ...(sameAs !== undefined && { sameAs }), ...(failed !== undefined && { failed }) },
      ...(!last && { cursor: String(at) }),
    };
  },
  async stop(doing): Promise<Chunk> {
    const { plan } = await planOf(doing);
    const from = Number(doing.cursor ?? 0);
    const done = await countSteps(
      doing,
      plan.sheet.rows.slice(from, from + PAGE).map(({ n }) => n),
    );
    const failed = await failedFile(doing, plan);
    return { ...done, total: plan.sheet.rows.length, ...(failed !== undefined && { output: { failed } }) };
  },
};

async function planOf(doing: Doing) {
  const { user, editing, acting } = await behind(doing);
  const asked = NewImport.parse(doing.input);
  const kind = kindFor(asked.kind, user);
  const sheet = await sheetOf(asked.file, Reading.parse(asked));
  const fields = await fileFields(kind);
  const mapping = asked.columns ?? proposedMapping(sheet.columns, fields);
  const faults = mappingFaults(mapping, sheet.columns, fields, asked);
  if (faults.length > 0)
    throw refuse('file_unreadable', { why: faults.map(({ at, why }) => `${at}: ${why[user.locale]}`).join('; ') });
  const plan: Plan = {
    kind,
    asked,
    sheet,
    columns: columnsOf(sheet, mapping, fields),
    writing: { ...asked, zone: user.zone, serials: sheet.format === 'xlsx' },
    user,
    editing,
    may: mayChange(kind, user),
    lookup: lookup(recordsNamed(user, doing.now)),
  };
  return { plan, acting };
}

const columnsOf = (sheet: Sheet, mapping: Readonly<Record<string, string>>, fields: readonly FileField[]) =>
  sheet.columns.flatMap((name, at) => {
    const path = mapping[name];
    return path === undefined ? [] : [{ at, name, path, field: fields.find((one) => one.path === path) }];
  });
