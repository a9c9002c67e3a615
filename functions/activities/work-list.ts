import * as z from 'zod';
import { settingKind, type Bilingual } from '#functions/settings/setting.ts';

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

/** A list people open by name: of which table of the read copy, by which filter (CEL), the most pressing first. */
export type NamedFilter = { name: Bilingual; list: 'activities' | 'leads' | 'deals'; filter: string; sort: string };

const mine = 'ownerId == me';
const openLead = 'state in ["new", "working", "qualified"]';
const both = (ru: string, en: string): Bilingual => ({ ru, en });

/** Every open lead and deal has somebody and something to be done next: these say which have not. */
export const namedFilters = (rules: WorkRules): Readonly<Record<string, NamedFilter>> => ({
  today: {
    name: both('На сегодня', 'Today'),
    list: 'activities',
    filter: `${mine} && state == "open" && nextAt >= startOfDay(0) && nextAt < startOfDay(1)`,
    sort: 'nextAt',
  },
  overdue: {
    name: both('Просрочено', 'Overdue'),
    list: 'activities',
    filter: `${mine} && state == "open" && nextAt < now`,
    sort: 'nextAt',
  },
  'leads-no-next-action': {
    name: both('Лиды без следующего шага', 'Leads without a next action'),
    list: 'leads',
    filter: `${openLead} && planned == false`,
    sort: 'nextAt',
  },
  'deals-no-next-action': {
    name: both('Сделки без следующего шага', 'Deals without a next action'),
    list: 'deals',
    filter: 'stageKind == "open" && planned == false',
    sort: 'nextAt',
  },
  'leads-forgotten': {
    name: both('Забытые лиды', 'Forgotten leads'),
    list: 'leads',
    filter: `${openLead} && lastActionAt < daysAgo(${rules.forgottenDays})`,
    sort: 'lastActionAt',
  },
  'deals-forgotten': {
    name: both('Забытые сделки', 'Forgotten deals'),
    list: 'deals',
    filter: `stageKind == "open" && lastActionAt < daysAgo(${rules.forgottenDays})`,
    sort: 'lastActionAt',
  },
});
