import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBody } from '#shared/body.ts';

const read = (text: string, type?: string) => readBody(Buffer.from(text), type);
const form = (text: string) => read(text, 'application/x-www-form-urlencoded');

async function multipart(fields: [string, string | File][]) {
  const data = new FormData();
  for (const [name, value] of fields) data.append(name, value);
  const response = new Response(data);
  return readBody(Buffer.from(await response.arrayBuffer()), response.headers.get('content-type') ?? '');
}

describe('bodies of forms and webhooks', () => {
  test.each([
    ['{"a":[1]}', 'application/json', 'json', { a: [1] }],
    ['{"a":1}', 'application/json; charset=utf-8', 'json', { a: 1 }],
    ['{"a":1}', 'application/vnd.api+json', 'json', { a: 1 }],
    ['{"a":1}', undefined, 'json', { a: 1 }],
    [' [1]', 'application/octet-stream', 'json', [1]],
    ['a=1&b=%D0%AF+x', 'application/x-www-form-urlencoded', 'form', { a: '1', b: 'Я x' }],
    ['{"a":1}', 'text/plain', 'text', { text: '{"a":1}' }],
    ['', 'application/json', 'empty', {}],
    [' \n', undefined, 'empty', {}],
  ])('%j as %s is %s', async (text, type, kind, value) => {
    expect(await read(text, type)).toEqual({ kind, value });
  });

  test('plain text is read in its charset', async () => {
    const body = Buffer.from([0xcf, 0xf0, 0xe8]);
    expect(await readBody(body, 'text/plain; charset="windows-1251"')).toEqual({
      kind: 'text',
      value: { text: 'При' },
    });
    expect(await readBody(Buffer.from('x'), 'text/plain; charset=nonsense')).toEqual({
      kind: 'text',
      value: { text: 'x' },
    });
  });

  test.each([
    ['a=1&a=2&a=3', { a: ['1', '2', '3'] }],
    ['a[]=1', { a: ['1'] }],
    ['a[]=1&a[]=2', { a: ['1', '2'] }],
    ['a[b]=1&a[c][d]=2', { a: { b: '1', c: { d: '2' } } }],
    ['a[0][x]=1&a[1][x]=2', { a: { 0: { x: '1' }, 1: { x: '2' } } }],
    ['a[b][]=1&a[b][]=2', { a: { b: ['1', '2'] } }],
    ['a=1&a[b]=2', { a: { '': '1', b: '2' } }],
    ['a[b]=1&a=2', { a: [{ b: '1' }, '2'] }],
    ['a[=1&b]=2&[c]=3&d[e]f=4', { 'a[': '1', 'b]': '2', '[c]': '3', 'd[e]f': '4' }],
    ['=x&y', { '': 'x', y: '' }],
    ['constructor[prototype]=1&toString=2', { constructor: { prototype: '1' }, toString: '2' }],
  ])('the fields %s nest', async (text, value) => {
    expect(await form(text)).toEqual({ kind: 'form', value });
  });

  test('__proto__ in a name pollutes nothing', async () => {
    expect(await form('__proto__[x]=1&a[__proto__][x]=1&__proto__=1&a[__proto__]=2&b=3')).toEqual({
      kind: 'form',
      value: { b: '3' },
    });
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
  });

  test('a multipart form keeps its texts and describes its files', async () => {
    const file = new File(['содержание'], 'смета.pdf', { type: 'application/pdf' });
    expect(
      await multipart([
        ['name', 'Иван'],
        ['a[b]', '1'],
        ['tag', 'x'],
        ['tag', 'y'],
        ['file', file],
      ]),
    ).toEqual({
      kind: 'multipart',
      value: {
        name: 'Иван',
        a: { b: '1' },
        tag: ['x', 'y'],
        file: { fileName: 'смета.pdf', contentType: 'application/pdf', size: 20 },
      },
    });
  });
});

describe('bodies that cannot be read come back with a reason and their text', () => {
  test.each([
    ['{"a":', 'application/json', 'json', 'column 6'],
    ['['.repeat(100_000), 'application/json', 'json', '16 levels'],
    ['['.repeat(17) + ']'.repeat(17), 'application/json', 'json', '16 levels'],
    [`[${'1,'.repeat(20_000)}1]`, 'application/json', 'json', '20000 values'],
    ['a=1&'.repeat(1001), 'application/x-www-form-urlencoded', 'form', '1000 fields'],
    [`a${'[b]'.repeat(16)}=1`, 'application/x-www-form-urlencoded', 'form', '16 levels'],
    ['--x\r\nnonsense', 'multipart/form-data; boundary=x', 'multipart', 'boundary'],
    ['--x--', 'multipart/form-data', 'multipart', 'boundary'],
    ['<a/>', 'text/xml', 'unknown', 'text/xml'],
    ['{oops', undefined, 'unknown', 'send JSON'],
  ])('%.20s as %s', async (text, type, kind, error) => {
    expect(await read(text, type)).toEqual({ kind, error: expect.stringContaining(error), text });
  });

  test('any bytes under any type give an answer, never an exception', async () => {
    const type = fc.oneof(
      fc.constantFrom(
        'application/json',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'text/plain',
      ),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), type, async (bytes, contentType) => {
        const result = await readBody(Buffer.from(bytes), contentType);
        expect('value' in result || result.error.length > 0).toBe(true);
      }),
    );
  });
});
