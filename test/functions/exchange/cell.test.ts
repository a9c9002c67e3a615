import { describe, expect, it } from 'vitest';
import { readCell, type Writing } from '#functions/exchange/cell.ts';
import type { CellKind, Option } from '#functions/exchange/field.ts';
import { plainNumber } from '#functions/exchange/plain-number.ts';

const writing: Writing = { decimal: 'auto', dates: 'auto', currency: 'RUB', zone: 'Europe/Moscow', serials: false };
const read = (kind: CellKind, text: string, change: Partial<Writing> = {}, options: Option[] = []) =>
  readCell(text, { kind, options }, { ...writing, ...change }, 'ru');

describe('a number', () => {
  it.each([
    ['1 234,50', '1234.5'],
    ['1\u00A0234\u202F567,8', '1234567.8'],
    ["1'234.50", '1234.5'],
    ['1.234,5', '1234.5'],
    ['1,234.5', '1234.5'],
    ['1,234,567', '1234567'],
    ['1.234.567', '1234567'],
    ['1,5', '1.5'],
    ['0,50', '0.5'],
    ['-0', '0'],
    ['−5', '-5'],
    ['(5)', '-5'],
    ['007', '7'],
    [',5', '0.5'],
    ['4.5E-2', '0.045'],
    ['1.5E+3', '1500'],
    ['-1.25e1', '-12.5'],
    ['1E21', '1000000000000000000000'],
  ])('%s is %s', (text, number) => expect(plainNumber(text, 'auto')).toBe(number));

  it.each(['', 'abc', '1,2,3', '12.34.56', '0x10', 'NaN', 'Infinity', '٣', '1-2', '1 2 a', '--5', '=2+2'])(
    '%s is none',
    (text) => expect(plainNumber(text, 'auto')).toBeUndefined(),
  );

  it('has the decimal sign that was named', () => {
    expect(plainNumber('1,234', 'auto')).toBe('1.234');
    expect(plainNumber('1,234', '.')).toBe('1234');
    expect(plainNumber('1.234', ',')).toBe('1234');
    expect(plainNumber('1.23', ',')).toBeUndefined();
  });

  it('may have its currency or percent beside it', () => {
    expect(read('number', '1 234,50 ₽')).toEqual({ value: '1234.5', currency: 'RUB' });
    expect(read('number', 'USD 12.5')).toEqual({ value: '12.5', currency: 'USD' });
    expect(read('number', '12,5 %')).toEqual({ value: '12.5' });
    expect(read('money', '€10')).toEqual({ value: { amount: '10', currency: 'EUR' } });
    expect(read('money', '10')).toEqual({ value: { amount: '10', currency: 'RUB' } });
    expect(read('money', '10 XXX')).toHaveProperty('fault');
    expect(read('integer', '3,0')).toEqual({ value: 3 });
    expect(read('integer', '3,5')).toEqual({ fault: 'нужно целое число' });
  });
});

describe('a day', () => {
  it.each([
    ['23.11.2026', '2026-11-23'],
    ['3.1.26', '2026-01-03'],
    ['2026-11-23', '2026-11-23'],
    ['23/11/2026', '2026-11-23'],
    ['23.11.2026 г.', '2026-11-23'],
    ['29.02.2028', '2028-02-29'],
    ['2026-11-23T18:30:00', '2026-11-23'],
  ])('%s is %s', (text, date) => expect(read('date', text)).toEqual({ value: date }));

  it.each(['31.02.2026', '29.02.2027', '00.01.2026', '11.23.2026', '46349', 'вчера', '', '23.11'])(
    '%s is none',
    (text) => expect(read('date', text)).toHaveProperty('fault'),
  );

  it('is in the order that was named, and a count of days only in a workbook', () => {
    expect(read('date', '11/23/2026', { dates: 'mdy' })).toEqual({ value: '2026-11-23' });
    expect(read('date', '46349', { serials: true })).toEqual({ value: '2026-11-23' });
  });

  it('with a time is a moment on the clocks of who imports', () => {
    expect(read('instant', '23.11.2026 18:30')).toEqual({ value: '2026-11-23T15:30:00.000Z' });
    expect(read('instant', '23.11.2026')).toEqual({ value: '2026-11-22T21:00:00.000Z' });
    expect(read('instant', '2026-11-23T18:30:00.000Z')).toEqual({ value: '2026-11-23T18:30:00.000Z' });
    expect(read('instant', '23.11.2026 25:00')).toHaveProperty('fault');
  });
});

describe('a choice', () => {
  const options = [
    { id: 'small', names: ['Мелкий', 'Small'] },
    { id: 'large', names: ['Крупный', 'Large'] },
  ];
  it('is known by its id or its name in either language, without case', () => {
    expect(read('choice', 'КРУПНЫЙ', {}, options)).toEqual({ value: 'large' });
    expect(read('choice', 'small', {}, options)).toEqual({ value: 'small' });
    expect(read('choice', 'huge', {}, options)).toEqual({ fault: 'допустимо: Мелкий, Крупный' });
    expect(read('choices', 'Small; крупный, small', {}, options)).toEqual({ value: ['small', 'large'] });
    expect(read('choices', 'small; huge', {}, options)).toHaveProperty('fault');
  });

  it('of yes and no is written in many ways', () => {
    for (const yes of ['да', 'Yes', '1', 'ИСТИНА', '+']) expect(read('boolean', yes)).toEqual({ value: true });
    for (const no of ['нет', 'no', '0', 'Ложь', '-']) expect(read('boolean', no)).toEqual({ value: false });
    expect(read('boolean', 'может быть')).toHaveProperty('fault');
  });
});

describe('a text', () => {
  it('is kept as it is written, also one that a spreadsheet would reckon', () => {
    expect(read('text', '=HYPERLINK("x")')).toEqual({ value: '=HYPERLINK("x")' });
    expect(read('text', ' +7\u0000 ')).toEqual({ value: '+7' });
    expect(read('email', 'PETR@Почта.РФ')).toEqual({ value: 'petr@xn--80a1acny.xn--p1ai' });
    expect(read('list', 'a@x.example; b@x.example,c@x.example')).toEqual({
      value: ['a@x.example', 'b@x.example', 'c@x.example'],
    });
  });
});
