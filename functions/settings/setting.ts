import * as z from 'zod';
import { eventType } from '#shared/events.ts';
import type { Fault } from '#shared/errors.ts';
import { Text } from '#shared/text.ts';

/** What people configure without a deploy: one item per kind and id. Drafts and kept versions will lie beside it. */
export const Setting = z.object({
  kind: z.string(),
  id: z.string(),
  version: z.int(),
  name: z.string(),
  body: z.record(z.string(), z.unknown()),
  updatedAt: z.string(),
  updatedBy: z.string(),
});
export type Setting = z.output<typeof Setting>;

/** Ids of settings are chosen by people, because letters, forms and files name them. */
export const SettingId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,60}$/, { error: 'lower-case Latin letters, digits and hyphens, at most 61' });

/**
 * A kind of setting: its plural name in the API, its schema, and what beyond the schema must hold.
 * `check` returns the faults of a body that would not work, e.g. a rule that does not compile, or that would make records
 * unreadable that were written under the body before it.
 */
export type Kind<S extends z.ZodObject = z.ZodObject> = {
  kind: string;
  plural: string;
  schema: S;
  check: (body: z.output<S>, before?: z.output<S>) => Promise<Fault[]>;
  /** The right that changing one needs. */
  right: string;
  /** The only ids that are looked at; any unless said. */
  ids: readonly string[] | undefined;
  /** The users, teams and other records that a body names: they must be there. */
  refers: (body: z.output<S>) => readonly Reference[];
};
/** A record of a kind that a setting names, and where. */
export type Reference = { pointer: string; kind: 'team' | 'user'; id: string };
type Options<S extends z.ZodObject> = {
  right?: string;
  ids?: readonly string[];
  refers?: (body: z.output<S>) => readonly Reference[];
};

export const settingKind = <S extends z.ZodObject>(
  kind: string,
  plural: string,
  schema: S,
  check: (body: z.output<S>, before?: z.output<S>) => Promise<Fault[]> | Fault[] = () => [],
  { right = 'setting.change', ids, refers = () => [] }: Options<S> = {},
): Kind<S> => ({
  kind,
  plural,
  schema,
  check: async (body, before) => check(body, before),
  right,
  ids,
  refers,
});

/** A text in both languages of the product; the first given stands in for one that is missing. */
export const Bilingual = z
  .object({ ru: Text(2000).optional(), en: Text(2000).optional() })
  .refine((text) => text.ru !== undefined || text.en !== undefined, {
    error: 'give the text in Russian (ru), English (en) or both',
  });
export type Bilingual = z.output<typeof Bilingual>;

export const inLanguage = (text: Bilingual, locale: 'ru' | 'en'): string => text[locale] ?? text.ru ?? text.en ?? '';

export const SettingChanged = eventType('setting.changed', { kind: z.string(), id: z.string() });
