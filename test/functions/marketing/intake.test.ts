import { describe, expect, it } from 'vitest';
import { payloadKey } from '#functions/marketing/intake.ts';
import { mapped } from '#functions/marketing/mapping.ts';

const whole = { contact: { name: 'Анна', email: 'anna@example.com', phone: '+74951234567' } };
const flat = { name: 'Анна', email: 'anna@example.com', phone: '8 (495) 123-45-67' };

describe('what a lead needs', () => {
  it.each([
    ['a flat form', flat],
    ['other usual names', { fio: 'Анна', 'e-mail': 'anna@example.com', tel: '8 (495) 123-45-67' }],
    ['fields under values', { values: flat }],
    ['fields under contact', { contact: flat }],
    ['a list in which the first is the one', [flat, { email: 'other@example.com' }]],
    ['lists where texts are', { name: ['Анна'], email: ['anna@example.com', 'b@x.example'], phone: [' +74951234567'] }],
    ['capitals and spaces in the e-mail', { ...flat, email: ' Anna@Example.COM ' }],
    ['empty fields before filled ones', { ...flat, email: '  ', values: { email: 'anna@example.com' } }],
    ['null where nothing is', { ...flat, email: null, mail: 'anna@example.com' }],
  ])('is found in %s', (_, value) => {
    expect(mapped(value, {})).toMatchObject(whole);
  });

  it('is found where the mapping says, and then nowhere else', () => {
    const value = {
      email: 'robot@example.com',
      lead: { people: [{ mail: 'anna@example.com' }, { mail: 'b@x.example' }] },
    };
    const emailOf = (path: string) => {
      const found = mapped(value, { email: [path] });
      return 'error' in found ? found.error : found.contact.email;
    };
    expect(emailOf('lead.people.mail')).toBe('anna@example.com');
    expect(emailOf('lead.people.1.mail')).toBe('b@x.example');
    expect(emailOf('lead.mail')).toContain('no e-mail');
  });

  it('is tried path by path until one says something', () => {
    expect(mapped({ b: 'b@x.example' }, { email: ['a', 'b', 'c'] })).toMatchObject({
      contact: { email: 'b@x.example' },
    });
  });

  it('takes numbers and answers of other kinds as text', () => {
    const mapping = { answers: { size: ['staff.count'], agreed: ['agreed'], none: ['nothing'], group: ['staff'] } };
    const found = mapped({ phone: 84951234567, staff: { count: 25 }, agreed: true }, mapping);
    expect(found).toMatchObject({ contact: { phone: '+74951234567' }, answers: { size: '25', agreed: 'true' } });
    expect('answers' in found && Object.keys(found.answers)).toEqual(['size', 'agreed']);
  });

  it('keeps what stood where the e-mail should be when the phone is good', () => {
    expect(mapped({ email: 'anna at example', phone: '+74951234567' }, {})).toMatchObject({
      contact: { email: undefined, phone: '+74951234567' },
      wrongEmail: 'anna at example',
    });
  });

  it('is cut and cleaned', () => {
    const found = mapped({ ...flat, name: `\u0000 ${'x'.repeat(300)}`, message: 'a\r\nb\u0007' }, {});
    expect(found).toMatchObject({ contact: { name: 'x'.repeat(200) }, message: 'a\nb' });
  });

  it.each([
    ['nothing', undefined, 'no e-mail, no phone'],
    ['a text', 'anna@example.com', 'no e-mail, no phone'],
    ['an empty list', [], 'no e-mail, no phone'],
    ['two wrong ones', { email: 'anna', phone: '12' }, 'the e-mail is not one, the phone is not one'],
    ['an object where a text should be', { email: { value: 'anna@example.com' } }, 'no e-mail, no phone'],
    ['what every object has', { constructor: 1 }, 'no e-mail, no phone'],
    ['a list of addresses', { email: 'a@x.example, b@x.example' }, 'the e-mail is not one, no phone'],
  ])('is not found in %s: the reason names what was tried', (_, value, tried) => {
    expect(mapped(value, {})).toEqual({
      error: `Nobody to reach: ${tried}. Mend the mapping of the source and replay.`,
    });
  });

  it('does not reach into what every object inherits', () => {
    expect(mapped({ phone: '+74951234567' }, { name: ['constructor.name', '__proto__.x'] })).toMatchObject({
      contact: { name: undefined },
    });
  });
});

describe('the key of a payload', () => {
  it('is the same whatever the order of fields and whatever changes from click to click', () => {
    const one = payloadKey({ email: 'a@x.example', name: 'A', _start: '1.x' }, 'one');
    expect(payloadKey({ name: 'A', _start: '2.y', _token: 5, email: 'a@x.example' }, 'two')).toBe(one);
  });

  it.each([
    ['a value', { email: 'b@x.example', name: 'A' }],
    ['a field', { email: 'a@x.example', name: 'A', more: '' }],
    ['a kind of value', { email: 'a@x.example', name: ['A'] }],
    ['a nested field, whatever its name', { email: 'a@x.example', name: 'A', more: { _start: 1 } }],
  ])('is another with another %s', (_, value) => {
    expect(payloadKey(value, '')).not.toBe(payloadKey({ email: 'a@x.example', name: 'A' }, ''));
  });

  it('is made of the text where the payload has no fields', () => {
    expect(payloadKey(undefined, 'a')).toBe(payloadKey(['x'], 'a'));
    expect(payloadKey(undefined, 'a')).not.toBe(payloadKey(undefined, 'b'));
  });
});
