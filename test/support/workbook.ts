import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const REL = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const text = (said: string): string => `<c t="inlineStr"><is><t>${escaped(said)}</t></is></c>`;

/** A cell as its XML: a text, a number, or what is given as XML itself. */
export type Cell = string | number | { xml: string };
const cellXml = (cell: Cell): string =>
  typeof cell === 'object' ? cell.xml : typeof cell === 'number' ? `<c><v>${cell}</v></c>` : text(cell);
/** A day in the date format of the workbook, by its count. */
export const day = (serial: number): Cell => ({ xml: `<c s="1"><v>${serial}</v></c>` });

/** A workbook of one sheet with these rows; `parts` stand for what would be there, or beside it. */
export async function workbook(
  rows: readonly (readonly Cell[])[],
  parts: Record<string, string | Buffer> = {},
): Promise<Buffer> {
  const sheet = rows.map((cells) => `<row>${cells.map(cellXml).join('')}</row>`).join('');
  const all: Record<string, string | Buffer> = {
    'xl/workbook.xml': `${XML}<workbook ${MAIN} xmlns:r="${REL}"><sheets><sheet name="Лист 1" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `${XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>`,
    'xl/styles.xml': `${XML}<styleSheet ${MAIN}><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
    'xl/worksheets/sheet1.xml': `${XML}<worksheet ${MAIN}><sheetData>${sheet}</sheetData></worksheet>`,
    ...parts,
  };
  const archive = new ZipFile();
  for (const [name, content] of Object.entries(all)) archive.addBuffer(Buffer.from(content as string), name);
  archive.end();
  return buffer(archive.outputStream);
}
