import { createHash } from 'node:crypto';
import type * as z from 'zod';
import { refuse } from '#shared/errors.ts';
import { clean } from '#shared/text.ts';
import { plainText, readCsv } from './csv.ts';
import { MAX_COLUMNS, MAX_ROWS, type Grid } from './grid.ts';
import type { Format, Reading } from './reading.ts';
import { delimiterOf, encodingOf, textIn } from './text-file.ts';
import { readXlsx } from './xlsx.ts';

export type SheetRow = {
  /** From 1, the header not counted. */
  n: number;
  /** Where it stands in the file. */
  line: number;
  cells: readonly string[];
};
/** A file of rows under names of columns, each name once. */
export type Sheet = z.output<typeof Format> & { hash: string; columns: readonly string[]; rows: readonly SheetRow[] };

/** @throws 422 file_unreadable with the reason, and the line where there is one */
export async function readSheet(file: Buffer, asked: Reading = {}): Promise<Sheet> {
  const { grid, ...format } = await gridOf(file, asked);
  const [header, ...rest] = grid;
  if (!header) throw refuse('file_unreadable', { why: 'It is empty.' });
  if (rest.length > MAX_ROWS) throw refuse('file_unreadable', { why: `It has more than ${MAX_ROWS} rows.` });
  if (header.cells.length > MAX_COLUMNS)
    throw refuse('file_unreadable', { why: `It has more than ${MAX_COLUMNS} columns.` });
  const width = format.format === 'xlsx' ? header.cells.length : 0;
  const rows = rest.map(({ line, cells }, place) => ({
    n: place + 1,
    line,
    cells: padded(cells.map(plainText), width),
  }));
  return { ...format, hash: createHash('sha256').update(file).digest('hex'), columns: columnNames(header.cells), rows };
}

async function gridOf(file: Buffer, asked: Reading): Promise<z.output<typeof Format> & { grid: Grid }> {
  if (file.subarray(0, 4).equals(ZIP)) return { format: 'xlsx', ...(await readXlsx(file, asked.sheet)) };
  if (file.subarray(0, 4).equals(OLD))
    throw refuse('file_unreadable', { why: 'It is a workbook of the old XLS kind: save it as XLSX or CSV.' });
  const encoding = asked.encoding ?? encodingOf(file);
  const text = textIn(file, encoding);
  const delimiter = asked.delimiter ?? delimiterOf(text);
  const grid = readCsv(text, delimiter).filter(({ cells }) => cells.some((cell) => cell.trim() !== ''));
  return { format: 'csv', encoding, delimiter, grid };
}
/** Workbooks leave out empty cells at the end of a row. */
const padded = (cells: string[], width: number): string[] =>
  cells.length < width ? [...cells, ...Array<string>(width - cells.length).fill('')] : cells;

const ZIP = Buffer.from('PK\u0003\u0004', 'latin1');
const OLD = Buffer.from([0xd0, 0xcf, 0x11, 0xe0]);

/** A name for each column: one without is called by its number, one that stands twice has its number behind it. */
function columnNames(cells: readonly string[]): string[] {
  const names = cells.map(
    (cell, place) => clean(plainText(cell)).replaceAll(/\s+/g, ' ').trim() || `Column ${place + 1}`,
  );
  const seen = new Map<string, number>();
  return names.map((name) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} (${times})`;
  });
}

/** What is wrong with a row as a whole: text that was cut in two, or two rows in one. */
export function rowFault({ cells }: SheetRow, columns: readonly string[], locale: 'ru' | 'en'): string | undefined {
  const [has, needs] = [cells.length, columns.length];
  if (has === needs) return undefined;
  if (has > needs && cells.slice(needs).every((cell) => cell.trim() === '')) return undefined;
  return locale === 'ru'
    ? `В строке ячеек: ${has}, а в заголовке: ${needs}. Возможно, в тексте стоит разделитель без кавычек.`
    : `The row has ${has} cells, the header ${needs}. A text may hold the delimiter without quotes.`;
}
