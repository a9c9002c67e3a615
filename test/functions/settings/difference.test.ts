import { describe, expect, it } from 'vitest';
import { difference } from '#functions/settings/difference.ts';

describe('the difference of two bodies', () => {
  it.each([
    ['equal values, whatever the order of members', { a: 1, b: [2] }, { b: [2], a: 1 }, []],
    ['a value', { a: { b: 1 } }, { a: { b: 2 } }, [{ path: '/a/b', from: 1, to: 2 }]],
    [
      'a member that came or went',
      { a: 1 },
      { b: 2 },
      [
        { path: '/a', from: 1 },
        { path: '/b', to: 2 },
      ],
    ],
    ['a list of values as a whole', { a: [1, 2] }, { a: [2, 1] }, [{ path: '/a', from: [1, 2], to: [2, 1] }]],
    [
      'items of a list by their id, also when the list is shorter',
      [{ id: 'x', n: 1 }, { id: 'y' }],
      [{ id: 'x', n: 2 }],
      [
        { path: '/x/n', from: 1, to: 2 },
        { path: '/y', from: { id: 'y' } },
      ],
    ],
    [
      'items by their name where they have no id',
      [{ name: 'a/b', n: 1 }],
      [{ name: 'a/b', n: 2 }],
      [{ path: '/a~1b/n', from: 1, to: 2 }],
    ],
    [
      'the order of items that both have',
      [{ id: 'x' }, { id: 'y' }, { id: 'z' }],
      [{ id: 'z' }, { id: 'x' }, { id: 'new' }],
      [
        { path: '/y', from: { id: 'y' } },
        { path: '/new', to: { id: 'new' } },
        { path: '/*', from: ['x', 'z'], to: ['z', 'x'] },
      ],
    ],
    [
      'items without a name of their own as a whole',
      [{ id: 'x' }, { id: 'x' }],
      [],
      [{ path: '', from: [{ id: 'x' }, { id: 'x' }], to: [] }],
    ],
    ['the first item of an empty list', { a: [] }, { a: [{ id: 'x' }] }, [{ path: '/a/x', to: { id: 'x' } }]],
  ])('tells %s', (_, from, to, told) => {
    expect(difference(from, to)).toEqual(told);
  });
});
