import { expect, it } from 'vitest';
import { downloadAs, safeFileName } from '#shared/file-name.ts';

it.each([
  ['Прайс-лист за май.xlsx', 'Прайс-лист за май.xlsx'],
  ['../../etc/passwd', '_.._etc_passwd'],
  ['a"b\r\nSet-Cookie: x.csv', 'a_b_Set-Cookie_ x.csv'],
  ['invoice\u202Efdp.exe', 'invoice_fdp.exe'],
  ['.htaccess', 'htaccess'],
  ['   ', 'file'],
  ['', 'file'],
  [`${'я'.repeat(300)}.xlsx`, `${'я'.repeat(115)}.xlsx`],
  ['a'.repeat(300), 'a'.repeat(120)],
  [`${'😀'.repeat(200)}.pdf`, `${'😀'.repeat(58)}.pdf`],
  [`а${'😀'.repeat(200)}.pdf`, `а${'😀'.repeat(57)}.pdf`],
])('the name %j is kept as %j', (given, safe) => {
  expect(safeFileName(given)).toBe(safe);
});

it('a download has its name in ASCII for old programs and whole for all others', () => {
  expect(downloadAs("Счёт № 5 (копия), it's.pdf")).toBe(
    `attachment; filename="____ _ 5 (_____), it's.pdf"; filename*=UTF-8''%D0%A1%D1%87%D1%91%D1%82%20%E2%84%96%205%20%28%D0%BA%D0%BE%D0%BF%D0%B8%D1%8F%29%2C%20it%27s.pdf`,
  );
});

it('nothing in a name breaks out of the header', () => {
  for (const name of ['"; filename="x.exe', 'a\nX-Evil: 1', 'a\u0000b', '%0d%0aX: 1', '\uD800'])
    expect(downloadAs(name)).toMatch(/^attachment; filename="[^"\\\r\n%]*"; filename\*=UTF-8''[\w.~%-]*$/);
});
