import { describe, expect, it, test } from 'vitest';
import {
  nameLikeness,
  piecesOf,
  proposals,
  reasonsFor,
  soundOf,
  stepsBetween,
  wordsOf,
} from '#functions/clients/similarity.ts';

describe('Words of a name', () => {
  it.each([
    ['ООО «Ромашка»', 'Romashka LLC'],
    ['АО "Северсталь"', 'Severstal AO'],
    ['ИП Щукин', 'Shchukin'],
    ['Ёлочка', 'Елочка'],
    ['Müller GmbH', 'Muller'],
    ['Yuri', 'Юрий'],
  ])('%s sounds as %s', (one, other) => {
    expect(wordsOf(one)).toEqual(wordsOf(other));
  });
  it('keeps a legal form when there is nothing else', () => {
    expect(wordsOf('ООО')).toEqual([soundOf('ооо')]);
  });
});

test.each([
  ['', '', 0],
  ['abc', 'abc', 0],
  ['abc', 'acb', 1],
  ['abc', 'ab', 1],
  ['abc', 'xbc', 1],
  ['ca', 'abc', 3],
])('From %s to %s it is %i steps', (a, b, steps) => {
  expect(stepsBetween(a, b)).toBe(steps);
});

describe('Likeness of names', () => {
  it.each([
    ['ООО «Ромашка»', 'Ромашка, ООО', 1],
    ['Иван Петров', 'Петров Иван', 1],
    ['Алексей Щербаков', 'Shcherbakov Aleksey', 0.97],
  ])('%s and %s are one', (a, b, least) => {
    expect(nameLikeness(a, b)).toBeGreaterThanOrEqual(least);
  });
  it.each([
    ['Ромашка', 'Рамашка'],
    ['Иванов Пётр', 'Иванвов Петр'],
    ['Петров Иван Сергеевич', 'Иван Петров'],
    ['Стройинвест', 'Стройинвес'],
  ])('%s and %s are alike', (a, b) => {
    const like = nameLikeness(a, b);
    expect(like).toBeGreaterThanOrEqual(0.7);
    expect(like).toBeLessThan(1);
  });
  it.each([
    ['Ромашка', 'Василёк'],
    ['Иван Петров', 'Иван Сидоров'],
    ['ООО «Альфа»', 'ООО «Бета»'],
    ['ООО', 'АО'],
    ['', 'Иван'],
  ])('%s and %s are not', (a, b) => {
    expect(nameLikeness(a, b)).toBeLessThan(0.7);
  });
  it('is the same both ways', () => {
    expect(nameLikeness('Петров Иван Сергеевич', 'Иван Петров')).toBe(
      nameLikeness('Иван Петров', 'Петров Иван Сергеевич'),
    );
  });
});

describe('Reasons', () => {
  const one = { id: 'a', name: 'Иван Петров', emails: ['ivan@romashka.example'], phones: ['+79161234567'] };
  it('names each with its weight, the stronger instead of the weaker of its kind', () => {
    const other = { id: 'b', name: 'Петров Иван', emails: ['i.petrov@romashka.example'], phones: ['+74951234567'] };
    expect(reasonsFor(one, other).map(({ by, weight }) => [by, weight])).toEqual([
      ['name', 50],
      ['phone-tail', 20],
      ['email-domain', 10],
    ]);
    expect(reasonsFor(one, { ...one, id: 'c', name: 'Анна' }).map(({ by }) => by)).toEqual(['email', 'phone']);
  });
  it('takes free mail for no sign of a common employer', () => {
    expect(reasonsFor({ id: 'a', emails: ['a@mail.ru'] }, { id: 'b', emails: ['b@mail.ru'] })).toEqual([]);
  });
  it('compares tax numbers however they are spaced', () => {
    expect(reasonsFor({ id: 'a', taxIds: ['7707 083893'] }, { id: 'b', taxIds: ['7707083893'] })[0]?.by).toBe('taxId');
  });
  it('proposes what adds up to enough, the likeliest first, and what somebody has seen already', () => {
    const found = proposals(
      one,
      [
        one,
        { id: 'b', name: 'Пётр Иванов', phones: ['+74951234567'] },
        { id: 'c', name: 'Иван Петров' },
        { id: 'd', name: 'Иван Петров', emails: ['x@romashka.example'] },
        { id: 'e', name: 'Кто-то' },
      ],
      new Map([['e', ['email']]]),
    );
    expect(found.map(({ id, score }) => [id, score])).toEqual([
      ['d', 60],
      ['e', 60],
      ['c', 50],
    ]);
  });
});

test('Pieces to search for come in both alphabets, with the tails of phones and domains', () => {
  const pieces = piecesOf({ id: 'a', name: 'ООО «Ромашка»', emails: ['x@firm.example'], phones: ['+79161234567'] });
  expect(pieces).toEqual(['рома', 'ашка', 'roma', 'shka', '1234567', 'firm.example']);
  expect(piecesOf({ id: 'b', name: 'Romashka' })).toEqual(expect.arrayContaining(['рома']));
});
