import { describe, expect, it } from 'vitest';
import type { Field } from '#functions/settings/field.ts';
import { FieldSet, fieldSetKind, missingCustom } from '#functions/settings/field-set.ts';

const text = (change: Partial<Field> = {}): Field => ({ id: 'note', kind: 'text', name: { en: 'Note' }, ...change });
const option = (id: string) => ({ id, name: { en: id } });
const choice = (ids: string[], change: Partial<Field> = {}) =>
  text({ kind: 'choice', options: ids.map(option), ...change });
const faults = async (fields: Field[], before?: Field[]) =>
  (await fieldSetKind.check({ fields }, before && { fields: before })).map(
    ({ pointer, detail }) => `${pointer}: ${detail}`,
  );

describe('a set of fields', () => {
  it('holds when every field is whole', async () => {
    expect(
      await faults([text(), choice(['a', 'b'], { id: 'size' }), text({ id: 'n', kind: 'number', min: '1', max: '2' })]),
    ).toEqual([]);
  });

  it.each([
    ['two fields with one id', [text(), text()], '/fields: Two fields have the id note'],
    ['a choice without options', [text({ kind: 'choice' })], '/fields/0/options: A choice needs options'],
    [
      'options of a text',
      [choice(['a'], { kind: 'text' })],
      '/fields/0/options: A field of the kind text has no options',
    ],
    ['two options with one id', [choice(['a', 'a'])], '/fields/0/options: Two options have the id a'],
    ['bounds of a text', [text({ min: '1' })], '/fields/0/min: A field of the kind text has no bounds'],
    ['bounds the wrong way round', [text({ kind: 'number', min: '10', max: '9' })], '/fields/0/min: The least value'],
    ['the length of a date', [text({ kind: 'date', maxLength: 5 })], '/fields/0/maxLength: Only a text'],
  ])('is refused for %s', async (_, fields, fault) => {
    expect((await faults(fields)).join()).toContain(`/body/body${fault}`);
  });

  it.each([
    [
      'another kind',
      [text()],
      [text({ kind: 'number' })],
      '/fields/0/kind: The kind of note cannot change from text to number',
    ],
    ['a field that is gone', [text()], [], '/fields: Field note cannot be removed'],
    ['an option that is gone', [choice(['a', 'b'])], [choice(['a'])], '/fields/0/options: Option b cannot be removed'],
  ])('is refused after it was published for %s', async (_, before, after, fault) => {
    expect((await faults(after, before)).join()).toContain(`/body/body${fault}`);
  });

  it('may rename, retire and add', async () => {
    const before = [text(), choice(['a', 'b'], { id: 'size' })];
    const after = [
      text({ name: { ru: 'Заметка' }, retired: true }),
      choice(['a', 'b', 'c'], { id: 'size', options: [{ ...option('a'), retired: true }, option('b'), option('c')] }),
      text({ id: 'more' }),
    ];
    expect(await faults(after, before)).toEqual([]);
  });

  it.each(['Size', '1st', 'a-b', 'a'.repeat(41), ''])('has no field called "%s"', (id) => {
    expect(FieldSet.safeParse({ fields: [text({ id })] }).success).toBe(false);
  });
});

describe('what a record lacks', () => {
  const required = (requiredIn: Field['requiredIn'], change: Partial<Field> = {}) => [text({ requiredIn, ...change })];
  it.each([
    ['everywhere', required({}), {}, true],
    ['nowhere', required(undefined), { stage: 'offer' }, false],
    ['at its stage', required({ stages: ['offer'] }), { stage: 'offer' }, true],
    ['at another stage', required({ stages: ['offer'] }), { stage: 'new' }, false],
    [
      'at a stage of its type only',
      required({ stages: ['offer'], types: ['big'] }),
      { stage: 'offer', type: 'quick' },
      false,
    ],
    ['in its state', required({ states: ['qualified'] }), { state: 'qualified' }, true],
    ['where nothing is known of its place', required({ states: ['qualified'] }), {}, false],
    ['when it is retired', required({}, { retired: true }), {}, false],
  ])('is asked for %s', (_, fields, place, missing) => {
    expect(missingCustom({ fields }, {}, place)).toEqual(missing ? ['note'] : []);
    expect(missingCustom({ fields }, { note: 'given' }, place)).toEqual([]);
  });
});
