import { expect, it } from 'vitest';
import { enriched, type Person } from '#functions/clients/person.ts';

const anna: Person = {
  id: 'person_1',
  version: 1,
  storyId: 'story_1',
  name: 'Anna',
  emails: ['a@x.example'],
  phones: [],
  locale: 'en',
  createdAt: '2026-11-23T10:00:00.000Z',
};

it.each([
  ['nothing from what is known', anna, { name: 'Anna', email: 'a@x.example' }, undefined],
  ['nothing from nothing', anna, {}, undefined],
  ['no other name: the first stays', anna, { name: 'Annie' }, undefined],
  ['a name where there was none', { ...anna, name: undefined }, { name: 'Annie' }, { name: 'Annie' }],
  ['another address beside the first', anna, { email: 'b@x.example' }, { emails: ['a@x.example', 'b@x.example'] }],
  ['a phone', anna, { phone: '+74951234567', email: 'a@x.example' }, { phones: ['+74951234567'] }],
  [
    'everything at once',
    { ...anna, name: undefined },
    { name: 'A', email: 'b@x.example', phone: '+7' },
    { name: 'A', emails: ['a@x.example', 'b@x.example'], phones: ['+7'] },
  ],
])('a known person learns %s', (_, person, contact, change) => {
  expect(enriched(person, contact)).toEqual(change);
});
