import * as z from 'zod';
import { Line } from '#shared/text.ts';
import { Setting } from './setting.ts';

const Author = z.object({ id: z.string(), name: z.string() });

/** Why it was changed, in the author's words. */
export const Note = Line(500).optional();

/** A setting as it was from some moment on: kept for ever, so that it can be compared and brought back. */
export const SettingVersion = z.object({
  ...Setting.omit({ updatedAt: true, updatedBy: true }).shape,
  /** The version with leading zeros: versions lie in order. */
  place: z.string(),
  at: z.string(),
  by: Author,
  note: Note,
  /** Where it differs from the version before; the first differs from nothing. */
  changed: z.array(z.string()),
});
export type SettingVersion = z.output<typeof SettingVersion>;

/** What somebody prepares and nobody is bound by: published as the next version, or discarded. */
export const SettingDraft = z.object({
  kind: z.string(),
  id: z.string(),
  version: z.int(),
  state: z.enum(['open', 'published', 'discarded']),
  name: z.string(),
  body: z.record(z.string(), z.unknown()),
  archived: z.boolean().optional(),
  /** The version it was begun from, 0 for a setting that is not there yet: another one in between is not overwritten. */
  base: z.int(),
  note: Note,
  at: z.string(),
  by: Author,
});
export type SettingDraft = z.output<typeof SettingDraft>;

/** Counted on whenever a setting that rests on this one is saved. */
export const SettingUse = z.object({ kind: z.string(), id: z.string(), version: z.int() });

export const placeOf = (version: number): string => String(version).padStart(10, '0');
