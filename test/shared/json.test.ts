import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, hashOf, parseJson } from '#shared/json.ts';

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

describe('parsing JSON from outside', () => {
  test('any JSON value comes back as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!text.includes('__proto__'));
        expect(parseJson(text, { maxDepth: 50 })).toEqual({ ok: true, value: JSON.parse(text.toWellFormed()) });
      }),
    );
  });

  test.each([
    [nested(16), true],
    [nested(17), false],
    [nested(5000), false],
    [nested(100_000), false],
    ['{"a":'.repeat(17) + '1' + '}'.repeat(17), false],
    [JSON.stringify('['.repeat(100)), true],
    [JSON.stringify({ text: '\\"[[[[[[[[[[[[[[[[[[[[[[' }), true],
  ])('%# nests at most 16 levels', (text, ok) => {
    const parsed = parseJson(text);
    expect(parsed.ok).toBe(ok);
    if (!parsed.ok) expect(parsed).toMatchObject({ kind: 'too_deep', error: expect.stringContaining('16') });
  });

  test.each([
    ['{"a":1,}', 7, 'line 1, column 8'],
    ['{\n  "a": tru\n}', 12, 'line 2, column 11'],
    ['[1,]', 3, 'line 1, column 4'],
    [`[${'1,'.repeat(500)}x]`, 1001, 'line 1, column 1002'],
    ['{"a":"b" "c"}', 9, 'line 1, column 10'],
    ["{'a':1}", 1, 'line 1, column 2'],
    ['<html>', 0, 'line 1, column 1'],
    ['"a\u0001"', 2, 'line 1, column 3'],
    ['{"a":', 5, 'line 1, column 6'],
    ['', 0, 'line 1, column 1'],
  ])('the mistake in %j is at %d', (text, at, place) => {
    expect(parseJson(text)).toMatchObject({ ok: false, kind: 'not_json', at, error: expect.stringContaining(place) });
  });

  test('__proto__ is dropped at every level and pollutes nothing', () => {
    const parsed = parseJson('{"__proto__":{"admin":true},"a":[{"__proto__":{"admin":true},"b":1}]}');
    expect(parsed).toEqual({ ok: true, value: { a: [{ b: 1 }] } });
    expect(parsed.ok && Object.getPrototypeOf(parsed.value)).toBe(Object.prototype);
  });

  test('lone surrogates become U+FFFD in values and names, pairs stay', () => {
    expect(parseJson('{"a\\ud800":"\\udc00x\\ud83d\\ude00"}')).toEqual({ ok: true, value: { 'a\uFFFD': '\uFFFDx😀' } });
  });

  test('a byte order mark is skipped, and the last of equal keys counts', () => {
    expect(parseJson('\uFEFF{"a":1,"a":2}')).toEqual({ ok: true, value: { a: 2 } });
  });

  test('a number beyond a double is null, which JSON can hold again', () => {
    expect(parseJson('{"a":1e999,"b":[-1e999,1e21]}')).toEqual({ ok: true, value: { a: null, b: [null, 1e21] } });
  });

  test('too many values are refused', () => {
    expect(parseJson('[1,2,3]', { maxNodes: 4 }).ok).toBe(true);
    expect(parseJson('[1,2,3,4]', { maxNodes: 4 })).toMatchObject({ kind: 'too_many' });
  });
});

describe('canonical JSON', () => {
  test('does not depend on the order of keys', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'я' }], a: -0 })).toBe('{"a":0,"b":[1,{"c":"я","d":null}]}');
    expect(hashOf({ a: 1, b: 2 })).toBe(hashOf({ b: 2, a: 1 }));
    expect(hashOf({ a: 1, b: undefined })).toBe(hashOf({ a: 1 }));
    expect(hashOf({ a: 1 })).not.toBe(hashOf({ a: '1' }));
    expect(hashOf({})).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  });

  test('is JSON of an equal value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test.each([Number.NaN, Infinity, 1n, () => 1])('refuses %s', (value) => {
    expect(() => canonicalJson({ a: value })).toThrow(/cannot hold/);
  });
});
