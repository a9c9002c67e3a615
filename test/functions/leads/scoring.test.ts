import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { scoreLead, scoringKind, type Scoring } from '#functions/leads/scoring.ts';

const rule = (when: string, points: number, name = when): Scoring['rules'][number] => ({
  name,
  kind: 'fit',
  when,
  points,
});

describe('the score of a lead', () => {
  it.each([
    ['a value that is there', "lead.phone != ''", { phone: '+74951234567' }, 7],
    ['a value that is missing is an empty text', "lead.phone != ''", {}, 0],
    ['a known person', 'lead.knownPerson', { knownPerson: true }, 7],
    ['a mailbox anybody can have', 'lead.freeMail', { email: 'ivan@mail.ru' }, 7],
    ['a mailbox of a firm', 'lead.freeMail', { email: 'ivan@gmail.com.example' }, 0],
    ['no mailbox at all', 'lead.freeMail', {}, 0],
    ['words of the message', "lead.message.contains('urgent')", { message: 'It is urgent' }, 7],
  ])('counts %s', async (_, when, facts, score) => {
    expect((await scoreLead({ rules: [rule(when, 7)] }, { knownPerson: false, ...facts })).score).toBe(score);
  });

  it('is made of the rules that hold, with their points, in the order of the rules', async () => {
    const rules = [
      rule("lead.phone != ''", 20, 'phone'),
      rule("lead.company != ''", 25, 'company'),
      { ...rule('lead.freeMail', -5, 'free mail'), kind: 'engagement' as const },
    ];
    expect(await scoreLead({ rules }, { phone: '+7', email: 'a@ya.ru', knownPerson: false })).toEqual({
      score: 15,
      parts: [
        { rule: 'phone', kind: 'fit', points: 20 },
        { rule: 'free mail', kind: 'engagement', points: -5 },
      ],
    });
  });

  it('shows a rule that fails, which gives nothing, and goes on with the others', async () => {
    const rules = [
      rule('lead.budget > 5', 50, 'no such field'),
      rule("lead.email.split('@')[7] == 'x'", 40, 'fails at work'),
      rule('lead.name', 30, 'not a yes or no'),
      rule("lead.name == 'Anna'", 10, 'good'),
    ];
    const { score, parts } = await scoreLead({ rules }, { name: 'Anna', email: 'a@b.example', knownPerson: false });
    expect(score).toBe(10);
    expect(parts.map(({ rule: name, points, fault }) => [name, points, fault !== undefined])).toEqual([
      ['no such field', 0, true],
      ['fails at work', 0, true],
      ['not a yes or no', 0, true],
      ['good', 10, false],
    ]);
    expect(parts[0]?.fault).toContain('budget');
  });

  it('is nothing without rules', async () => {
    expect(await scoreLead({ rules: [] }, { knownPerson: true })).toEqual({ score: 0, parts: [] });
  });

  it('is exactly the sum of its parts, whatever the rules', async () => {
    const someRule = fc.record({
      name: fc.string({ minLength: 1 }),
      kind: fc.constantFrom('fit' as const, 'engagement' as const),
      when: fc.constantFrom('true', 'false', 'lead.knownPerson', "lead.phone == ''", 'lead.nothing'),
      points: fc.integer({ min: -1000, max: 1000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(someRule, { maxLength: 20 }), fc.boolean(), async (rules, knownPerson) => {
        const { score, parts } = await scoreLead({ rules }, { knownPerson });
        expect(parts.reduce((all, { points }) => all + points, 0)).toBe(score);
      }),
      { numRuns: 50 },
    );
  });
});

it('refuses rules that could never work when they are saved, and says which', async () => {
  const faults = await scoringKind.check({
    rules: [rule('lead.knownPerson', 1), rule("lead.phone.matches('a')", 1), rule('lead.phone', 1), rule('1 +', 1)],
  });
  expect(faults.map(({ pointer }) => pointer)).toEqual([
    '/body/body/rules/1/when',
    '/body/body/rules/2/when',
    '/body/body/rules/3/when',
  ]);
});
