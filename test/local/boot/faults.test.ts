import { expect, test } from 'vitest';
import { openFaults } from '#local/faults.ts';

test('a planned fault skips, strikes its number of times, and is gone', () => {
  const faults = openFaults();
  faults.plan([{ service: 'dynamodb', action: 'PutItem', kind: 'throttle', skip: 1, times: 2 }]);
  const kinds = Array.from({ length: 4 }, () => faults.next('dynamodb', 'PutItem', '{}', 'role'));
  expect(kinds).toEqual([undefined, 'throttle', 'throttle', undefined]);
  expect(faults.left()).toEqual([]);
});

test('a fault strikes only its service, its action, and calls whose body or caller holds the text', () => {
  const faults = openFaults();
  faults.plan([{ service: 'ses', action: 'SendRawEmail', match: 'anna@', kind: 'error', times: 9 }]);
  expect(faults.next('sns', 'SendRawEmail', 'to anna@x', 'role')).toBeUndefined();
  expect(faults.next('ses', 'GetSendQuota', 'to anna@x', 'role')).toBeUndefined();
  expect(faults.next('ses', 'SendRawEmail', 'to boris@x', 'role')).toBeUndefined();
  expect(faults.next('ses', 'SendRawEmail', 'to anna@x', 'role')).toBe('error');
  expect(faults.next('ses', 'SendRawEmail', '', 'anna@role')).toBe('error');
  faults.clear();
  expect(faults.next('ses', 'SendRawEmail', 'to anna@x', 'role')).toBeUndefined();
});
