import { createHmac, timingSafeEqual } from 'node:crypto';

const mac = (key: Buffer, formId: string, at: number): string =>
  createHmac('sha256', key).update(`${formId}|${at}`).digest('base64url').slice(0, 22);

/** When a form was shown, signed so that nobody can say he took longer than he did. `at` is epoch milliseconds. */
export const startMark = (key: Buffer, formId: string, at: number): string => `${at}.${mac(key, formId, at)}`;

/** Seconds between showing and posting; undefined when the form sent no mark of ours. */
export function secondsSince(key: Buffer, formId: string, mark: unknown, now: number): number | undefined {
  if (typeof mark !== 'string') return undefined;
  const [at = '', seal = ''] = mark.split('.');
  const expected = Buffer.from(mac(key, formId, Number(at)));
  const given = Buffer.from(seal);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  return (now - Number(at)) / 1000;
}
