import * as z from 'zod';
import { Bilingual, settingKind } from '#functions/settings/setting.ts';

/** Of a firm that has said none. */
const POSTPONE_REASONS: { id: string; name: Bilingual }[] = [
  { id: 'no-budget-yet', name: { ru: 'Пока нет бюджета', en: 'No budget yet' } },
  { id: 'not-now', name: { ru: 'Не сейчас', en: 'Not now' } },
  { id: 'season', name: { ru: 'Сезон', en: 'Season' } },
  { id: 'no-answer', name: { ru: 'Не отвечает', en: 'No answer' } },
];

/** How leads are qualified: the questions, the reasons for which one may be rejected, and how soon they must be worked. */
export const LeadType = z.object({
  questions: z.array(z.object({ id: z.string().regex(/^\w{1,40}$/), text: Bilingual, required: z.boolean() })).max(50),
  rejectReasons: z
    .array(z.object({ id: z.string().regex(/^[a-z0-9-]{1,40}$/), name: Bilingual }))
    .min(1)
    .max(50),
  /** Why one may be put off to a later day. */
  postponeReasons: z
    .array(z.object({ id: z.string().regex(/^[a-z0-9-]{1,40}$/), name: Bilingual }))
    .min(1)
    .max(50)
    .default(POSTPONE_REASONS),
  /** Targets in minutes. */
  firstContactMinutes: z.int().min(1),
  qualificationMinutes: z.int().min(1),
});
export type LeadType = z.output<typeof LeadType>;

export const leadTypeKind = settingKind('lead-type', 'lead-types', LeadType);

/** The only type until a firm adds more. */
export const DEFAULT_LEAD_TYPE = 'lead';
