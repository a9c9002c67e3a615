import type { RuleSchema, RuleSet } from '#shared/rules.ts';

/**
 * A rule set that is loaded when the first rule is looked at: CEL is a fifth of the weight of a function that people wait
 * for, and most requests have no rule in them.
 */
export function rulesOnDemand(variables: Readonly<Record<string, RuleSchema>>): () => Promise<RuleSet> {
  let loading: Promise<RuleSet> | undefined;
  return () => (loading ??= import('#shared/rules.ts').then(({ ruleSet }) => ruleSet({ variables })));
}
