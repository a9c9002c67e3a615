import { SaxesParser } from 'saxes';
import { refuse, type Refusal } from '#shared/errors.ts';
import { MAX_CELL, MAX_COLUMNS, MAX_ROWS, type Grid } from './grid.ts';
import { entryBytes, openArchive } from './zip-guard.ts';
import { isDateFormat, serialText } from './xlsx-date.ts';

/** A workbook of a hundred thousand rows unpacks to about 60 MB. */
const LIMITS = { entries: 200, bytes: 100_000_000, ratio: 100 };
const unreadable = (why: string): Refusal => refuse('file_unreadable', { why });

type Tag = { name: string; attributes: Readonly<Record<string, string>> };
type Handlers = { open?(tag: Tag): void; close?(name: string): void; text?(text: string): void };
/** The part of a name after its prefix: `x:row` is `row`. */
const local = (name: string): string => name.slice(name.indexOf(':') + 1);

/** Walks an XML part; entities of its own (bombs, files of ours) are refused with the DOCTYPE that declares them. */
function walk(bytes: Buffer, { open, close, text }: Handlers): void {
  // A part that is left out says nothing.
  if (bytes.length === 0) return;
  const decoder = new TextDecoder();
  const parser = new SaxesParser();
  parser.on('doctype', () => {
    throw unreadable('A part of it declares entities of its own.');
  });
  parser.on('error', (error) => {
    throw unreadable(`A part of it is no XML: ${error.message}`);
  });
  parser.on('opentag', ({ name, attributes }) => open?.({ name: local(name), attributes }));
  parser.on('closetag', ({ name }) => close?.(local(name)));
  parser.on('text', (said) => text?.(said));
  parser.on('cdata', (said) => text?.(said));
  for (let at = 0; at < bytes.length; at += STEP)
    parser.write(decoder.decode(bytes.subarray(at, at + STEP), { stream: at + STEP < bytes.length }));
  parser.close();
}
const STEP = 1 << 20;

/** Sheets by name, in the order of the workbook. @throws 422 file_unreadable with the reason */
export async function readXlsx(file: Buffer, sheet?: string): Promise<{ grid: Grid; sheets: string[] }> {
  const { archive, entries } = await openArchive(file, LIMITS);
  const part = async (name: string): Promise<Buffer> => {
    const entry = entries.get(name);
    return entry ? entryBytes(archive, entry) : Buffer.alloc(0);
  };
  const book = bookOf(await part('xl/workbook.xml'), await part('xl/_rels/workbook.xml.rels'));
  if (book.sheets.length === 0) throw unreadable('It is no workbook of the XLSX kind.');
  const wanted = book.sheets.find(({ name }) => sheet === undefined || name === sheet);
  if (!wanted)
    throw unreadable(`It has no sheet ${sheet ?? ''}; there are: ${book.sheets.map(({ name }) => name).join(', ')}.`);
  const strings = stringsOf(await part('xl/sharedStrings.xml'));
  const dates = datesOf(await part('xl/styles.xml'));
  const grid = gridOf(await part(wanted.path), { strings, dates, from1904: book.from1904 });
  return { grid, sheets: book.sheets.map(({ name }) => name) };
}

function bookOf(workbook: Buffer, relations: Buffer) {
  const targets = new Map<string, string>();
  walk(relations, {
    open: ({ name, attributes: { Id = '', Target = '' } }) => {
      if (name === 'Relationship') targets.set(Id, Target.startsWith('/') ? Target.slice(1) : `xl/${Target}`);
    },
  });
  const sheets: { name: string; path: string }[] = [];
  let from1904 = false;
  walk(workbook, {
    open: ({ name, attributes }) => {
      if (name === 'workbookPr') from1904 = ['1', 'true'].includes(attributes['date1904'] ?? '');
      if (name !== 'sheet' || attributes['state'] === 'veryHidden') return;
      const path = targets.get(attributes['r:id'] ?? attributes['ns0:id'] ?? '');
      if (path !== undefined) sheets.push({ name: attributes['name'] ?? '', path });
    },
  });
  return { sheets, from1904 };
}

/** The texts that cells name by number; how people say a word (`rPh`) is none of it. */
function stringsOf(bytes: Buffer): string[] {
  const all: string[] = [];
  let [now, inText, spoken] = ['', false, false];
  walk(bytes, {
    open: ({ name }) => {
      if (name === 'si') now = '';
      if (name === 'rPh') spoken = true;
      inText = name === 't' && !spoken;
    },
    text: (text) => {
      if (inText && now.length < MAX_CELL) now += text;
    },
    close: (name) => {
      if (name === 't') inText = false;
      if (name === 'rPh') spoken = false;
      if (name === 'si') all.push(now);
    },
  });
  return all;
}

/** Which styles show a number as a date. */
function datesOf(bytes: Buffer): boolean[] {
  const formats = new Map<string, string>();
  const styles: boolean[] = [];
  let inCells = false;
  walk(bytes, {
    open: ({ name, attributes }) => {
      if (name === 'numFmt') formats.set(attributes['numFmtId'] ?? '', attributes['formatCode'] ?? '');
      if (name === 'cellXfs') inCells = true;
      if (name === 'xf' && inCells) {
        const id = attributes['numFmtId'] ?? '0';
        styles.push(isDateFormat(Number(id), formats.get(id)));
      }
    },
    close: (name) => {
      if (name === 'cellXfs') inCells = false;
    },
  });
  return styles;
}

type Known = { strings: readonly string[]; dates: readonly boolean[]; from1904: boolean };

function gridOf(bytes: Buffer, known: Known): Grid {
  const rows: { line: number; cells: string[] }[] = [];
  let row: string[] = [];
  let line = 0;
  let cell: { at: number; type: string; style: number; text: string } | undefined;
  let inValue = false;
  walk(bytes, {
    open: ({ name, attributes }) => {
      if (name === 'row') [row, line] = [[], Number(attributes['r'] ?? line + 1)];
      if (name === 'c') {
        const at = attributes['r'] === undefined ? row.length : columnOf(attributes['r']);
        cell = { at, type: attributes['t'] ?? 'n', style: Number(attributes['s'] ?? 0), text: '' };
      }
      // Of a formula the value it had when the file was saved; the formula itself is never read.
      inValue = name === 'v' || name === 't';
    },
    text: (text) => {
      if (inValue && cell && cell.text.length < MAX_CELL) cell.text += text;
    },
    close: (name) => {
      if (name === 'v' || name === 't') inValue = false;
      if (name === 'c' && cell) {
        put(row, cell.at, shownOf(cell, known));
        cell = undefined;
      }
      if (name === 'row' && row.some((one) => one !== '')) {
        rows.push({ line, cells: row });
        if (rows.length > MAX_ROWS + 1) throw unreadable(`It has more than ${MAX_ROWS} rows.`);
      }
    },
  });
  return rows;
}

/** Cells that are left out are empty; what stands far to the right is no part of a table. */
function put(row: string[], at: number, text: string): void {
  if (at >= MAX_COLUMNS || text === '') return;
  while (row.length < at) row.push('');
  row[at] = text;
}

/** `AB12` is column 27. */
function columnOf(reference: string): number {
  const letters = /^[A-Z]{1,3}/.exec(reference)?.[0] ?? 'A';
  let column = 0;
  for (let at = 0; at < letters.length; at += 1) column = column * 26 + letters.charCodeAt(at) - 64;
  return column - 1;
}

function shownOf({ type, style, text }: { type: string; style: number; text: string }, known: Known): string {
  if (type === 's') return known.strings[Number(text)] ?? '';
  if (type === 'b') return text === '1' ? 'true' : 'false';
  if (type !== 'n' || text === '' || !known.dates[style]) return text;
  return serialText(Number(text), known.from1904) ?? text;
}
