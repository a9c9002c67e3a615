import { createHmac, timingSafeEqual } from 'node:crypto';
import { refuse } from '#shared/errors.ts';
import { derivedKey } from '#shared/aws/secret.ts';

const mac = (text: string, place: string): string =>
  createHmac('sha256', derivedKey('cursor')).update(`${place}\n${text}`).digest('base64url').slice(0, 22);

/** A place in a list as text that nobody can make himself or use on another list. */
export function sealCursor(key: Record<string, unknown>, place: string): string {
  const text = Buffer.from(JSON.stringify(key)).toString('base64url');
  return `${text}.${mac(text, place)}`;
}

/** @throws 400 cursor_invalid for one that was changed or belongs to another list */
export function openCursor(cursor: string | undefined, place: string): Record<string, unknown> | undefined {
  if (cursor === undefined) return undefined;
  const [text = '', seal = ''] = cursor.split('.');
  const expected = Buffer.from(mac(text, place));
  const given = Buffer.from(seal);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw refuse('cursor_invalid');
  return JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, unknown>;
}
