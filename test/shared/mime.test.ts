import { simpleParser } from 'mailparser';
import { describe, expect, test } from 'vitest';
import { buildLetter, type Letter } from '#shared/mime.ts';

const letter: Letter = {
  from: { address: 'sales@firm.ru', name: 'Отдел продаж' },
  to: { address: 'ivan@example.com', name: 'Иван Петров' },
  subject: 'Счёт № 5 — оплата',
  text: 'Здравствуйте',
  html: '<p>Здравствуйте</p>',
  messageId: '<letter_01J8Z3Y1QW9R7V5T3S1P0N2M4K@firm.ru>',
  sentAt: '2026-11-23T18:13:36.000Z',
};

async function build(change: Partial<Letter> = {}) {
  const raw = (await buildLetter({ ...letter, ...change })).toString('latin1');
  const head = raw.slice(0, raw.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ');
  const names = head.split('\r\n').map((line) => line.split(':')[0]?.toLowerCase());
  return { raw, head, names, parsed: await simpleParser(raw) };
}

const addressesOf = (field: Awaited<ReturnType<typeof simpleParser>>['to']): (string | undefined)[] =>
  [field ?? []].flat().flatMap((list) => list.value.map((mailbox) => mailbox.address));

describe('a letter as bytes', () => {
  test('reads back as it was given', async () => {
    const { parsed, names, raw } = await build();
    expect(parsed.subject).toBe(letter.subject);
    expect(parsed.from?.value).toEqual([{ address: 'sales@firm.ru', name: 'Отдел продаж' }]);
    expect(addressesOf(parsed.to)).toEqual(['ivan@example.com']);
    expect(parsed.text?.trim()).toBe('Здравствуйте');
    expect(parsed.html).toContain('<p>Здравствуйте</p>');
    expect(parsed.messageId).toBe(letter.messageId);
    expect(parsed.date?.toISOString()).toBe(letter.sentAt);
    expect(parsed.headers.get('auto-submitted')).toBe('auto-generated');
    expect(names).not.toContain('list-unsubscribe');
    expect(raw.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });

  test('the same letter gives the same bytes', async () => {
    expect((await build()).raw).toBe((await build()).raw);
    expect((await build()).raw).not.toBe((await build({ text: 'x' })).raw);
  });

  test('carries tags, unsubscribing and attachments', async () => {
    const { parsed, head } = await build({
      tags: { letter: 'letter_01J', purpose: 'invoice' },
      unsubscribeUrl: 'https://firm.ru/public/unsubscribe/abc',
      replyTo: { address: 'seller@firm.ru' },
      attachments: [
        { fileName: 'Счёт № 5.pdf', contentType: 'application/pdf', content: Buffer.from([0, 255, 13, 10]) },
      ],
    });
    expect(head).toContain('X-SES-MESSAGE-TAGS: letter=letter_01J, purpose=invoice');
    expect(head).toContain('List-Unsubscribe: <https://firm.ru/public/unsubscribe/abc>');
    expect(head).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
    expect(addressesOf(parsed.replyTo)).toEqual(['seller@firm.ru']);
    expect(parsed.attachments).toHaveLength(1);
    expect(parsed.attachments[0]).toMatchObject({ filename: 'Счёт № 5.pdf', contentType: 'application/pdf' });
    expect(parsed.attachments[0]?.content).toEqual(Buffer.from([0, 255, 13, 10]));
  });

  test('a Cyrillic domain goes out in punycode', async () => {
    expect((await build({ to: { address: 'info@почта.рф' } })).head).toContain('To: info@xn--80a1acny.xn--p1ai\r\n');
  });
});

describe('attacks on headers', () => {
  const evil = 'x\r\nBcc: evil@x.co\r\n\r\n<b>body</b>';
  test.each<[string, Partial<Letter>]>([
    ['subject', { subject: evil }],
    ['subject with a lone line feed', { subject: 'x\nBcc: evil@x.co' }],
    ['subject with a next line sign', { subject: 'x\u0085Bcc: evil@x.co\u2028Bcc: evil@x.co' }],
    ['name of the recipient', { to: { address: 'a@b.co', name: evil } }],
    ['name with a list', { to: { address: 'a@b.co', name: 'x" <c@d.co>, "evil' } }],
    ['name of the sender', { from: { address: 'a@b.co', name: evil } }],
    ['name to reply to', { replyTo: { address: 'a@b.co', name: evil } }],
    ['file name', { attachments: [{ fileName: evil, contentType: 'text/plain', content: Buffer.from('x') }] }],
    ['encoded word', { subject: '=?utf-8?Q?x=0D=0ABcc:_evil@x.co?=' }],
  ])('%s adds no header and no recipient', async (_name, change) => {
    const { parsed, names, raw } = await build(change);
    expect(names.filter((name) => name === 'bcc' || name === 'cc')).toEqual([]);
    expect(parsed.bcc).toBeUndefined();
    expect(addressesOf(parsed.to)).toHaveLength(1);
    expect(raw).not.toMatch(/^Bcc:/im);
    expect(parsed.text?.trim()).toBe('Здравствуйте');
  });

  test.each<[string, Partial<Letter>]>([
    ['to', { to: { address: 'c@d.co, evil@x.co' } }],
    ['to', { to: { address: 'c@d.co\r\nBcc: evil@x.co' } }],
    ['to', { to: { address: '' } }],
    ['from', { from: { address: 'Firm <a@b.co>' } }],
    ['replyTo', { replyTo: { address: 'a@b.co;c@d.co' } }],
    ['messageId', { messageId: '<a@b.co>\r\nBcc: evil@x.co' }],
    ['messageId', { messageId: 'a@b.co' }],
    ['tags', { tags: { a: 'b, c=d' } }],
    ['tags', { tags: { 'a\r\nBcc': 'evil' } }],
    ['unsubscribeUrl', { unsubscribeUrl: 'http://firm.ru' }],
    ['unsubscribeUrl', { unsubscribeUrl: 'javascript:alert(1)' }],
    ['attachments', { attachments: [{ fileName: 'x', contentType: 'a/b\r\nBcc: x@y.co', content: Buffer.from('x') }] }],
  ])('%s is refused by name: %#', (field, change) => {
    expect(() => buildLetter({ ...letter, ...change })).toThrow(field);
  });

  test('a line break in the link to unsubscribe is not one in the header', async () => {
    const { names, parsed } = await build({ unsubscribeUrl: 'https://firm.ru/a\r\nBcc: evil@x.co>' });
    expect(names).not.toContain('bcc');
    expect(parsed.bcc).toBeUndefined();
  });

  test('files and addresses are not read, whatever an attachment pretends to be', async () => {
    const file = { fileName: 'x', contentType: 'text/plain', path: '/etc/hostname' } as never;
    await expect(buildLetter({ ...letter, attachments: [file] }).then((raw) => raw.toString())).resolves.not.toContain(
      '/etc/hostname',
    );
    const linked = { path: '/etc/hostname' } as never;
    await expect(buildLetter({ ...letter, html: linked })).rejects.toThrow(/File access rejected/);
    await expect(buildLetter({ ...letter, html: { href: 'http://127.0.0.1/' } as never })).rejects.toThrow(/rejected/);
  });
});
