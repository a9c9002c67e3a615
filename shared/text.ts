import * as z from 'zod';

// oxlint-disable-next-line no-control-regex -- control characters are what is removed here
const CONTROL = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u2028\u2029\uFEFF]/g;

/** Text as it is kept: line ends are \n, NFC, no lone surrogates, no control characters but \n and \t. */
export const clean = (text: string): string =>
  text
    .replace(/\r\n?|\u2028|\u2029/g, '\n')
    .toWellFormed()
    .replace(CONTROL, '')
    .normalize('NFC');

const oneLine = (text: string): string => clean(text).replace(/\s+/g, ' ').trim();
const lines = (text: string): string =>
  clean(text)
    .replace(/[^\S\n]+$/gm, '')
    .replace(/^\n+/, '')
    .trimEnd();

/**
 * User text of any length. Cleaned with `.overwrite`, not with a transform, so the same schema also encodes answers.
 * `Name`, `Line` and `Text` measure after cleaning.
 */
export const cleanText: z.ZodString = z.string().overwrite(clean);

/** One line that must say something: a name, a title. */
export const Name = (max = 200): z.ZodString => z.string().overwrite(oneLine).min(1).max(max);

/** One line that may be empty. */
export const Line = (max = 500): z.ZodString => z.string().overwrite(oneLine).max(max);

/** Several lines that may be empty: a comment, a description. */
export const Text = (max = 10_000): z.ZodString => z.string().overwrite(lines).max(max);

/** The twin of a text used for search and comparison only: compatible forms are one, lower case, ё is е. */
export const fold = (text: string): string => text.toWellFormed().normalize('NFKC').toLowerCase().replaceAll('ё', 'е');

const ENTITY: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Safe inside HTML text and quoted attributes (an address needs `safe_url` as well, see templates.ts). */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITY[sign] ?? sign);
