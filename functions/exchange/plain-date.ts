import { serialText } from './xlsx-date.ts';

export const two = (text: string): string => text.padStart(2, '0');
const century = (year: string): string => (year.length === 2 ? `${Number(year) < 70 ? '20' : '19'}${year}` : year);

/** `2026-11-23` of how people write days; undefined when it is none. A count of days only from files that count so. */
export function plainDate(
  text: string,
  { dates, serials }: { dates: 'auto' | 'dmy' | 'mdy' | 'ymd'; serials: boolean },
): string | undefined {
  if (serials && /^\d{1,7}(\.\d+)?$/.test(text)) return serialText(Number(text))?.slice(0, 10);
  const found = /^(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})(?: г\.?)?$/.exec(text.trim());
  if (!found) return undefined;
  const [, a = '', b = '', c = ''] = found;
  const order = dates === 'auto' ? (a.length === 4 ? 'ymd' : 'dmy') : dates;
  const [year, month, day] = order === 'ymd' ? [a, b, c] : order === 'dmy' ? [c, b, a] : [c, a, b];
  const date = `${century(year)}-${two(month)}-${two(day)}`;
  return isDay(date) ? date : undefined;
}

function isDay(date: string): boolean {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  return year >= 1000 && day >= 1 && day <= days;
}
