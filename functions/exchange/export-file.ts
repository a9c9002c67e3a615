import { CSV_MARK, csvLine, inertText } from './csv.ts';
import { numberText, type OutCell } from './export-cell.ts';

type Language = 'ru' | 'en';
export type Format = 'csv' | 'xlsx';
export const mediaType: Readonly<Record<Format, string>> = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** Writes rows as a file, line by line or at the end. */
export type Writer = { add(cells: readonly OutCell[]): void; end(): Promise<Buffer> };

/** CSV as spreadsheets of a language take it; no text in it is reckoned as a formula. */
export function csvWriter(titles: readonly string[], language: Language): Writer {
  const delimiter = language === 'ru' ? ';' : ',';
  const parts: Buffer[] = [];
  const put = (texts: readonly string[]): void => void parts.push(Buffer.from(csvLine(texts, delimiter)));
  parts.push(Buffer.from(CSV_MARK));
  put(titles.map(inertText));
  return {
    add: (cells) => put(cells.map((cell) => textOf(cell, language))),
    end: async () => Buffer.concat(parts),
  };
}

function textOf(cell: OutCell, language: Language): string {
  if (cell === undefined) return '';
  return cell.kind === 'number' ? numberText(cell.number, language) : inertText(cell.text);
}

const DAYS: Readonly<Record<Language, string>> = { ru: 'dd.mm.yyyy', en: 'yyyy-mm-dd' };

/** A workbook of one sheet: numbers and days are such, and texts are texts whatever they begin with. */
export function xlsxWriter(titles: readonly string[], language: Language, sheet: string): Writer {
  const rows: XlsxCell[][] = [titles.map((value) => ({ value, type: String, fontWeight: 'bold' as const }))];
  return {
    add: (cells) => void rows.push(cells.map((cell) => xlsxCell(cell, DAYS[language]))),
    async end() {
      const { default: writeXlsxFile } = await import('write-excel-file/node');
      return writeXlsxFile(rows, { sheet, stickyRowsCount: 1 }).toBuffer();
    },
  };
}

type XlsxCell =
  | { value: string; type: StringConstructor; fontWeight?: 'bold' }
  | { value: number; type: NumberConstructor; format?: string }
  | null;

/** Numbers of more digits than a spreadsheet keeps stay texts. */
const EXACT = 15;
/** A cell of a workbook holds no more. */
const MAX_TEXT = 32_767;

function xlsxCell(cell: OutCell, days: string): XlsxCell {
  if (cell === undefined) return null;
  switch (cell.kind) {
    case 'text':
      return { value: cell.text.slice(0, MAX_TEXT), type: String };
    case 'number':
      return cell.number.replaceAll(/\D/g, '').length > EXACT
        ? { value: cell.number, type: String }
        : { value: Number(cell.number), type: Number };
    case 'day':
      return { value: cell.serial, type: Number, format: days };
    case 'moment':
      return { value: cell.serial, type: Number, format: `${days} hh:mm` };
  }
}
