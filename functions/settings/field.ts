import * as z from 'zod';
import { Money, digitsOf } from '#shared/money.ts';
import { Text } from '#shared/text.ts';
import { PlainDate } from '#shared/time.ts';
import { Bilingual } from './setting.ts';

/** Ids of fields and options stand in filters, rules, letters and files: they never change. */
export const FieldId = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,39}$/, { error: 'a Latin letter, then lower-case letters, digits and _, at most 40' });
const OptionId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, { error: 'lower-case Latin letters, digits, - and _, at most 40' });

export const FieldKind = z.enum([
  'text',
  'number',
  'money',
  'date',
  'choice',
  'multi-choice',
  'person',
  'link',
  'file',
]);
export type FieldKind = z.output<typeof FieldKind>;

const DECIMAL = /^-?(0|[1-9]\d{0,14})(\.\d{1,6})?$/;
/** A number as people count with it, kept as it is written: `"2.5"`. */
const Decimal = z
  .string()
  .overwrite((text) => (DECIMAL.test(text) ? plainest(text) : text))
  .regex(DECIMAL, {
    error: 'must be a plain decimal number in a string such as "2.5", at most 6 decimal places',
    abort: true,
  });
const plainest = (text: string): string => {
  const short = text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  return short === '-0' ? '0' : short;
};

const Places = z.array(z.string().min(1).max(61)).max(100).optional();
/** Where a value must be given: all that is named here has to fit; nothing named is everywhere. */
const RequiredIn = z.object({ stages: Places, types: Places, states: Places });

/** A field of the firm's own. */
export const Field = z.object({
  id: FieldId,
  kind: FieldKind,
  name: Bilingual,
  options: z
    .array(z.object({ id: OptionId, name: Bilingual, retired: z.boolean().optional() }))
    .min(1)
    .max(200)
    .optional(),
  requiredIn: RequiredIn.optional(),
  /** Takes no new value; what was given stays readable. */
  retired: z.boolean().optional(),
  /** Of numbers and money. */
  min: Decimal.optional(),
  max: Decimal.optional(),
  /** Of texts. */
  maxLength: z.int().min(1).max(10_000).optional(),
});
export type Field = z.output<typeof Field>;

const FILE = /^[A-Za-z0-9][\w.-]*(\/[\w.-]+)*$/;
const PERSON = /^(user|person)_[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** The schema of a field's values, in wire form; retired options are among them only for what has them already. */
export function valueSchema(field: Field, withRetired = false): z.ZodType {
  const inside = (value: number): boolean =>
    !(field.min !== undefined && value < Number(field.min)) && !(field.max !== undefined && value > Number(field.max));
  const error = `must lie between ${field.min ?? '−∞'} and ${field.max ?? '∞'}`;
  const options = (field.options ?? []).filter(({ retired }) => withRetired || !retired).map(({ id }) => id);
  switch (field.kind) {
    case 'text':
      return Text(field.maxLength ?? 2000).min(1);
    case 'number':
      return Decimal.refine((text) => inside(Number(text)), { error });
    case 'money':
      return Money.refine(({ amount, currency }) => inside(amount / 10 ** digitsOf(currency)), { error });
    case 'date':
      return PlainDate;
    case 'choice':
      return z.enum(options);
    case 'multi-choice':
      return z
        .array(z.enum(options))
        .min(1)
        .max(100)
        .refine((all) => new Set(all).size === all.length, { error: 'names an option twice' });
    case 'person':
      return z.string().regex(PERSON, { error: 'must be the id of a user or a person' });
    case 'link':
      return z.url({ protocol: /^https$/, error: 'must be an address that begins with https://' }).max(2000);
    case 'file':
      return z.string().max(500).regex(FILE, { error: 'must be the key of an uploaded file' });
  }
}
