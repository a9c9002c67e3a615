import { expect, it } from 'vitest';
import { secondsSince, startMark } from '#functions/marketing/start-time.ts';

const key = Buffer.alloc(32, 1);
const shown = Date.parse('2026-11-23T10:00:00.000Z');
const mark = startMark(key, 'site', shown);

it('tells how long ago a form was shown', () => {
  expect(secondsSince(key, 'site', mark, shown + 2500)).toBe(2.5);
});

it.each([
  ['an earlier time under an old seal', `${shown - 60_000}.${mark.split('.')[1]}`, key, 'site'],
  ['the mark of another form', mark, key, 'other'],
  ['a mark made with another key', mark, Buffer.alloc(32, 2), 'site'],
  ['a seal that is cut', mark.slice(0, -1), key, 'site'],
  ['no seal', String(shown), key, 'site'],
  ['an empty text', '', key, 'site'],
  ['nothing', undefined, key, 'site'],
  ['a number', shown, key, 'site'],
])('believes no mark but its own: %s', (_, given, withKey, form) => {
  expect(secondsSince(withKey, form, given, shown + 2500)).toBeUndefined();
});
