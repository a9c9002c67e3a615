import { expect, test } from 'vitest';
import { apiPage } from '#local/desk/api-page.ts';
import { html } from '#local/desk/html.ts';
import { reader, wholePage } from '#local/desk/layout.ts';
import { schemaText } from '#local/desk/schema-text.ts';
import { languageOf, texts } from '#local/desk/text.ts';

test('whatever is put into a page is escaped, and pieces made of pieces are not escaped twice', () => {
  const piece = html`<i>${'a<b>"\'&'}</i>`;
  expect(html`<p title="${'"x"'}">${[piece, 1, undefined, false]}</p>`.text).toBe(
    '<p title="&quot;x&quot;"><i>a&lt;b&gt;&quot;&#39;&amp;</i>1</p>',
  );
});

test.each([
  [null, undefined, 'en'],
  [null, 'ru-RU,ru;q=0.9,en;q=0.8', 'ru'],
  [null, 'de-DE,en;q=0.5,ru;q=0.1', 'en'],
  ['ru', 'en', 'ru'],
  ['de', 'fr', 'en'],
])('?lang=%s with Accept-Language %s gives %s', (query, accepted, expected) => {
  expect(languageOf(query, accepted)).toBe(expected);
});

test('no text is missing or left untranslated by accident', () => {
  const same = new Set(['apiPage']);
  for (const [name, text] of Object.entries(texts.en)) {
    const translated = texts.ru[name as keyof typeof texts.en];
    expect(translated).not.toBe('');
    if (!same.has(name)) expect(translated).not.toBe(text);
  }
});

test('a schema is written as people write types', () => {
  const named = {
    Money: {
      type: 'object',
      required: ['amount'],
      properties: { amount: { type: 'string' }, currency: { enum: ['RUB', 'EUR'] } },
    },
    Tree: { type: 'object', properties: { of: { type: 'array', items: { $ref: '#/components/schemas/Tree' } } } },
  };
  const schema = {
    type: 'object',
    required: ['title', 'price'],
    properties: {
      title: { type: 'string', minLength: 1, maxLength: 200, description: 'shown to the client' },
      price: { $ref: '#/components/schemas/Money' },
      count: { type: 'integer', minimum: -9007199254740991, maximum: 9 },
      tree: { anyOf: [{ $ref: '#/components/schemas/Tree' }, { type: 'null' }] },
      kind: { const: 'x' },
    },
  };
  expect(schemaText(schema, named)).toBe(`{
  title: string (1..200)  // shown to the client
  price: {
    amount: string
    currency?: "RUB" | "EUR"
  }
  count?: integer (..9)
  tree?: {
    of?: Tree[]
  } | null
  kind?: "x"
}`);
});

test('the API page shows each operation under its tag with parameters, bodies, answers and the right it needs', () => {
  const page = apiPage(reader(new URL('http://127.0.0.1/_local/api'), 'en'), {
    info: { title: 'Shop', version: '2' },
    paths: {
      '/api/deals/{id}': {
        post: {
          summary: 'Change <a> deal',
          tags: ['Deals'],
          'x-right': 'deal.change',
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
          requestBody: {
            content: { 'application/json': { schema: { type: 'object', properties: { sum: { type: 'number' } } } } },
          },
          responses: { 200: { description: 'Done' }, default: { description: 'Refused' } },
        },
      },
    },
  });
  const text = wholePage(reader(new URL('http://127.0.0.1/_local/api?lang=en'), 'en'), page);
  for (const part of [
    'Deals',
    'POST',
    '/api/deals/{id}',
    'Change &lt;a&gt; deal',
    'deal.change',
    'sum?: number',
    'Refused',
  ])
    expect(text).toContain(part);
  expect(text).not.toContain('Change <a>');
});
