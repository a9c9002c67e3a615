import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvLine, inertText, plainText, readCsv } from '#functions/exchange/csv.ts';
import { readSheet, rowFault } from '#functions/exchange/sheet.ts';
import { delimiterOf, encodingOf, textIn } from '#functions/exchange/text-file.ts';
import { in1251 } from '#test/support/exchange.ts';

const bytes = (text: string, encoding: 'utf8' | 'utf16le' = 'utf8'): Buffer => Buffer.from(text, encoding);
const in866 = (text: string): Uint8Array =>
  Uint8Array.from(text, (sign) => {
    const code = sign.charCodeAt(0);
    if (code >= 0x410 && code <= 0x43f) return code - 0x410 + 0x80;
    return code >= 0x440 && code <= 0x44f ? code - 0x440 + 0xe0 : code;
  });
const PANGRAM = 'Имя;Город\r\nСъешь же ещё этих мягких булок;Казань\r\n';

describe('the encoding of a file is found by its content', () => {
  it.each([
    ['utf-8', bytes(PANGRAM)],
    ['utf-8', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes(PANGRAM)])],
    ['utf-16le', Buffer.concat([Buffer.from([0xff, 0xfe]), bytes(PANGRAM, 'utf16le')])],
    ['utf-16le', bytes('name;city\r\nAnna;London\r\n', 'utf16le')],
    ['utf-16be', Buffer.concat([Buffer.from([0xfe, 0xff]), bytes(PANGRAM, 'utf16le').swap16()])],
    ['windows-1251', in1251(PANGRAM)],
    ['windows-1251', in1251('ИМЯ;ГОРОД\r\nООО РОМАШКА;МОСКВА\r\n')],
    ['ibm866', in866('Имя;Город\r\nСъешь же еще этих мягких булок;Казань\r\n')],
    ['utf-8', bytes('plain ascii;1\n')],
  ] as const)('%s', (encoding, file) => {
    expect(encodingOf(file)).toBe(encoding);
    expect(textIn(file, encoding)).not.toContain('\uFFFD');
  });
});

describe('the delimiter of a file is found by its lines', () => {
  it.each([
    [';', 'a;b;c\n1,5;2;3\n2,5;3;4'],
    [',', 'a,b\n"x;y;z",2\n'],
    ['\t', 'a\tb\n1,2\t3\n'],
    ['|', 'a|b|c\n1|2|3'],
    [';', 'one column\nx\n'],
  ])('%j', (delimiter, text) => expect(delimiterOf(text)).toBe(delimiter));
});

describe('rows', () => {
  it('have line breaks and quotes inside their cells, and tell the line they begin in', () => {
    const text = 'a;b\r\n"x\r\ny";1\r\n\r\n"say ""hi""";ООО "Ромашка"\r\n';
    expect(readCsv(text, ';')).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 2, cells: ['x\ny', '1'] },
      { line: 5, cells: ['say "hi"', 'ООО "Ромашка"'] },
    ]);
  });

  it('end in any way', () => {
    for (const end of ['\n', '\r\n', '\r'])
      expect(readCsv(`a;b${end}1;2`, ';').map(({ cells }) => cells)).toEqual([
        ['a', 'b'],
        ['1', '2'],
      ]);
  });

  it('that are cut in the middle of a quote refuse the file with the line', () => {
    expect(() => readCsv('a;b\n1;"two\n', ';')).toThrow(/cannot be read: .*line 2/i);
  });

  it('that have more or fewer cells than the header are faults of their own; the names of columns are told apart', async () => {
    const sheet = await readSheet(bytes('Имя;Телефон;Телефон;\nA;1;2;\nB;1\nC;1;2;;\nD;1;2;3;4\n'));
    expect(sheet.columns).toEqual(['Имя', 'Телефон', 'Телефон (2)', 'Column 4']);
    expect(sheet.rows.map((row) => rowFault(row, sheet.columns, 'en')?.slice(0, 29))).toEqual([
      undefined,
      'The row has 2 cells, the head',
      undefined,
      'The row has 5 cells, the head',
    ]);
  });

  it('of a workbook of the old kind, or of nothing, are refused with what to do', async () => {
    await expect(readSheet(Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1]))).rejects.toThrow('save it as XLSX or CSV');
    await expect(readSheet(Buffer.from(''))).rejects.toThrow('It is empty');
  });

  it('come back as they were written, whatever stands in the cells', () => {
    const cell = fc.string({ unit: 'binary', maxLength: 20 }).map((text) =>
      text
        .replaceAll('\u0000', '')
        .replaceAll('\r', '')
        .replace(/^\uFEFF/, ''),
    );
    const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(rows, fc.constantFrom(';', ',', '\t'), (all, delimiter) => {
        const filled = all.map((cells) => ['x', ...cells]);
        const text = filled.map((cells) => csvLine(cells.map(inertText), delimiter)).join('');
        expect(readCsv(text, delimiter).map(({ cells }) => cells.map(plainText))).toEqual(filled);
      }),
    );
  });
});

describe('a text that a spreadsheet would reckon', () => {
  it.each(['=1+1', '+7916', '-5', '@SUM(A1)', '\t=1', "'=1", "''+1"])(
    '%j gets an apostrophe, and loses it again',
    (text) => {
      expect(inertText(text)).toBe(`'${text}`);
      expect(plainText(inertText(text))).toBe(text);
    },
  );
  it.each(['plain', "it's", "'quoted'", '5-1', ''])('%j stays as it is', (text) => {
    expect(inertText(text)).toBe(text);
    expect(plainText(text)).toBe(text);
  });
});
