import { expect, test } from 'vitest';
import { compilePattern } from '#local/events/pattern.ts';

const event = {
  source: 'sdelka',
  'detail-type': 'deal.won',
  detail: {
    amount: 150,
    owner: null,
    name: 'Acme GmbH',
    tags: ['vip', 'eu'],
    nested: { flag: true },
    lines: [{ sku: 'A' }, { sku: 'B' }],
  },
};

test.each([
  [{ source: ['sdelka'] }, true],
  [{ source: ['other', 'sdelka'] }, true],
  [{ source: ['other'] }, false],
  [{ source: ['sdelka'], 'detail-type': ['deal.lost'] }, false],
  [{ 'detail-type': [{ prefix: 'deal.' }] }, true],
  [{ 'detail-type': [{ prefix: 'lead.' }] }, false],
  [{ 'detail-type': [{ suffix: '.won' }] }, true],
  [{ 'detail-type': [{ wildcard: 'd*l.w*' }] }, true],
  [{ 'detail-type': [{ wildcard: 'd*lxw*' }] }, false],
  [{ detail: { name: [{ 'equals-ignore-case': 'ACME gmbh' }] } }, true],
  [{ detail: { name: [{ prefix: { 'equals-ignore-case': 'aCME' } }] } }, true],
  [{ detail: { name: [{ suffix: { 'equals-ignore-case': 'GMBH' } }] } }, true],
  [{ 'detail-type': [{ 'anything-but': 'deal.lost' }] }, true],
  [{ 'detail-type': [{ 'anything-but': ['deal.lost', 'deal.won'] }] }, false],
  [{ 'detail-type': [{ 'anything-but': { prefix: 'deal.' } }] }, false],
  [{ detail: { absent: [{ 'anything-but': 'x' }] } }, false],
  [{ detail: { amount: [{ numeric: ['>', 100, '<=', 150] }] } }, true],
  [{ detail: { amount: [{ numeric: ['>', 150] }] } }, false],
  [{ detail: { amount: [{ numeric: ['=', 150] }] } }, true],
  [{ detail: { amount: [150] } }, true],
  [{ detail: { owner: [null] } }, true],
  [{ detail: { absent: [null] } }, false],
  [{ detail: { owner: [{ exists: true }] } }, true],
  [{ detail: { absent: [{ exists: false }] } }, true],
  [{ detail: { absent: { deeper: [{ exists: false }] } } }, true],
  [{ detail: { amount: [{ exists: false }] } }, false],
  [{ detail: { tags: ['eu'] } }, true],
  [{ detail: { tags: ['us'] } }, false],
  [{ detail: { nested: { flag: [true] } } }, true],
  [{ detail: { lines: { sku: ['B'] } } }, true],
  [{ detail: { lines: { sku: ['C'] } } }, false],
  [{ $or: [{ source: ['other'] }, { detail: { amount: [150] } }] }, true],
  [{ $or: [{ source: ['other'] }, { detail: { amount: [1] } }] }, false],
])('%j matches: %s', (pattern, matches) => {
  expect(compilePattern(pattern)(event)).toBe(matches);
});

test.each([
  [{ source: 'sdelka' }, 'pattern.source must be an object or a list'],
  [{ source: [{ cidr: '10.0.0.0/8' }] }, 'pattern.source: "cidr" is not an operator'],
  [{ detail: { a: [{ numeric: ['>'] }] } }, 'pattern.detail.a: "numeric" wants pairs'],
  [{ detail: { a: [{ numeric: ['!', 1] }] } }, 'is not one of'],
  [{ detail: { a: [{ prefix: 5 }] } }, '"prefix" wants a text'],
])('%j is refused when it is read', (pattern, message) => {
  expect(() => compilePattern(pattern)).toThrow(message);
});
