import { expect, test } from 'vitest';
import * as z from 'zod';
import { normalisePhone, Phone, type PhoneCountry } from '#shared/phone.ts';

test.each<[string, PhoneCountry, string]>([
  ['8 (495) 123-45-67', 'RU', '+74951234567'],
  ['+7 495 123 45 67', 'RU', '+74951234567'],
  ['7 916 123-45-67', 'RU', '+79161234567'],
  ['9161234567', 'RU', '+79161234567'],
  ['8-800-555-35-35', 'RU', '+78005553535'],
  ['+7 495 123-45-67 доб. 12', 'RU', '+74951234567'],
  ['+44 20 7946 0018', 'RU', '+442079460018'],
  ['020 7946 0018', 'GB', '+442079460018'],
  ['+375 29 123-45-67', 'RU', '+375291234567'],
  ['８ ４９５ １２３ ４５ ６７', 'RU', '+74951234567'],
])('%s typed in %s is %s', (raw, country, number) => {
  expect(normalisePhone(raw, country)).toBe(number);
  expect(normalisePhone(number, country)).toBe(number);
  expect(z.encode(Phone(country), raw)).toBe(number);
});

test.each([
  '',
  '123',
  '02',
  '+',
  '+7',
  '+7 495 123-45',
  '+7 000 000-00-00 0',
  'звоните 8 495 123-45-67',
  'x'.repeat(500),
])('%j is not a phone number', (raw) => {
  expect(normalisePhone(raw)).toBeUndefined();
  expect(Phone().safeParse(raw).success).toBe(false);
});
