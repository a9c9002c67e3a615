import { normaliseEmail } from '#shared/email.ts';
import { clean, fold } from '#shared/text.ts';
import { instantIn } from '#shared/time.ts';
import type { CellKind, Option } from './field.ts';
import { plainDate, two } from './plain-date.ts';
import { apart, plainNumber } from './plain-number.ts';

/** How the cells of a file are written, where that can be read in more than one way. */
export type Writing = {
  decimal: 'auto' | ',' | '.';
  dates: 'auto' | 'dmy' | 'mdy' | 'ymd';
  /** Of money without a sign. */
  currency: string;
  zone: string;
  /** Days are counted from 1900 in cells of this file. */
  serials: boolean;
};
/** A value in wire form; `currency` beside a number that had a sign. */
export type Reading = { value: unknown; currency?: string } | { fault: string };

const YES = new Set(['да', 'д', 'yes', 'y', 'true', 'истина', '1', '+', 'x', 'х', '✓']);
const NO = new Set(['нет', 'н', 'no', 'n', 'false', 'ложь', '0', '-', '−']);

type Given = { kind: CellKind; options?: readonly Option[] };
type Text = { ru: string; en: string };
const fault = (text: Text, locale: 'ru' | 'en'): Reading => ({ fault: text[locale] });

/** What stands in a cell as a value of a field, in wire form. References are left as they are written. */
export function readCell(
  written: string,
  { kind, options = [] }: Given,
  writing: Writing,
  locale: 'ru' | 'en',
): Reading {
  const text = clean(written).trim();
  switch (kind) {
    case 'number':
    case 'integer':
      return numberOf(text, kind, writing, locale);
    case 'money': {
      const read = numberOf(text, 'number', writing, locale);
      if ('fault' in read) return read;
      return { value: { amount: read.value, currency: read.currency ?? writing.currency } };
    }
    case 'date': {
      const date = plainDate(text.replace(/[T ]\d\d?:\d\d(:\d\d)?$/, ''), writing);
      return date === undefined ? fault(NO_DATE, locale) : { value: date };
    }
    case 'instant':
      return momentOf(text, writing, locale);
    case 'boolean': {
      const word = text.toLowerCase();
      return YES.has(word) ? { value: true } : NO.has(word) ? { value: false } : fault(NO_BOOLEAN, locale);
    }
    case 'choice':
      return choiceOf(text, options, locale);
    case 'choices': {
      const all = partsOf(text).map((part) => choiceOf(part, options, locale));
      const wrong = all.find((one) => 'fault' in one);
      return wrong ?? { value: [...new Set(all.map((one) => ('value' in one ? one.value : '')))] };
    }
    case 'list':
      return { value: partsOf(text) };
    case 'currency':
      return { value: apart(`1 ${text}`).currency ?? text.toUpperCase() };
    case 'email':
      return { value: normaliseEmail(text) ?? text };
    case 'text':
    case 'phone':
    case 'reference':
      return { value: text };
  }
}

const NO_NUMBER = { ru: 'это не число, например 1 234,50', en: 'this is no number such as 1,234.50' };
const NO_WHOLE = { ru: 'нужно целое число', en: 'a whole number is needed' };
const NO_DATE = { ru: 'это не дата, например 23.11.2026', en: 'this is no date such as 2026-11-23' };
const NO_BOOLEAN = { ru: 'нужно «да» или «нет»', en: 'write yes or no' };

const partsOf = (text: string): string[] =>
  text
    .split(/[;,\n|]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');

function numberOf(text: string, kind: 'number' | 'integer', writing: Writing, locale: 'ru' | 'en'): Reading {
  const { number, currency } = apart(text.replace(/\s*%$/, ''));
  const value = plainNumber(number, writing.decimal);
  if (value === undefined) return fault(NO_NUMBER, locale);
  if (kind === 'number') return { value, ...(currency !== undefined && { currency }) };
  return /^-?\d{1,15}$/.test(value) ? { value: Number(value) } : fault(NO_WHOLE, locale);
}

function momentOf(text: string, writing: Writing, locale: 'ru' | 'en'): Reading {
  const whole = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{3})?Z$/.exec(text);
  if (whole) return { value: `${whole[1] ?? ''}${whole[2] ?? '.000'}Z` };
  const [day = '', time = '00:00'] = text.split(/[T ,]+/);
  const date = plainDate(day, writing);
  if (date === undefined || !/^([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(time)) return fault(NO_DATE, locale);
  const [hour = '', minute = ''] = time.split(':');
  return { value: instantIn(writing.zone, date, `${two(hour)}:${minute}`) };
}

function choiceOf(text: string, options: readonly Option[], locale: 'ru' | 'en'): Reading {
  const wanted = fold(text);
  const found =
    options.find(({ id }) => id === text) ??
    options.find(({ id, names }) => [id, ...names].some((name) => fold(name) === wanted));
  if (found) return { value: found.id };
  const known = options.map(({ id, names }) => names[locale === 'ru' ? 0 : 1] ?? names[0] ?? id).join(', ');
  return { fault: locale === 'ru' ? `допустимо: ${known}` : `choose one of: ${known}` };
}
