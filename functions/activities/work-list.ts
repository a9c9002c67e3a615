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
/** The archive aside, which no list shows unless asked. What is put off to a day has its time and waits for nobody. */
const OPEN = {
  leads: 'state in ["new", "working", "qualified"] && postponedUntil == null',
  deals: 'stageKind == "open"',
} as const;
/** When something is to be done next about it. */
const NEXT_AT = { leads: 'nextAt', deals: 'nextActionAt' } as const;
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

const todayBy = (field: string): string => `${field} >= startOfDay(0) && ${field} < startOfDay(1)`;

/**
 * What waits for somebody. Every open lead and deal has an owner who works here (`gone` are the ids of people who do not any
 * more) and something to be done next: these say which have not. `mine` says whose activities are meant.
 */
export function namedFilters(
  { forgottenDays }: Pick<WorkRules, 'forgottenDays'>,
  { mine = MINE, gone = [] }: { mine?: string; gone?: readonly string[] } = {},
): NamedFilter[] {
  const lost = gone.length === 0 ? '' : ` || ownerId in ${JSON.stringify(gone)}`;
  const unattended = `(planned != true || ownerId == null${lost})`;
  const activity = (id: string, name: Bilingual, rule: string): NamedFilter => ({
    id,
    name,
    list: 'activities',
    filter: `${mine} && state == "open" && ${rule}`,
    sort: 'nextAt',
  });
  return [
    activity('today', both('На сегодня', 'Today'), todayBy('nextAt')),
    activity('overdue', both('Просрочено', 'Overdue'), 'nextAt < now'),
    ...(['leads', 'deals'] as const).flatMap((list) => {
      const at = NEXT_AT[list];
      const [ru, en] = ['без ответственного или следующего шага', 'without an owner or a next action'];
      return [
        named(list, 'no-next-action', ru, en, unattended, 'ownerId'),
        named(list, 'today', 'на сегодня', 'for today', `planned == true && ${todayBy(at)}`, at),
        named(list, 'overdue', 'просроченные', 'overdue', `planned == true && ${at} < now`, at),
        named(list, 'forgotten', 'забытые', 'forgotten', `lastActionAt < daysAgo(${forgottenDays})`, 'lastActionAt'),
      ];
    }),
  ];
}
