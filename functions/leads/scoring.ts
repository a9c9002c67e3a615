import * as z from 'zod';
import { customFacts, rulesWithCustom } from '#functions/settings/field-fact.ts';
import { fieldsAmong, fieldSetKind, NO_FIELDS, type FieldSet } from '#functions/settings/field-set.ts';
import { settingKind, type Among } from '#functions/settings/setting.ts';
import type { Fault } from '#shared/errors.ts';
import type { CustomValues } from '#shared/record-kind.ts';
import { Name } from '#shared/text.ts';

/** One component of a score: which rule gave how many points, or why it said nothing. */
export const ScorePart = z.object({
  rule: z.string(),
  kind: z.enum(['fit', 'engagement']),
  points: z.number(),
  fault: z.string().optional(),
});
export type ScorePart = z.output<typeof ScorePart>;

const scoringRules = rulesWithCustom('lead', {
  channel: 'string',
  source: 'string',
  email: 'string',
  phone: 'string',
  name: 'string',
  company: 'string',
  message: 'string',
  locale: 'string',
  knownPerson: 'bool',
  freeMail: 'bool',
});

/** Points for what is known of a lead, as data: each rule is CEL over `lead` and gives its points when it holds. */
export const Scoring = z.object({
  rules: z
    .array(
      z.object({
        name: Name(100),
        kind: z.enum(['fit', 'engagement']),
        when: z.string().min(1).max(2000),
        points: z.int().min(-1000).max(1000),
      }),
    )
    .max(100),
});
export type Scoring = z.output<typeof Scoring>;

async function faultsOf({ rules }: Scoring, _: unknown, among: Among): Promise<Fault[]> {
  const set = await scoringRules(await fieldsAmong(among, 'lead'));
  return rules.flatMap(({ name, when }, place) => {
    const compiled = set.compile(when, 'bool');
    const pointer = `/body/body/rules/${place}/when`;
    return compiled.ok ? [] : [{ pointer, code: 'rule', detail: `Rule "${name}": ${compiled.error}` }];
  });
}
export const scoringKind = settingKind('scoring', 'scorings', Scoring, faultsOf, { restsOn: [fieldSetKind.kind] });

export type ScoreFacts = Partial<
  Record<'channel' | 'source' | 'email' | 'phone' | 'name' | 'company' | 'message' | 'locale', string>
> & { knownPerson: boolean; custom?: CustomValues | undefined };

/** Mailboxes anybody can have: they say nothing of a firm. */
const FREE_MAIL = new Set([
  'gmail.com',
  'mail.ru',
  'yandex.ru',
  'ya.ru',
  'bk.ru',
  'inbox.ru',
  'list.ru',
  'rambler.ru',
  'outlook.com',
  'hotmail.com',
  'yahoo.com',
  'icloud.com',
]);

/** The parts of a score and their sum, exactly. A rule that fails gives nothing and says why. */
export async function scoreLead(
  { rules }: Scoring,
  facts: ScoreFacts,
  fields: FieldSet = NO_FIELDS,
): Promise<{ score: number; parts: ScorePart[] }> {
  const set = await scoringRules(fields);
  const custom = customFacts(fields, facts.custom);
  const lead = { ...facts, custom, freeMail: FREE_MAIL.has(facts.email?.split('@')[1] ?? '') };
  const parts = rules.flatMap(({ name, kind, when, points }): ScorePart[] => {
    const compiled = set.compile(when, 'bool');
    const result = compiled.ok ? compiled.run({ lead }) : compiled;
    if (!result.ok) return [{ rule: name, kind, points: 0, fault: result.error }];
    return result.value ? [{ rule: name, kind, points }] : [];
  });
  return { score: parts.reduce((all, { points }) => all + points, 0), parts };
}
