import * as z from 'zod';
import { settingKind } from '#functions/settings/setting.ts';
import { rulesOnDemand } from '#shared/rules-on-demand.ts';
import { Name } from '#shared/text.ts';

/** One component of a score: which rule gave how many points, or why it said nothing. */
export const ScorePart = z.object({
  rule: z.string(),
  kind: z.enum(['fit', 'engagement']),
  points: z.number(),
  fault: z.string().optional(),
});
export type ScorePart = z.output<typeof ScorePart>;

const scoringRules = rulesOnDemand({
  lead: {
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
  },
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

export const scoringKind = settingKind('scoring', 'scorings', Scoring, async ({ rules }) => {
  const set = await scoringRules();
  return rules.flatMap(({ when }, place) => {
    const compiled = set.compile(when, 'bool');
    return compiled.ok ? [] : [{ pointer: `/body/body/rules/${place}/when`, code: 'rule', detail: compiled.error }];
  });
});

export type ScoreFacts = Partial<
  Record<'channel' | 'source' | 'email' | 'phone' | 'name' | 'company' | 'message' | 'locale', string>
> & { knownPerson: boolean };

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
export async function scoreLead({ rules }: Scoring, facts: ScoreFacts): Promise<{ score: number; parts: ScorePart[] }> {
  const set = await scoringRules();
  const lead = { ...facts, freeMail: FREE_MAIL.has(facts.email?.split('@')[1] ?? '') };
  const parts = rules.flatMap(({ name, kind, when, points }): ScorePart[] => {
    const compiled = set.compile(when, 'bool');
    const result = compiled.ok ? compiled.run({ lead }) : compiled;
    if (!result.ok) return [{ rule: name, kind, points: 0, fault: result.error }];
    return result.value ? [{ rule: name, kind, points }] : [];
  });
  return { score: parts.reduce((all, { points }) => all + points, 0), parts };
}
