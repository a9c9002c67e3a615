import * as z from 'zod';
import { Bilingual, settingKind } from '#functions/settings/setting.ts';

/** How a firm's people are kept at their work: after how long a record counts as forgotten, and who reminds them. */
const WorkRules = z.object({
  /** A record with which nothing was done for so many days is forgotten. */
  forgottenDays: z.int().min(1).max(3650),
  /** Whether a letter reminds the owner of an activity, and by which template. */
  remindByLetter: z.boolean(),
  reminderTemplate: z.string().max(61),
});
export type WorkRules = z.output<typeof WorkRules>;
export const workRulesKind = settingKind('work-rules', 'work-rules', WorkRules);
export const MAIN_WORK_RULES = 'main';
export const DEFAULT_WORK_RULES: WorkRules = { forgottenDays: 14, remindByLetter: true, reminderTemplate: 'reminder' };

/** A list people open by name: of which list of the read copy, by which filter (CEL), the most pressing first. */
export const NamedFilter = z.object({
  id: z.string(),
  name: Bilingual,
  list: z.enum(['activities', 'leads', 'deals']),
  filter: z.string(),
  sort: z.string(),
});
type NamedFilter = z.output<typeof NamedFilter>;

const both = (ru: string, en: string): Bilingual => ({ ru, en });
const MINE = 'ownerId == me';
/** Whose work it is; the archive aside, which no list shows unless asked. */
const OPEN = { leads: 'state in ["new", "working", "qualified"]', deals: 'stageKind == "open"' } as const;
const OF = { leads: both('Лиды', 'Leads'), deals: both('Сделки', 'Deals') } as const;

const named = (
  list: 'leads' | 'deals',
  id: string,
  ru: string,
  en: string,
  rule: string,
  sort: string,
): NamedFilter => ({
  id: `${list}-${id}`,
  name: both(`${OF[list].ru} ${ru}`, `${OF[list].en} ${en}`),
  list,
  filter: `${OPEN[list]} && ${rule}`,
  sort,
});

/** Every open lead and deal has somebody and something to be done next: these say which have not. */
export const namedFilters = ({ forgottenDays }: Pick<WorkRules, 'forgottenDays'>): NamedFilter[] => [
  {
    id: 'today',
    name: both('На сегодня', 'Today'),
    list: 'activities',
    filter: `${MINE} && state == "open" && nextAt >= startOfDay(0) && nextAt < startOfDay(1)`,
    sort: 'nextAt',
  },
  {
    id: 'overdue',
    name: both('Просрочено', 'Overdue'),
    list: 'activities',
    filter: `${MINE} && state == "open" && nextAt < now`,
    sort: 'nextAt',
  },
  ...(['leads', 'deals'] as const).flatMap((list) => [
    named(list, 'no-next-action', 'без следующего шага', 'without a next action', 'planned == false', 'ownerId'),
    named(list, 'forgotten', 'забытые', 'forgotten', `lastActionAt < daysAgo(${forgottenDays})`, 'lastActionAt'),
  ]),
];
