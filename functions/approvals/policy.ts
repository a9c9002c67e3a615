import * as z from 'zod';
import { customFacts, rulesWithCustom } from '#functions/settings/field-fact.ts';
import { fieldsAmong, fieldSetKind, NO_FIELDS, type FieldSet } from '#functions/settings/field-set.ts';
import { settingKind, type Reference } from '#functions/settings/setting.ts';
import type { CustomValues } from '#shared/record-kind.ts';

/** What a policy may reckon with; percentages as people write them, amounts in major units. */
const policyRules = rulesWithCustom('deal', {
  amount: 'double',
  currency: 'string',
  discount: 'double',
  margin: 'double',
  hasCost: 'bool',
});
export type Facts = {
  amount: number;
  currency: string;
  discount: number;
  margin: number;
  hasCost: boolean;
  custom?: CustomValues | undefined;
};

/** When something of a kind needs an approval, and who is asked: by default the head of the asker's team, then whom it goes up to. */
export const Policy = z.object({
  subject: z.enum(['deal']),
  /** A CEL rule over `deal`, e.g. `deal.discount > 10 || (deal.hasCost && deal.margin < 15)`. */
  when: z.string().min(1).max(2000),
  approverId: z.string().optional(),
  escalateTo: z.string().optional(),
  deadlineHours: z.int().min(1).max(720),
});
export type Policy = z.output<typeof Policy>;

const refers = (policy: Policy): Reference[] =>
  (['approverId', 'escalateTo'] as const).flatMap((field) => {
    const id = policy[field];
    return id === undefined ? [] : [{ pointer: `/body/body/${field}`, kind: 'user', id }];
  });

export const policyKind = settingKind(
  'policy',
  'policies',
  Policy,
  async ({ subject, when }, _, among) => {
    const compiled = (await policyRules(await fieldsAmong(among, subject))).compile(when, 'bool');
    return compiled.ok ? [] : [{ pointer: '/body/body/when', code: 'rule', detail: compiled.error }];
  },
  { refers, restsOn: [fieldSetKind.kind] },
);

/** Whether a policy asks for an approval. A rule that fails on these facts asks for one: the doubt goes to a person. */
export async function asks({ when }: Policy, facts: Facts, fields: FieldSet = NO_FIELDS): Promise<boolean> {
  const compiled = (await policyRules(fields)).compile(when, 'bool');
  if (!compiled.ok) return true;
  const result = compiled.run({ deal: { ...facts, custom: customFacts(fields, facts.custom) } });
  return result.ok ? result.value : true;
}
