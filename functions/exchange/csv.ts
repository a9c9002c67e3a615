import { CsvError, parse } from 'csv-parse/sync';
import { refuse } from '#shared/errors.ts';
import { MAX_CELL, MAX_COLUMNS, MAX_ROWS, type Grid } from './grid.ts';

/** How many bytes one row may have: without a limit one quote that is never closed is a row of everything. */
const MAX_ROW = 1_000_000;

/**
 * The rows of a CSV text with the line each begins in. Quotes inside a bare cell are text; a row may have more or fewer cells
 * than others, empty lines are left out.
 * @throws 422 file_unreadable with the line when a quote is not closed or there are too many rows
 */
export function readCsv(text: string, delimiter: string): Grid {
  try {
    // Lines are counted right when all end alike; texts are kept so in any case.
    const found = parse(text.replaceAll(/\r\n?/g, '\n'), {
      delimiter,
      bom: true,
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      record_delimiter: '\n',
      max_record_size: MAX_ROW,
      to: MAX_ROWS + 2,
    }) as unknown as { record: string[]; info: { lines: number } }[];
    return found.map(({ record, info }) => ({
      line: info.lines - lineBreaks(record),
      cells: record.slice(0, MAX_COLUMNS).map((cell) => cell.slice(0, MAX_CELL)),
    }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw refuse('file_unreadable', { why: `${error.message} (CSV)` });
  }
}

/** A row that begins in line 5 and has a line break in a cell ends in line 6, which is the one we are told. */
const lineBreaks = (record: readonly string[]): number => record.join('').match(/\n/g)?.length ?? 0;

/** What a spreadsheet takes for a formula, and what begins as such a text does after it was escaped. */
const FORMULA = /^'*[=+\-@\t\r]/;

/** A text that no spreadsheet reckons: an apostrophe stands before it. `plainText` brings it back. */
export const inertText = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);
export const plainText = (cell: string): string => (FORMULA.test(cell) && cell.startsWith("'") ? cell.slice(1) : cell);

const quoted = (cell: string, delimiter: string): string =>
  cell.includes(delimiter) || /["\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;

/** One line of a CSV file with its line end. */
export const csvLine = (cells: readonly string[], delimiter: string): string =>
  `${cells.map((cell) => quoted(cell, delimiter)).join(delimiter)}\r\n`;

/** Says to programs of the Windows kind that the file is UTF-8. */
export const CSV_MARK = '\uFEFF';
