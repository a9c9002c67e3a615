import { isRefusal, refuse, type Fault } from '#shared/errors.ts';
import { assigned, externalIds, recordOf } from '#shared/external-id.ts';
import { accept } from '#shared/http/problem.ts';
import type { RowDone, Step } from '#shared/job-rows.ts';
import type { AnyRecordKind, Editing } from '#shared/record-kind.ts';
import { changed, created, type May } from '#shared/record-step.ts';
import type { NewEvent } from '#shared/events.ts';
import type { Read } from '#shared/table/read.ts';
import type { Write } from '#shared/table/write.ts';
import type { User } from '#shared/user.ts';
import { readCell, type Writing } from './cell.ts';
import type { FileField } from './field.ts';
import type { NewImport } from './import-input.ts';
import { keyColumn } from './mapping.ts';
import { keyValue, type Lookup } from './reference.ts';
import { rowFault, type Sheet, type SheetRow } from './sheet.ts';

/** Everything that is the same for all rows of an import. */
export type Plan = {
  kind: AnyRecordKind;
  asked: NewImport;
  sheet: Sheet;
  /** The fields that columns fill, by the place of the column. */
  columns: readonly { at: number; name: string; path: string; field: FileField | undefined }[];
  writing: Writing;
  user: User;
  editing: Editing;
  may: May;
  lookup: Lookup;
};

type Values = Record<string, unknown>;
type Given = {
  values: Values;
  refers: { path: string; to: string | undefined; text: string }[];
  keys: Map<string, string>;
};

/** One row as a step of the import: makes a record, changes the one it is about, or says why not. */
export function rowStep(plan: Plan, row: SheetRow): Step {
  const key = keyText(plan, row);
  return {
    n: row.n,
    // Rows about one record are done in the order of the file.
    lane: key === '' ? undefined : key,
    decide: (read) => named(plan, async () => done(plan, row, key, read)),
  };
}

/** The text by which a row is recognised; empty when nothing is asked for or stands there. */
function keyText({ asked: { match }, columns }: Plan, row: SheetRow): string {
  if (match === undefined) return '';
  const path = keyColumn(
    match,
    columns.map((column) => column.path),
  );
  const column = columns.find((one) => one.path === path);
  const text = (column === undefined ? '' : (row.cells[column.at] ?? '')).trim();
  return path === match ? text : (text.split(/[;,\n|]/)[0] ?? '').trim();
}

async function done(plan: Plan, row: SheetRow, key: string, read: Read): Promise<RowDone> {
  const { asked, user, sheet, kind, editing } = plan;
  const broken = rowFault(row, sheet.columns, user.locale);
  if (broken !== undefined) throw refuse('invalid', {}, [{ pointer: '/body', code: 'row', detail: broken }]);
  const given = readRow(plan, row);
  for (const { path, to, text } of given.refers) put(given.values, path, await plan.lookup.find(read, to, text));
  const id = key === '' ? undefined : await idOf(plan, key, read);
  const before = id === undefined ? undefined : await kind.get(read, id);
  if (before && asked.mode === 'create') return { result: 'skipped', recordId: before.id, of: kind.kind };
  if (!before && asked.mode === 'update') throw refuse('not_found', { what: kind.kind, id: key });
  if (before) await plan.may(before);
  const made = before
    ? changed(kind, await kind.change(read, before, changeOf(plan, given.values, before) as never, editing))
    : created(kind, await kind.create(read, newOf(plan, given.values) as never, editing));
  const whole = await withNames(plan, made, given.keys, read);
  return asked.dryRun ? asIf(whole) : whole;
}

/** What would have come of it. */
const asIf = ({ result, recordId, of }: RowDone): RowDone => ({
  result,
  ...(result !== 'created' && recordId !== undefined && { recordId }),
  ...(of !== undefined && { of }),
});

async function idOf({ kind, asked: { match = '' } }: Plan, key: string, read: Read): Promise<string | undefined> {
  if (match === 'id') return key;
  if (match.startsWith('externalId:')) return recordOf(match.slice('externalId:'.length), key, read);
  return kind.find(read, match, await keyValue(match, key));
}

/** The cells of a row as values in wire form. @throws 400 with every cell that cannot be read */
function readRow(plan: Plan, row: SheetRow): Given {
  const given: Given = { values: {}, refers: [], keys: new Map() };
  const faults: Fault[] = [];
  for (const { at, name, path, field } of plan.columns) {
    const text = (row.cells[at] ?? '').trim();
    if (!field) {
      if (path.startsWith('externalId:') && text !== '') given.keys.set(path.slice('externalId:'.length), text);
    } else if (text === '') {
      if (plan.asked.clearEmpty) put(given.values, path, null);
    } else if (field.kind === 'reference') given.refers.push({ path, to: field.to, text });
    else {
      const read = readCell(text, field, plan.writing, plan.user.locale);
      if ('fault' in read)
        faults.push({ pointer: `/body/${name}`, code: 'cell', detail: `«${text.slice(0, 60)}»: ${read.fault}` });
      else {
        put(given.values, path, read.value);
        const spare = 'currency' in read && !plan.columns.some((column) => column.path === 'currency');
        if (spare && plan.kind.New.shape['currency']) put(given.values, 'currency', read.currency);
      }
    }
  }
  if (faults.length > 0) throw refuse('invalid', {}, faults);
  return given;
}

/** Several columns may fill one list; fields of the firm's own lie under `custom`. */
function put(values: Values, path: string, value: unknown): void {
  if (path.startsWith('custom.')) {
    values['custom'] = { ...(values['custom'] as Values | undefined), [path.slice('custom.'.length)]: value };
  } else if (Array.isArray(value) && Array.isArray(values[path])) {
    values[path] = [...new Set([...(values[path] as unknown[]), ...(value as unknown[])])];
  } else values[path] = value;
}

/** What a new record is made of: empty cells give nothing, and money without a sign is in the currency of the import. */
function newOf({ kind, user, asked }: Plan, values: Values): unknown {
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
  const currency = kind.New.shape['currency'] ? { currency: asked.currency } : {};
  return accept(kind.New, { ...currency, ...given }, 'body', user.locale);
}

/** What of a row a change takes: fields that never change are left, and lists only grow. */
function changeOf({ kind, user }: Plan, values: Values, before: Values): unknown {
  const known = Object.entries(values).filter(([path]) => path in kind.Change.shape);
  const grown = known.map(([path, value]) => {
    const had = before[path];
    return [
      path,
      Array.isArray(value) && Array.isArray(had)
        ? [...new Set([...(had as unknown[]), ...(value as unknown[])])]
        : value,
    ];
  });
  return accept(kind.Change, Object.fromEntries(grown), 'body', user.locale);
}

/** Adds to a step the names other systems give to its record. */
async function withNames(plan: Plan, made: RowDone, keys: Given['keys'], read: Read): Promise<RowDone> {
  const recordId = made.recordId ?? '';
  const writes: Write[] = [];
  const events: NewEvent[] = [];
  for (const [system, value] of keys) {
    const before = await read.get(externalIds, { system, value });
    if (before?.recordId === recordId) continue;
    if (before?.recordId !== undefined) throw refuse('taken', { what: system, value, owner: before.recordId });
    const told = assigned(before, { system, value, recordId, now: plan.editing.now });
    writes.push(told.write);
    events.push(...told.events);
  }
  if (writes.length === 0) return made;
  const { decision = {} } = made;
  return {
    ...made,
    result: made.result === 'skipped' ? 'changed' : made.result,
    decision: {
      ...decision,
      writes: [...(decision.writes ?? []), ...writes],
      events: [...(decision.events ?? []), ...events],
    },
  };
}

/** Faults name the column a person sees, not the field it fills. */
async function named(plan: Plan, work: () => Promise<RowDone>): Promise<RowDone> {
  try {
    return await work();
  } catch (error) {
    if (!isRefusal(error) || error.errors.length === 0) throw error;
    const byPath = new Map(plan.columns.map(({ path, name }) => [path, name]));
    const faults = error.errors.map((fault) => {
      const path = fault.pointer.replace(/^\/body\//, '').split('/');
      const name = byPath.get(path.slice(0, path[0] === 'custom' ? 2 : 1).join('.'));
      return name === undefined ? fault : { ...fault, pointer: `/body/${name}` };
    });
    throw refuse(error.code, error.values, faults);
  }
}
