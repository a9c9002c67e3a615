import { expect, it } from 'vitest';
import { asks, policyKind, type Facts, type Policy } from '#functions/approvals/policy.ts';

const policy = (when: string): Policy => ({ subject: 'deal', when, deadlineHours: 24 });
const facts: Facts = { amount: 1000, currency: 'RUB', discount: 10, margin: 20, hasCost: true };
const STARTER = 'deal.discount > 10 || (deal.hasCost && deal.margin < 15)';

it.each([
  ['a discount at the limit', STARTER, {}, false],
  ['a discount over it by the least', STARTER, { discount: 10.0001 }, true],
  ['a margin at the limit', STARTER, { margin: 15 }, false],
  ['a margin below it', STARTER, { margin: 14.9999 }, true],
  ['a loss', STARTER, { margin: -50 }, true],
  ['an unknown margin, which the rule leaves out', STARTER, { margin: 0, hasCost: false }, false],
  ['an amount in a currency', "deal.currency == 'RUB' && deal.amount >= 1000", {}, true],
  ['the same amount in another', "deal.currency == 'RUB' && deal.amount >= 1000", { currency: 'USD' }, false],
])('a policy looks at %s', async (_, when, change, answer) => {
  expect(await asks(policy(when), { ...facts, ...change })).toBe(answer);
});

it.each([
  ['does not compile', 'deal.discount >'],
  ['names a field there is not', 'deal.bonus > 1'],
  ['fails on these facts', "deal.currency.split('x')[3] == 'a'"],
])('a rule that %s asks a person: the doubt is not the seller’s', async (_, when) => {
  expect(await asks(policy(when), facts)).toBe(true);
});

it.each([
  ['deal.discount > 10', []],
  ['deal.discount + 1', ['/body/body/when']],
  ['deal.secret == 1', ['/body/body/when']],
  ['lead.score > 1', ['/body/body/when']],
])('is checked when it is saved: %s', async (when, pointers) => {
  expect((await policyKind.check(policy(when))).map(({ pointer }) => pointer)).toEqual(pointers);
});
