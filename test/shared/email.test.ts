import { expect, test } from 'vitest';
import * as z from 'zod';
import { Email, normaliseEmail } from '#shared/email.ts';

const longest = `${'a'.repeat(64)}@${'b.'.repeat(93)}com`;

test.each([
  ['Ivan.Petrov+crm@Example.COM', 'ivan.petrov+crm@example.com'],
  ['  a@b.co\t', 'a@b.co'],
  ['info@почта.рф', 'info@xn--80a1acny.xn--p1ai'],
  ['info@ПОЧТА.РФ', 'info@xn--80a1acny.xn--p1ai'],
  ['info@xn--80a1acny.xn--p1ai', 'info@xn--80a1acny.xn--p1ai'],
  ['a@bücher.de', 'a@xn--bcher-kva.de'],
  ["o'neil_x@a-b.museum", "o'neil_x@a-b.museum"],
  ['1@sub.sub.mail.ru', '1@sub.sub.mail.ru'],
  [longest, longest],
])('%s is %s', (raw, address) => {
  expect(normaliseEmail(raw)).toBe(address);
  expect(normaliseEmail(address)).toBe(address);
  expect(z.decode(Email, raw)).toBe(address);
  expect(z.encode(Email, raw)).toBe(address);
});

test.each([
  '',
  'a',
  '@b.co',
  'a@',
  'a@b',
  'a@@b.co',
  'a b@c.co',
  'a@b.c',
  'a@b..co',
  '.a@b.co',
  'a.@b.co',
  'a..b@c.co',
  'a@-b.co',
  'a@127.0.0.1',
  'a@[127.0.0.1]',
  'a@0x7f.1',
  'a@b.co:25',
  'a@b.co/x',
  'a@b%2eco',
  'c@d.co, evil@x.co',
  'c@d.co;evil@x.co',
  'c@d.co evil@x.co',
  'Ivan <a@b.co>',
  '"a b"@c.co',
  'иван@почта.рф',
  '\u212Aelvin@b.co',
  'a@b.co\r\nBcc: x@y.co',
  'a@b.co\n',
  'a\u0000@b.co',
  'a@b\u3002co',
  `${'a'.repeat(65)}@b.co`,
  `a@${'b'.repeat(64)}.co`,
  `a${longest.replace('@', '@c')}`.slice(1),
  `a@${'b.'.repeat(150)}co`,
])('%j is not one address', (raw) => {
  expect(normaliseEmail(raw)).toBeUndefined();
  expect(Email.safeParse(raw).error?.issues[0]?.message).toMatch(/e-mail/);
});

test('the JSON Schema says it is an e-mail', () => {
  expect(z.toJSONSchema(Email, { io: 'input' })).toMatchObject({ type: 'string', format: 'email' });
});
