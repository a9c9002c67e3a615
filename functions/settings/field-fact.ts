import type { CustomValues } from '#shared/record-kind.ts';
import { rulesOnDemand } from '#shared/rules-on-demand.ts';
import type { FieldType, RuleSchema, RuleSet } from '#shared/rules.ts';
import type { Field } from './field.ts';
import type { FieldSet } from './field-set.ts';

/** How a rule sees a field: `custom.size == "big"`, `custom.staff > 10`, `custom.budget.amount > 1000`. */
function typeOf({ kind }: Field): FieldType | RuleSchema {
  if (kind === 'number') return 'double';
  if (kind === 'money') return { amount: 'double', currency: 'string' };
  return kind === 'multi-choice' ? 'list<string>' : 'string';
}

/** The fields of a set that rules may name; a retired one is not among them. */
const ruleFields = ({ fields }: FieldSet): RuleSchema =>
  Object.fromEntries(fields.filter(({ retired }) => !retired).map((field) => [field.id, typeOf(field)]));

function factOf({ kind }: Field, value: unknown): unknown {
  if (kind === 'number') return Number(value);
  if (kind !== 'money') return value;
  const { amount, currency } = value as { amount: string; currency: string };
  return { amount: Number(amount), currency };
}

/** Values of a record's own fields as rules reckon with them: amounts in major units, for comparison only. */
export const customFacts = ({ fields }: FieldSet, values: CustomValues | undefined): Record<string, unknown> =>
  Object.fromEntries(
    fields.flatMap((field) => {
      const value = values?.[field.id];
      return value === undefined || field.retired ? [] : [[field.id, factOf(field, value)] as const];
    }),
  );

/** Rule sets over a record and its own fields, made once for each field set that is in force. */
export function rulesWithCustom(name: string, schema: RuleSchema): (fields: FieldSet) => Promise<RuleSet> {
  const made = new WeakMap<FieldSet, () => Promise<RuleSet>>();
  return (fields) => {
    const known = made.get(fields) ?? rulesOnDemand({ [name]: { ...schema, custom: ruleFields(fields) } });
    made.set(fields, known);
    return known();
  };
}
