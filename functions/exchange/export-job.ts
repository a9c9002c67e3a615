import { holds } from '#functions/auth/rights.ts';
import { users } from '#functions/auth/store.ts';
import { openList, type Opened } from '#functions/reports/list.ts';
import { lists } from '#functions/reports/lists.ts';
import { fieldSetInForce } from '#functions/settings/custom.ts';
import type { Field } from '#functions/settings/field.ts';
import { putFile } from '#shared/aws/files.ts';
import { refuse } from '#shared/errors.ts';
import type { JobKind } from '#shared/jobs.ts';
import { listRows } from '#shared/read/list.ts';
import { getMany } from '#shared/table/read.ts';
import { behind } from './acting.ts';
import { outCell, type Style } from './export-cell.ts';
import { outColumns, type OutColumn } from './export-column.ts';
import { csvWriter, mediaType, xlsxWriter, type Writer } from './export-file.ts';
import { NewExport } from './export-input.ts';
import { EXPORT } from './job-name.ts';

const PAGE = 500;
/** A workbook is made whole in memory; CSV is for more. */
const MAX = { csv: 200_000, xlsx: 50_000 } as const;

/** Writes the records of a list to a file, as whoever asked for it may see them. */
export const exportJob: JobKind = {
  ...EXPORT,
  async chunk(doing) {
    const { user } = await behind(doing);
    const asked = NewExport.parse(doing.input);
    const language = asked.language ?? user.locale;
    const opened = await openList(asked.list, { user, now: doing.now });
    const own = await ownFields(asked.list);
    const columns = outColumns(opened.from.shape, own, { ...asked, language, holds: (right) => holds(user, right) });
    const titles = columns.map(({ title }) => title);
    const writer = asked.format === 'csv' ? csvWriter(titles, language) : xlsxWriter(titles, language, asked.list);
    const count = await written(opened, asked, { writer, columns, style: { language, zone: user.zone }, own });
    const key = `results/${doing.jobId}/${asked.list}.${asked.format}`;
    await putFile(key, await writer.end(), mediaType[asked.format]);
    return { done: count, faults: [], total: count, output: { result: key, asOf: opened.asOf } };
  },
};

const ownFields = async (list: string): Promise<readonly Field[]> => {
  const fieldSet = lists.find(({ table }) => table.name === list)?.fieldSet;
  return fieldSet === undefined ? [] : (await fieldSetInForce(fieldSet)).fields;
};

type Out = {
  writer: Writer;
  columns: readonly OutColumn[];
  style: Pick<Style, 'language' | 'zone'>;
  own: readonly Field[];
};

/** Page after page of the list, each with the names of the people in it. */
async function written({ copy, from, viewer, custom }: Opened, asked: NewExport, out: Out): Promise<number> {
  const { format, list: _, fields: __, language: ___, ...query } = asked;
  const people = new Map<string, string>();
  let count = 0;
  let cursor: string | undefined;
  do {
    const page = listRows(copy, from, { ...query, limit: PAGE, cursor }, viewer, custom);
    count += page.items.length;
    if (count > MAX[format]) throw refuse('too_many_rows', { max: MAX[format], format });
    await learnNames(people, page.items);
    const style = { ...out.style, nameOf: namesBy(people, out) };
    for (const item of page.items)
      out.writer.add(out.columns.map(({ field, kind, valueOf }) => outCell(field, kind, valueOf(item), style)));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return count;
}

async function learnNames(people: Map<string, string>, items: readonly Record<string, unknown>[]): Promise<void> {
  const ids = new Set(
    items.flatMap(({ ownerId }) => (typeof ownerId === 'string' && !people.has(ownerId) ? [ownerId] : [])),
  );
  for (const { id, name } of await getMany(
    users,
    [...ids].map((id) => ({ id })),
  ))
    people.set(id, name);
}

/** Owners by their names, choices by theirs in the language of the file. */
const namesBy =
  (people: ReadonlyMap<string, string>, { own, style: { language } }: Out): Style['nameOf'] =>
  (field, id) => {
    if (field === 'ownerId') return people.get(id);
    const name = own.find((one) => `custom.${one.id}` === field)?.options?.find((option) => option.id === id)?.name;
    return name?.[language] ?? name?.ru ?? name?.en;
  };
