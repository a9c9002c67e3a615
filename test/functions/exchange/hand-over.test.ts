import { expect, it } from 'vitest';
import { dealt } from '#functions/exchange/hand-over.ts';

const found = [
  { kind: 'client', id: 'client_1' },
  { kind: 'client', id: 'client_2' },
  { kind: 'lead', id: 'lead_1' },
  { kind: 'lead', id: 'lead_2', clientId: 'client_1' },
  { kind: 'deal', id: 'deal_1', clientId: 'client_2' },
  { kind: 'deal', id: 'deal_2', clientId: 'client_foreign' },
  { kind: 'activity', id: 'activity_1', recordId: 'deal_1', clientId: 'client_2' },
  { kind: 'activity', id: 'activity_2', recordId: 'lead_1' },
  { kind: 'activity', id: 'activity_3', recordId: 'deal_foreign' },
];

it('deals in turn, and keeps together what belongs together', () => {
  expect(Object.fromEntries(dealt(found, ['a', 'b', 'c']).map(({ id, to }) => [id, to]))).toEqual({
    client_1: 'a',
    lead_2: 'a',
    client_2: 'b',
    deal_1: 'b',
    activity_1: 'b',
    lead_1: 'c',
    activity_2: 'c',
    deal_2: 'a',
    activity_3: 'b',
  });
});

it('gives all to one, and of nothing nothing', () => {
  expect(new Set(dealt(found, ['a']).map(({ to }) => to))).toEqual(new Set(['a']));
  expect(dealt([], ['a'])).toEqual([]);
});
