import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { cleanText, escapeHtml, fold, Line, Name, Text } from '#shared/text.ts';

describe('user text is cleaned the same way on the way in and out', () => {
  const cases: [string, z.ZodType<string, string>, string, string][] = [
    ['NFD becomes NFC', cleanText, 'И\u0306од', 'Йод'],
    ['a lone surrogate is replaced', cleanText, 'a\uD800b', 'a\uFFFDb'],
    ['NUL, escape and C1 signs go', cleanText, 'a\u0000\u001B\u0085b', 'ab'],
    ['line ends become \\n and tabs stay', cleanText, 'a\r\nb\rc\td\u2028e', 'a\nb\nc\td\ne'],
    ['emoji and joiners stay', cleanText, '👩‍💻 اسم', '👩‍💻 اسم'],
    ['a name is one line', Name(), '  Иван\r\n\tПетров ', 'Иван Петров'],
    ['a line may be empty', Line(), ' \n ', ''],
    ['a text keeps its lines', Text(), '\n\n a  \n\nb \n', ' a\n\nb'],
  ];
  test.each(cases)('%s', (_name, schema, raw, kept) => {
    expect(z.decode(schema, raw)).toBe(kept);
    expect(z.encode(schema, raw)).toBe(kept);
    expect(z.decode(schema, kept)).toBe(kept);
  });

  test('the length counts after cleaning', () => {
    expect(Name(3).safeParse('  abc  ').success).toBe(true);
    expect(Name(3).safeParse('abcd').success).toBe(false);
    expect(Name().safeParse(' \u0000\n').success).toBe(false);
    expect(Text(10).safeParse(`a${'\u0301'.repeat(10_000)}`).success).toBe(false);
  });

  test('the limits are in the JSON Schema', () => {
    expect(z.toJSONSchema(Name(3), { io: 'input' })).toMatchObject({ type: 'string', minLength: 1, maxLength: 3 });
  });
});

test.each([
  ['Ёлка', 'елка'],
  ['Е\u0308ж', 'еж'],
  ['ＡＢＣ①', 'abc1'],
  ['Straße ﬁ', 'straße fi'],
  ['ЙОД', 'йод'],
  ['a\uD800', 'a\uFFFD'],
])('"%s" is searched as "%s"', (text, folded) => {
  expect(fold(text)).toBe(folded);
});

test('HTML is escaped in text and attributes', () => {
  expect(escapeHtml(`<a href="x" b='y'>&amp;`)).toBe('&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;');
});
