import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import * as z from 'zod';

/** Countries by ISO 3166 code, as the phone library knows them. */
export type PhoneCountry = CountryCode;

/**
 * A phone number as a person writes it, in E.164: `8 (495) 123-45-67` is `+74951234567`. Numbers without a country
 * code belong to `defaultCountry`; an extension is left out. Undefined when it is not one valid number.
 */
export function normalisePhone(raw: string, defaultCountry: PhoneCountry = 'RU'): string | undefined {
  if (raw.length > 60) return undefined;
  // extract: false refuses a number found inside other words.
  const number = parsePhoneNumberFromString(raw.trim(), { defaultCountry, extract: false });
  return number?.isValid() === true ? number.number : undefined;
}

/** A phone number, normalised to E.164 on the way in. */
export const Phone = (defaultCountry: PhoneCountry = 'RU'): z.ZodString =>
  z
    .string()
    .overwrite((raw) => normalisePhone(raw, defaultCountry) ?? raw)
    .refine((number) => normalisePhone(number, defaultCountry) !== undefined, {
      error: 'must be a phone number such as +7 495 123-45-67',
    });
