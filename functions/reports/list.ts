import { holds, reachOf } from '#functions/auth/rights.ts';
import { fieldSetInForce } from '#functions/settings/custom.ts';
import type { FieldKind } from '#functions/settings/field.ts';
import { customColumns } from '#functions/settings/field-set.ts';
import { refuse } from '#shared/errors.ts';
import { asOf } from '#shared/read/as-of.ts';
import type { Copy } from '#shared/read/copy.ts';
import type { ColumnKind } from '#shared/read/column.ts';
import type { CustomKinds } from '#shared/read/filter.ts';
import { today, type Source } from '#shared/read/list.ts';
import { currentCopy, type Current } from '#shared/read/open.ts';
import { cellOf, conditionOf, fault, type Viewer } from '#shared/read/select.ts';
import { shapeOf } from '#shared/read/shape.ts';
import type { ReadTable } from '#shared/read/read-table.ts';
import { getMany } from '#shared/table/read.ts';
import { systemNow } from '#shared/time.ts';
import type { User } from '#shared/user.ts';
import { lists, tables } from './lists.ts';
import type { Segment } from './segment.ts';
import { segments } from './segment-store.ts';

const KINDS: Readonly<Record<FieldKind, ColumnKind>> = {
  text: 'text',
  number: 'number',
  money: 'money',
  date: 'date',
  choice: 'text',
  'multi-choice': 'list',
  person: 'text',
  link: 'text',
  file: 'text',
};

/** How the firm's own fields of a list may be compared; retired ones too, as old records have them. */
export async function customKindsOf(name: string): Promise<CustomKinds> {
  const fieldSet = lists.find(({ table }) => table.name === name)?.fieldSet;
  if (fieldSet === undefined) return new Map();
  return new Map(customColumns(await fieldSetInForce(fieldSet)).map(({ id, kind }) => [id, KINDS[kind]]));
}

/** What a copy knows of a segment, for filters that name it. */
const segmentOf =
  (copy: Copy): NonNullable<Viewer['segment']> =>
  (list, id) => {
    const found = copy.one(
      'SELECT item FROM "segments" JOIN "segments:item" USING (rid) WHERE rowId = ? AND "archivedAt" IS NULL',
      id,
    );
    const segment = found && (JSON.parse(String(found['item'])) as Segment);
    if (segment?.list !== list) return undefined;
    return segment.kind === 'fixed' ? 'fixed' : { rule: segment.filter ?? 'false', owner: segment.ownerId };
  };

/** Reads everything, in the name of somebody whose rule it is. */
export const systemViewer = (copy: Copy, me: string, now: string): Viewer => ({
  me,
  now,
  zone: 'UTC',
  reach: 'all',
  holds: () => true,
  segment: segmentOf(copy),
});

/** As whom a list is read; undefined when he may not read it at all. */
export function viewerOf(user: User, name: string, now: string): Viewer | undefined {
  const right = tables.find((table) => table.name === name)?.rights;
  const reach = right === undefined ? undefined : reachOf(user, right);
  return reach && { me: user.id, now, zone: user.zone, reach, holds: (field) => holds(user, field) };
}

type Reading = { user: User; now: string; after?: string | undefined; asOf?: string | undefined };
export type Opened = Current & { from: Source; viewer: Viewer; custom: CustomKinds };

/** An answer is cut off at 30 s; the reading of what is new stops early enough to say so. */
const FOLLOW_MS = 20_000;

/** The copy as of now. */
export const openCopy = (after?: string): Promise<Current> =>
  currentCopy(tables, { deadline: systemNow() + FOLLOW_MS, after });

/** The copy as of now, with what a query of one list by one user needs. */
export async function openList(name: string, { user, now, after, asOf: at }: Reading): Promise<Opened> {
  const viewer = viewerOf(user, name, now);
  if (!viewer) throw refuse('forbidden', { right: name });
  const [current, custom] = [await openCopy(after), await customKindsOf(name)];
  viewer.segment = segmentOf(current.copy);
  if (at === undefined) return { ...current, from: today(current.copy, name), viewer, custom };
  // Whose records were then is no longer asked: only those within reach now are there.
  const from = asOf(current.copy, name, at, viewer.reach);
  return { ...current, asOf: at, from, viewer: { ...viewer, reach: 'all' }, custom };
}

type Query = { filter?: string | undefined; sort?: string | undefined; totals?: readonly string[] | undefined };

/** A list by its name, and somebody as its reader. @throws 400 for no such list, 403 when he may not read it */
function readerOf(name: string, user: User, now: string): { table: ReadTable; viewer: Viewer } {
  const table = tables.find((one) => one.name === name);
  if (!table) throw fault('list', `There is no list ${name}: one of ${tables.map((one) => one.name).join(', ')}.`);
  const viewer = viewerOf(user, name, now);
  if (!viewer) throw refuse('forbidden', { right: table.rights });
  return { table, viewer };
}

/** Whether a query would be answered, before it is kept; the segments it names must be there. @throws 400 as the list itself would */
export async function checkQuery(name: string, query: Query, user: User, now: string): Promise<void> {
  const { table, viewer } = readerOf(name, user, now);
  const [shape, custom] = [shapeOf(table), await customKindsOf(name)];
  const named: string[] = [];
  viewer.segment = (_, id) => {
    named.push(id);
    return 'fixed';
  };
  conditionOf(shape, { filter: query.filter }, viewer, custom);
  for (const field of [query.sort?.replace(/^-/, ''), ...(query.totals ?? [])])
    if (field !== undefined) cellOf(shape, custom, field, viewer, 'sort');
  const keys = named.map((id) => ({ id }));
  const there = (await getMany(segments, keys)).filter((one) => one.list === name && one.archivedAt === undefined);
  const missing = named.find((id) => !there.some((one) => one.id === id));
  if (missing !== undefined) throw fault('filter', `There is no segment ${missing} of ${name}.`);
}

/** Whether a filter can be the rule of a segment: it holds for its author, and names no other segment. @throws 400, 403 */
export async function checkRule(name: string, filter: string | undefined, user: User, now: string): Promise<void> {
  const { table, viewer } = readerOf(name, user, now);
  conditionOf(shapeOf(table), { filter }, viewer, await customKindsOf(name));
}
