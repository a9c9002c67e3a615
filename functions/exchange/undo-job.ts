import { refuse } from '#shared/errors.ts';
import { countSteps, doSteps, jobRows, rowNumber, type JobRow, type RowDone, type Step } from '#shared/job-rows.ts';
import { jobs, type Doing, type JobKind } from '#shared/jobs.ts';
import type { AnyRecordKind, Editing } from '#shared/record-kind.ts';
import { changed } from '#shared/record-step.ts';
import { getMany, list, listWhole, need, type Read } from '#shared/table/read.ts';
import type { User } from '#shared/user.ts';
import { behind } from './acting.ts';
import { UNDO } from './job-name.ts';
import { kindFor, mayChange } from './kinds.ts';

/** Steps of the other job that are looked at in one chunk. */
const PAGE = 200;

/**
 * Takes back what another job did, the last step first: what it made is put away, what it changed gets its old values. A
 * record that was changed since stays as it is, and its row says so. Steps have the numbers of those they take back.
 */
export const undoJob: JobKind = {
  ...UNDO,
  async chunk(doing) {
    const { user, editing, acting } = await behind(doing);
    const { rows, last } = await stepsOf(doing);
    const steps = rows.map((row): Step => {
      const kind = kindFor(row.of ?? '', user);
      return {
        n: Number(row.n),
        lane: row.recordId,
        about: { recordId: row.recordId, of: row.of },
        decide: takenBack(doing.jobId, row, { kind, editing, user }),
      };
    });
    const { next, ...done } = await doSteps(doing, steps, { ...acting, locale: user.locale });
    const cursor = next ?? last - PAGE;
    return { ...done, total: await totalOf(doing), ...(cursor > 0 && { cursor: String(cursor) }) };
  },
  async stop(doing) {
    const { rows } = await stepsOf(doing);
    return countSteps(
      doing,
      rows.map(({ n }) => Number(n)),
    );
  },
};

const other = ({ input }: Doing): string => String(input['jobId']);

/** Those of the next steps that did something, from the one the cursor names downwards. */
async function stepsOf(doing: Doing): Promise<{ rows: JobRow[]; last: number }> {
  const jobId = other(doing);
  const last = doing.cursor === undefined ? await lastOf(jobId) : Number(doing.cursor);
  const numbers = Array.from({ length: Math.min(PAGE, last) }, (_, place) => rowNumber(last - place));
  const rows = await getMany(
    jobRows,
    numbers.map((n) => ({ jobId, n })),
  );
  return { rows: rows.filter(didSomething), last };
}

const didSomething = ({ result, recordVersion }: JobRow): boolean =>
  (result === 'created' || result === 'changed') && recordVersion !== undefined;

async function lastOf(jobId: string): Promise<number> {
  const { items } = await list(jobRows, 'item', { jobId }, { descending: true, limit: 1, consistent: true });
  return Number(items[0]?.n ?? 0);
}

async function totalOf(doing: Doing): Promise<number> {
  const { created, changed } = await need(jobs, { id: other(doing) });
  return created + changed;
}

type Taking = { kind: AnyRecordKind; editing: Editing; user: User };

const takenBack =
  (undoId: string, row: JobRow, { kind, editing, user }: Taking) =>
  async (read: Read): Promise<RowDone> => {
    const record = await kind.get(read, row.recordId ?? '');
    if (!record) throw refuse('not_found', { what: kind.kind, id: row.recordId ?? '' });
    await mayChange(kind, user)(record);
    const yours = await versionLeft(read, undoId, row);
    if (record.version !== yours) throw refuse('stale', { current: record.version, yours });
    const back = row.result === 'created' ? { archived: true } : row.before;
    return changed(kind, await kind.change(read, record, kind.Change.parse(back) as never, editing));
  };

/**
 * The version at which a record lies when only the job itself touched it: that of this step, or, where a later step changed
 * the record again, the one after that step was taken back.
 */
async function versionLeft(read: Read, undoId: string, row: JobRow): Promise<number> {
  const { items } = await listWhole(
    jobRows,
    'gsi2',
    { recordId: row.recordId ?? '', jobId: row.jobId },
    { limit: 100 },
  );
  const later = items.filter((one) => one.n > row.n && didSomething(one)).toSorted((a, b) => (a.n < b.n ? -1 : 1))[0];
  const taken = later && (await read.get(jobRows, { jobId: undoId, n: later.n }));
  return taken?.recordVersion ?? row.recordVersion ?? 0;
}
