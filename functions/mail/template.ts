import * as z from 'zod';
import { settingKind } from '#functions/settings/setting.ts';
import type { Fault } from '#shared/errors.ts';
import { cleanText, Name } from '#shared/text.ts';

const Part = z.object({ subject: Name(500), html: cleanText.min(1).max(60_000) });

/** What a letter says, in Russian, English or both; written by users in Liquid. */
export const Template = z.object({ ru: Part.optional(), en: Part.optional() });
export type Template = z.output<typeof Template>;

/** A template that would fail for every reader is refused when it is saved. */
async function faultsOf(template: Template): Promise<Fault[]> {
  // Only here: Liquid would double the weight of the function people wait for.
  const { checkTemplate } = await import('#shared/templates.ts');
  const parts = (['ru', 'en'] as const).flatMap((locale) =>
    template[locale] ? [{ locale, checked: checkTemplate(template[locale]) }] : [],
  );
  if (parts.length === 0)
    return [{ pointer: '/body/body', code: 'required', detail: 'give the letter in ru, en or both' }];
  return parts.flatMap(({ locale, checked }) =>
    checked.ok
      ? []
      : [
          {
            pointer: `/body/body/${locale}/${checked.part}`,
            code: 'template',
            detail: `${checked.error}${checked.line === undefined ? '' : ` (line ${checked.line})`}`,
          },
        ],
  );
}

export const templateKind = settingKind('template', 'templates', Template, faultsOf);
