import { instantOf } from '#shared/time.ts';

/** Numbers of the formats every spreadsheet has that show days or times (ECMA-376, 18.8.30). */
const BUILT_IN = new Set([
  14, 15, 16, 17, 18, 19, 20, 21, 22, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 45, 46, 47, 50, 51, 52, 53, 54, 55, 56,
  57, 58,
]);

/** Whether a format of cells shows a number as a day or time: one with y, m, d, h or s outside quotes, brackets and escapes. */
export function isDateFormat(id: number, code: string | undefined): boolean {
  if (code === undefined) return BUILT_IN.has(id);
  const bare = code.replaceAll(/"[^"]*"|\[(?!h|m|s)[^\]]*\]|\\./gi, '').split(';')[0] ?? '';
  return /[ymdhs]/i.test(bare) && !/general/i.test(bare);
}

const TO_1970 = 25_569;
const TO_1904 = 1462;

/**
 * A count of days as a date, with its time if it has one: `2026-11-23`, `2026-11-23T18:30:00`. Day 60 of the count from 1900 is
 * 29 February 1900, which never was: days before it are one off. Undefined when it is no day.
 */
export function serialText(serial: number, from1904 = false): string | undefined {
  const days = from1904 ? serial + TO_1904 : serial;
  if (!(days >= 1 && days < 2_958_466)) return undefined;
  const moment = instantOf(Math.round((days - TO_1970 + (days < 60 ? 1 : 0)) * 86_400) * 1000);
  return days % 1 === 0 || moment.endsWith('T00:00:00.000Z') ? moment.slice(0, 10) : moment.slice(0, 19);
}
