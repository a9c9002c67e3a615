import { describe, expect, it } from 'vitest';
import type { Field } from '#functions/settings/field.ts';
import { customFacts } from '#functions/settings/field-fact.ts';
import { customForLetter, customOfTexts } from '#functions/settings/field-text.ts';

const field = (id: string, kind: Field['kind'], change: Partial<Field> = {}): Field => ({
  id,
  kind,
  name: { en: id },
  ...change,
});
const options = [
  { id: 'big', name: { ru: 'Большой', en: 'Big' } },
  { id: 'old', name: { en: 'Old' }, retired: true },
];
const fields: Field[] = [
  field('note', 'text', { maxLength: 5 }),
  field('staff', 'number'),
  field('budget', 'money'),
  field('due', 'date'),
  field('size', 'choice', { options }),
  field('uses', 'multi-choice', { options: [...options, { id: 'tiny', name: { en: 'Tiny' } }] }),
  field('expert', 'person'),
  field('gone', 'text', { retired: true }),
];

describe('texts from outside', () => {
  it.each([
    ['note', 'ёлка', 'ёлка'],
    ['staff', '1 200,50', '1200.5'],
    ['budget', '1 234,5', { amount: '1234.50', currency: 'RUB' }],
    ['budget', '99 eur', { amount: '99.00', currency: 'EUR' }],
    ['due', '01.12.2026', '2026-12-01'],
    ['due', '2026-12-01', '2026-12-01'],
    ['size', 'БОЛЬШОЙ', 'big'],
    ['uses', 'tiny; Big;tiny', ['tiny', 'big']],
  ])('fill %s from %j', (id, text, value) => {
    expect(customOfTexts({ fields }, { [id]: text })).toEqual({ custom: { [id]: value }, rest: {} });
  });

  it.each([
    ['note', 'too long'],
    ['staff', 'many'],
    ['budget', '1 XYZ'],
    ['due', '31.02.2026'],
    ['size', 'old'],
    ['uses', 'big, unknown'],
    ['expert', 'user_01J8Z3Y1QW9R7V5T3S1P0N2M4K'],
    ['gone', 'x'],
    ['nothing', 'x'],
  ])('are kept beside when %s does not take %j', (id, text) => {
    expect(customOfTexts({ fields }, { [id]: text })).toEqual({ custom: undefined, rest: { [id]: text } });
  });
});

describe('own fields', () => {
  const values = {
    staff: '12.5',
    budget: { amount: '10.00', currency: 'RUB' },
    size: 'big',
    gone: 'x',
    uses: ['big', 'tiny'],
  };

  it('come to rules as numbers and texts, without the retired', () => {
    expect(customFacts({ fields }, values)).toEqual({
      staff: 12.5,
      budget: { amount: 10, currency: 'RUB' },
      size: 'big',
      uses: ['big', 'tiny'],
    });
  });

  it('come to letters as money, and with the names of what was chosen', () => {
    expect(customForLetter({ fields }, values, 'ru')).toEqual({
      ...values,
      budget: { amount: 1000, currency: 'RUB' },
      size_name: 'Большой',
      uses_name: 'Большой, Tiny',
    });
    const named = [...fields, field('size_name', 'text')];
    expect(customForLetter({ fields: named }, { ...values, size_name: 'own' }, 'ru')['size_name']).toBe('own');
  });
});
