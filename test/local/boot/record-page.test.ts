import { expect, test } from 'vitest';
import { formPage } from '#local/desk/form-page.ts';
import { reader } from '#local/desk/layout.ts';
import { placeOf } from '#local/desk/record.ts';
import { recordPage } from '#local/desk/record-page.ts';

const who = reader(new URL('http://127.0.0.1:4000/_local/records/deal_1?lang=en'), 'en');
const page = (record: Record<string, unknown>, change: object = {}): string =>
  recordPage(who, { id: 'deal_1', path: '/api/deals/deal_1', record, work: undefined, story: undefined, ...change })
    .body.text;

test.each([
  ['deal_01J8Z3', '/api/deals/deal_01J8Z3'],
  ['raw_01J8Z3', '/api/intake/raw_01J8Z3'],
  ['story_01J8Z3', '/api/stories/story_01J8Z3'],
  ['user_01J8Z3', undefined],
  ['constructor_1', undefined],
  ['deal_1/../../me', undefined],
  ['Ромашка', undefined],
])('the API has %s at %s', (id, place) => {
  expect(placeOf(id)).toBe(place);
});

test('ids in a record are links in the chosen language, money is one text, lists of objects are tables', () => {
  const text = page({
    clientId: 'client_7',
    amount: { amount: '10.00', currency: 'RUB' },
    tags: ['a', 'b'],
    lines: [{ sku: 'P-1' }, { sku: 'P-2', price: { amount: '5.00', currency: 'RUB' } }],
  });
  expect(text).toContain('<a href="/_local/records/client_7?lang=en">client_7</a>');
  expect(text).toContain('<dd>10.00 RUB</dd>');
  expect(text).toContain('a, b');
  expect(text.match(/<th scope="col">/g)).toHaveLength(2);
  expect(text).toContain('<td>5.00 RUB</td>');
});

test('what people typed is shown as text', () => {
  expect(page({ name: '<script>alert(1)</script>' })).not.toContain('<script>');
});

test('a story shows its records and every event with who changed what; personal values are not in it', () => {
  const events = [
    {
      type: 'deal.changed',
      at: '2026-11-23T10:00:00.000Z',
      record: { id: 'deal_1' },
      by: { id: 'user_1', name: 'Anna' },
      changes: [
        { field: 'stage', from: 'new', to: 'won' },
        { field: 'phone', personal: true as const },
      ],
    },
  ];
  const text = page({}, { story: { chain: [{ entity: 'lead', id: 'lead_1' }], events } }).replaceAll(/\s+/g, ' ');
  expect(text).toContain('<a href="/_local/records/lead_1?lang=en">lead_1</a>');
  expect(text).toMatch(/deal\.changed.*Anna.*stage:<\/span> new → won.*phone:<\/span> \(personal\)/);
});

test('the form is shown live twice, and once as text to paste', () => {
  const snippet = '<sdelka-form></sdelka-form>\n<!-- Without script -->\n<form method="post"></form>';
  const { text } = formPage(who, snippet).body;
  expect(text.match(/<sdelka-form>/g)).toHaveLength(1);
  expect(text.match(/<form /g)).toHaveLength(1);
  expect(text).toContain('&lt;sdelka-form&gt;');
  expect(formPage(who, undefined).body.text).toContain('?form=');
});
