import * as z from 'zod';
import type { CustomValues } from '#shared/record-kind.ts';
import { fold } from '#shared/text.ts';
import { valueSchema, type Field } from './field.ts';
import type { FieldSet } from './field-set.ts';
import { inLanguage } from './setting.ts';

const CURRENCY = 'RUB';

/** A number as people type it: spaces between thousands, a comma before the decimals. */
const plainNumber = (text: string): string => text.replace(/[\s\u00A0\u202F]/g, '').replace(',', '.');

function money(text: string): unknown {
  const [, amount = text, currency = CURRENCY] = /^(.*?)\s*([A-Za-z]{3})?$/.exec(text) ?? [];
  return { amount: plainNumber(amount), currency: currency.toUpperCase() };
}

function optionOf({ options = [] }: Field, text: string): string | undefined {
  const wanted = fold(text);
  const known = options.filter(({ retired }) => !retired);
  return known.find(({ id, name }) => [id, inLanguage(name, 'ru'), inLanguage(name, 'en')].map(fold).includes(wanted))
    ?.id;
}

function typed(field: Field, text: string): unknown {
  switch (field.kind) {
    case 'text':
    case 'link':
      return text;
    case 'number':
      return plainNumber(text);
    case 'money':
      return money(text);
    case 'date':
      return text.replace(/^(\d\d)\.(\d\d)\.(\d{4})$/, '$3-$2-$1');
    case 'choice':
      return optionOf(field, text);
    case 'multi-choice':
      return [...new Set(text.split(/[;,]/).map((one) => optionOf(field, one.trim())))];
    case 'person':
    case 'file':
      // Nobody outside knows who works here or what was uploaded.
      return undefined;
  }
}

/** What texts from outside say in terms of a field set, and the texts that it does not understand: those are not lost. */
export function customOfTexts(
  { fields }: FieldSet,
  texts: Readonly<Record<string, string>>,
): { custom: CustomValues | undefined; rest: Record<string, string> } {
  const custom: CustomValues = {};
  const rest: Record<string, string> = {};
  for (const [id, text] of Object.entries(texts)) {
    const field = fields.find((one) => one.id === id && !one.retired);
    const schema = field ? valueSchema(field) : z.never();
    const parsed = schema.safeParse(field && typed(field, text));
    if (parsed.success) custom[id] = z.encode(schema, parsed.data);
    else rest[id] = text;
  }
  return { custom: Object.keys(custom).length > 0 ? custom : undefined, rest };
}

/**
 * Own fields as letters write them: money for `| money`, the id of a choice for `if`, and beside it `<id>_name` with what
 * the reader calls it.
 */
export function customForLetter(
  { fields }: FieldSet,
  values: CustomValues | undefined,
  locale: 'ru' | 'en',
): Record<string, unknown> {
  const shown = fields.flatMap((field): [string, unknown][] => {
    const value = values?.[field.id];
    if (value === undefined) return [];
    if (field.kind === 'money') return [[field.id, valueSchema(field, true).safeParse(value).data]];
    const named = [value].flat().map((id) => field.options?.find((option) => option.id === id)?.name);
    const names = named.flatMap((name) => (name ? [inLanguage(name, locale)] : []));
    return [
      ...(names.length > 0 ? [[`${field.id}_name`, names.join(', ')] as [string, unknown]] : []),
      [field.id, value],
    ];
  });
  // A field of its own by that name comes before the name of a choice.
  return Object.fromEntries(shown.toSorted(([a], [b]) => Number(isField(fields, a)) - Number(isField(fields, b))));
}
const isField = (fields: readonly Field[], id: string): boolean => fields.some((field) => field.id === id);
