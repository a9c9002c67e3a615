import { describe, expect, it } from 'vitest';
import type { Client } from '#functions/clients/client.ts';
import { combinedClients, combinedPeople, takenBack } from '#functions/clients/merge.ts';
import type { Person } from '#functions/clients/person.ts';
import { idOf } from '#test/support/deal.ts';

const person = (name: string, change: Partial<Person> = {}): Person => ({
  id: idOf('person', name),
  version: 1,
  storyId: 'story_a',
  name,
  emails: [`${name.toLowerCase()}@x.example`],
  phones: [],
  locale: 'ru',
  createdAt: '2026-11-23T10:00:00.000Z',
  ...change,
});
const client = (name: string, change: Partial<Client> = {}): Client => ({
  id: idOf('client', name),
  version: 1,
  storyId: 'story_a',
  kind: 'organisation',
  name,
  standing: 'prospect',
  createdAt: '2026-11-23T10:00:00.000Z',
  ...change,
});

describe('People that become one', () => {
  const [a, b, c] = [person('A'), person('B', { locale: 'en' }), person('C', { phones: ['+79160000000'] })];
  it('keep what the survivor has and every address of all', () => {
    expect(combinedPeople([a, b, c], {}).change).toEqual({
      emails: ['a@x.example', 'b@x.example', 'c@x.example'],
      phones: ['+79160000000'],
    });
  });
  it('take what was chosen, and what the survivor lacks', () => {
    const nameless = { ...a, name: undefined };
    expect(combinedPeople([nameless, b, c], { locale: b.id }).change).toMatchObject({ name: 'B', locale: 'en' });
  });
  it('bring own fields together one by one', () => {
    const [x, y] = [
      { ...a, custom: { size: 1 } },
      { ...b, custom: { size: 2, colour: 'red' } },
    ];
    expect(combinedPeople([x, y], {}).change.custom).toEqual({ size: 1, colour: 'red' });
    expect(combinedPeople([x, y], { 'custom.size': b.id }).change.custom).toEqual({ size: 2, colour: 'red' });
  });
  it('change nothing where all are alike', () => {
    expect(combinedPeople([a, { ...a, id: b.id }], {}).change).toEqual({});
  });
  it.each([
    ['shoe', a.id],
    ['name', idOf('person', 'X')],
    ['emails', b.id],
  ])('refuse to choose %s of %s', (field, id) => {
    expect(() => combinedPeople([a, b], { [field]: id })).toThrow('request');
  });
});

describe('Clients that become one', () => {
  it('are found by every tax number, and are a counterparty if one was', () => {
    const [one, two] = [client('A', { taxId: '77 01' }), client('B', { taxId: '7702' })];
    const three = client('C', { otherTaxIds: ['7701', '7703'] });
    expect(combinedClients([one, two, three], {}).change).toEqual({ otherTaxIds: ['7702', '7703'] });
    const chosen = combinedClients([one, { ...two, standing: 'counterparty' }], { taxId: two.id });
    expect(chosen.change).toEqual({ taxId: '7702', otherTaxIds: ['77 01'], standing: 'counterparty' });
  });
});

describe('What is taken back', () => {
  it('is what is still as it was left; lists lose only what came', () => {
    const now = { id: 'x', name: 'B', locale: 'ru', emails: ['a', 'b', 'new'] };
    expect(
      takenBack(now, { name: 'A', emails: ['a'], locale: 'en' }, { name: 'B', emails: ['a', 'b'], locale: 'fr' }),
    ).toEqual({ change: { name: 'A', emails: ['a', 'new'] }, kept: ['locale'] });
  });
});
