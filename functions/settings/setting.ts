import * as z from 'zod';
import { eventType } from '#shared/events.ts';
import type { Fault } from '#shared/errors.ts';
import { Text } from '#shared/text.ts';

/** What people configure without a deploy: one item per kind and id; its versions and draft lie beside it. */
export const Setting = z.object({
  kind: z.string(),
  id: z.string(),
  version: z.int(),
  name: z.string(),
  body: z.record(z.string(), z.unknown()),
  updatedAt: z.string(),
  updatedBy: z.string(),
  /** Put away: what has it keeps it, but nobody chooses it any more. */
  archived: z.boolean().optional(),
});
export type Setting = z.output<typeof Setting>;

/** Ids of settings are chosen by people, because letters, forms and files name them. */
export const SettingId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,60}$/, { error: 'lower-case Latin letters, digits and hyphens, at most 61' });

/** The other settings, as they would be together with the one that is checked. */
export type Among = { find<S extends z.ZodObject>(kind: Kind<S>, id: string): Promise<z.output<S> | undefined> };

const ALONE: Among = { find: async () => undefined };

/** A record of a kind that a setting names, and where. */
export type Reference = { pointer: string; kind: 'team' | 'user'; id: string };

type Check<S extends z.ZodObject> = (
  body: z.output<S>,
  before: z.output<S> | undefined,
  among: Among,
) => Promise<Fault[]> | Fault[];

type Options<S extends z.ZodObject> = {
  right?: string;
  ids?: readonly string[];
  refers?: (body: z.output<S>) => readonly Reference[];
  restsOn?: readonly string[];
};

/**
 * A kind of setting: its plural name in the API, its schema, and what beyond the schema must hold.
 * `check` returns the faults of a body that would not work, e.g. a rule that does not compile, or that would make records
 * unreadable that were written under the body before it.
 */
export type Kind<S extends z.ZodObject = z.ZodObject> = {
  kind: string;
  plural: string;
  schema: S;
  // Methods, so that a kind of any schema is a Kind.
  check(body: z.output<S>, before?: z.output<S>, among?: Among): Promise<Fault[]>;
  /** The right that changing one needs. */
  right: string;
  /** The only ids that are looked at; any unless said. */
  ids: readonly string[] | undefined;
  /** The users, teams and other records that a body names: they must be there. */
  refers(body: z.output<S>): readonly Reference[];
  /** Kinds of settings its check looks at: a change of one of those must leave every setting of this kind whole. */
  restsOn: readonly string[];
};

export const settingKind = <S extends z.ZodObject>(
  kind: string,
  plural: string,
  schema: S,
  check: Check<S> = () => [],
  { right = 'setting.change', ids, refers = () => [], restsOn = [] }: Options<S> = {},
): Kind<S> => ({
  kind,
  plural,
  schema,
  check: async (body, before, among = ALONE) => check(body, before, among),
  right,
  ids,
  refers,
  restsOn,
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
