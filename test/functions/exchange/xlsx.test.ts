import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { isDateFormat, serialText } from '#functions/exchange/xlsx-date.ts';
import { readXlsx } from '#functions/exchange/xlsx.ts';
import { day, workbook } from '#test/support/workbook.ts';

const cellsOf = async (file: Buffer) => (await readXlsx(file)).grid.map(({ cells }) => cells);
const refused = async (file: Buffer): Promise<string> =>
  readXlsx(file).then(
    () => 'read',
    (error: unknown) => (error as Error).message,
  );

describe('a workbook', () => {
  it('is read as text: numbers as they lie there, days as dates, the value of a formula and not the formula', async () => {
    const formula = { xml: '<c><f>HYPERLINK("http://x.example")</f><v>12</v></c>' };
    const truth = { xml: '<c t="b"><v>1</v></c>' };
    const file = await workbook([
      ['Имя', 'Сумма', 'Дата', 'Формула', 'Да'],
      ['=2+2', 1234.5, day(46_349), formula, truth],
    ]);
    expect(await cellsOf(file)).toEqual([
      ['Имя', 'Сумма', 'Дата', 'Формула', 'Да'],
      ['=2+2', '1234.5', '2026-11-23', '12', 'true'],
    ]);
  });

  it('keeps cells in their columns when others are left out, and leaves out empty rows', async () => {
    const file = await workbook([
      [{ xml: '<c r="A1"><v>1</v></c><c r="D1"><v>4</v></c>' }],
      [''],
      [{ xml: '<c r="B3"><v>2</v></c>' }],
    ]);
    expect(await cellsOf(file)).toEqual([
      ['1', '', '', '4'],
      ['', '2'],
    ]);
  });

  it('takes shared texts whole, without how they are spoken', async () => {
    const strings = '<sst><si><r><t>Ром</t></r><r><t>ашка</t></r><rPh sb="0" eb="1"><t>no</t></rPh></si></sst>';
    const file = await workbook([[{ xml: '<c t="s"><v>0</v></c>' }]], { 'xl/sharedStrings.xml': strings });
    expect(await cellsOf(file)).toEqual([['Ромашка']]);
  });

  it('does not grow by a cell that stands far away', async () => {
    const far = { xml: '<c r="XFD1"><v>1</v></c>' };
    const file = await workbook([['a', far], [{ xml: '</row><row r="1048576"><c r="A1048576"><v>2</v></c>' }]]);
    expect((await readXlsx(file)).grid).toEqual([
      { line: 1, cells: ['a'] },
      { line: 1_048_576, cells: ['2'] },
    ]);
  });
});

describe('an archive that is none of ours is refused', () => {
  it('when it unpacks to a hundred times its size', async () => {
    const file = await workbook([], { 'xl/worksheets/sheet1.xml': Buffer.alloc(30_000_000, '<row/>') });
    expect(file.length).toBeLessThan(200_000);
    expect(await refused(file)).toContain('unpacks to more than 100 times its size');
  });

  it('when an entry is longer than it says', async () => {
    const file = await workbook([], { 'xl/sharedStrings.xml': Buffer.alloc(50_000, 'a') });
    expect(await refused(lying(file, 50_000, 10))).toMatch(/cannot be read/);
  });

  it('when it holds too many files, one twice, or one of another folder', async () => {
    const many = Object.fromEntries(Array.from({ length: 250 }, (_, n) => [`x/${n}.xml`, 'x']));
    expect(await refused(await workbook([], many))).toContain('254 files; at most 200');
    const outside = (await workbook([], { 'aa/evil.xml': 'x' }))
      .toString('latin1')
      .replaceAll('aa/evil.xml', '../evil.xml');
    expect(await refused(Buffer.from(outside, 'latin1'))).toContain('../evil.xml');
    const twice = (await workbook([], { 'xl/styleX.xml': 'x' }))
      .toString('latin1')
      .replaceAll('xl/styleX.xml', 'xl/styles.xml');
    expect(await refused(Buffer.from(twice, 'latin1'))).toContain('twice');
  });

  it('when a part declares entities: laughs in billions and files of the machine', async () => {
    const laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>';
    const file = await workbook([], { 'xl/sharedStrings.xml': `${laughs}<sst><si><t>&b;</t></si></sst>` });
    expect(await refused(file)).toContain('declares entities of its own');
  });

  it('when it is damaged or no workbook', async () => {
    const whole = await workbook([['a']]);
    expect(await refused(whole.subarray(0, whole.length - 30))).toContain('cannot be read');
    expect(await refused(Buffer.from('PK\u0003\u0004 nothing'))).toContain('cannot be read');
    expect(await refused(await workbook([['a']], { 'xl/workbook.xml': '<workbook/>' }))).toContain('no workbook');
    expect(await refused(await workbook([['a']], { 'xl/worksheets/sheet1.xml': '<worksheet><row>' }))).toContain(
      'no XML',
    );
  });
});

/** The same archive that says another size of an entry, in both places. */
function lying(file: Buffer, size: number, said: number): Buffer {
  const copy = Buffer.from(file);
  const wanted = Buffer.alloc(4);
  wanted.writeUInt32LE(size);
  for (let at = copy.indexOf(wanted); at >= 0; at = copy.indexOf(wanted, at + 1)) copy.writeUInt32LE(said, at);
  expect(deflateRawSync(Buffer.alloc(size, 'a')).length).toBeLessThan(size);
  return copy;
}

describe('a count of days', () => {
  it.each([
    [1, '1900-01-01'],
    [59, '1900-02-28'],
    [61, '1900-03-01'],
    [46_349, '2026-11-23'],
    [46_349.75, '2026-11-23T18:00:00'],
    [0, undefined],
    [3_000_000, undefined],
  ])('%s is %s', (serial, date) => expect(serialText(serial)).toBe(date));

  it('may begin in 1904', () => expect(serialText(44_887, true)).toBe('2026-11-23'));

  it.each([
    [14, undefined, true],
    [2, undefined, false],
    [164, 'dd.mm.yyyy', true],
    [165, '[$-419]d mmm yyyy;@', true],
    [166, '#,##0.00 "дней"', false],
    [167, '[Red]0.00', false],
    [168, 'General', false],
  ])('is shown as a day by format %s %s: %s', (id, code, is) => expect(isDateFormat(id, code)).toBe(is));
});
