import type { FieldKind } from '#functions/settings/field.ts';
import type { ColumnKind } from '#shared/read/column.ts';
import { epochOf } from '#shared/time.ts';
import { fieldNames } from './field-name.ts';

/** How values are written: the language of words and numbers, the clocks of moments, names of people and choices by id. */
export type Style = { language: 'ru' | 'en'; zone: string; nameOf(field: string, id: string): string | undefined };

/** What stands in a cell: a text, or a number, day or truth that a spreadsheet reckons with. `serial` counts days from 1900. */
export type OutCell =
  | { kind: 'text'; text: string }
  | { kind: 'number'; number: string }
  | { kind: 'day' | 'moment'; text: string; serial: number }
  | undefined;

const DAY_MS = 86_400_000;
const TO_1970 = 25_569;

/** `2026-11-23 18:30` on the clocks of a zone. */
const wallClock = (instant: string, zone: string): string =>
  new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'short',
  }).format(epochOf(instant));

const inWords = (date: string, language: 'ru' | 'en'): string =>
  language === 'ru' ? date.replace(/^(\d{4})-(\d\d)-(\d\d)/, '$3.$2.$1') : date;

function dated(value: string, { language, zone }: Style): OutCell {
  const [date = '', time] = value.length === 10 ? [value] : wallClock(value, zone).split(' ');
  const days = epochOf(`${date}T00:00:00.000Z`) / DAY_MS + TO_1970;
  const [hours = 0, minutes = 0] = (time ?? '0:0').split(':').map(Number);
  const text = inWords(date, language);
  if (time === undefined) return { kind: 'day', text, serial: days };
  return { kind: 'moment', text: `${text} ${time}`, serial: days + (hours * 60 + minutes) / 1440 };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** A value in wire form as a cell of an export. */
export function outCell(field: string, kind: ColumnKind | FieldKind, value: unknown, style: Style): OutCell {
  if (value === undefined || value === null || value === '') return undefined;
  const { language } = style;
  const called = (id: unknown): string =>
    style.nameOf(field, textOf(id)) ?? fieldNames[textOf(id)]?.[language] ?? textOf(id);
  switch (kind) {
    case 'number':
      return { kind: 'number', number: textOf(value) };
    case 'money':
      return { kind: 'number', number: (value as { amount: string }).amount };
    case 'date':
      return dated(textOf(value), style);
    case 'bool':
      return { kind: 'text', text: (value === true ? { ru: 'да', en: 'yes' } : { ru: 'нет', en: 'no' })[language] };
    case 'list':
    case 'multi-choice':
      return { kind: 'text', text: [value].flat().map(called).join('; ') };
    case 'map':
      return {
        kind: 'text',
        text: Object.entries(value)
          .map(([name, one]) => `${name}: ${textOf(one)}`)
          .join('; '),
      };
    default:
      return { kind: 'text', text: called(value) };
  }
}

/** A number as the files of a language have it: `1234,5` in Russian. */
export const numberText = (number: string, language: 'ru' | 'en'): string =>
  language === 'ru' ? number.replace('.', ',') : number;
