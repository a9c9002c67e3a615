import { describe, expect, it } from 'vitest';
import { markersOf, names, redacted } from '#functions/clients/redaction.ts';

const markers = markersOf(['Иван Петров', 'Ли'], ['ivan@x.example', '+79161234567']);

describe('What names somebody', () => {
  it.each([
    ['Встреча с ИВАН ПЕТРОВ завтра', 'Встреча с … завтра'],
    ['Петрову позвонить', '…у позвонить'],
    ['пиши на Ivan@X.example или 79161234567, 9161234567', 'пиши на … или …, …'],
    ['Ничего такого', 'Ничего такого'],
    ['Ли звонил', '… звонил'],
  ])('%s becomes %s', (text, wanted) => {
    expect(redacted(text, markers)).toBe(wanted);
    expect(names(text, markers)).toBe(text !== wanted);
  });
  it('is taken as it is written, also where it looks like a pattern', () => {
    expect(redacted('a.b+c', markersOf([], ['a.b+c']))).toBe('…');
    expect(redacted('axbxc', markersOf([], ['a.b+c']))).toBe('axbxc');
  });
  it('is nothing for somebody nobody knows anything of', () => {
    expect(redacted('text', markersOf([], []))).toBe('text');
  });
});
