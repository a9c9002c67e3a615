import { describe, expect, test } from 'vitest';
import { type RuleResult, ruleSet } from '#shared/rules.ts';

const rules = ruleSet({
  variables: {
    lead: {
      source: 'string',
      score: 'double',
      vip: 'bool',
      note: 'string',
      tags: 'list<string>',
      sizes: 'list<double>',
      custom: { color: 'string', rooms: 'double' },
    },
    deal: { amount: 'double' },
  },
});
const lead = {
  source: 'web',
  score: 10,
  vip: true,
  note: 'Позвонить',
  tags: ['hot', 'b2b'],
  sizes: [1, 2.5],
  custom: { color: 'red', rooms: 3 },
};

function evaluate<K extends keyof RuleResult>(source: string, gives: K, facts: Record<string, unknown>) {
  const rule = rules.compile(source, gives);
  if (!rule.ok) throw new Error(rule.error);
  return rule.run(facts);
}

describe('a rule over a record', () => {
  test.each([
    ['lead.source == "web" && lead.score > 5', true],
    ['lead.score == 10', true],
    ['10 == lead.score', true],
    ['lead.score != 10', false],
    ['lead.score >= 10.0 || false', true],
    ['lead.score in [10, 20]', true],
    ['lead.score in [10.5, 20.0]', false],
    ['lead.score in [11, 20]', false],
    ['1 in lead.sizes', true],
    ['3 in lead.sizes', false],
    ['1.0 / 2 == 0.5', true],
    [`${' '.repeat(1996)}true`, true],
    ['lead.score * 2 + 1 == 21', true],
    ['100 - lead.score / 4 == 97.5', true],
    ['lead.score % 3 == 1', true],
    ['lead.tags.exists(t, t == "hot")', true],
    ['lead.sizes.all(s, s > 1)', false],
    ['lead.tags.filter(t, t.startsWith("h")).size() == 1', true],
    ['"hot" in lead.tags && lead.custom.color == "red"', true],
    ['lead.note.contains("звон")', true],
    ['deal.amount == 0', true],
  ])('%# %s is %s', (source, value) => {
    expect(evaluate(source, 'bool', { lead })).toEqual({ ok: true, value });
  });

  test('gives numbers and texts too', () => {
    expect(evaluate('lead.score / 4', 'double', { lead })).toEqual({ ok: true, value: 2.5 });
    expect(evaluate('lead.tags.size() + 1', 'double', { lead })).toEqual({ ok: true, value: 3 });
    expect(evaluate('lead.vip ? "A" : "B"', 'string', { lead })).toEqual({ ok: true, value: 'A' });
  });

  test.each([
    ['lead.score > 10', false],
    ['lead.source == ""', true],
    ['!lead.vip', true],
    ['lead.tags.exists(t, t == "hot")', false],
    ['lead.custom.rooms == 0', true],
  ])('%s is %s when the value is missing', (source, value) => {
    for (const facts of [{}, { lead: {} }, { lead: null }, { lead: { source: null, custom: {} } }]) {
      expect(evaluate(source, 'bool', facts)).toEqual({ ok: true, value });
    }
  });

  test.each([
    ['lead.score > 1', { score: '10' }, 'lead.score is not a number'],
    ['lead.score > 1', { score: Number.NaN }, 'lead.score is not a number'],
    ['lead.source == "x"', { source: { toString: () => 'x' } }, 'lead.source is not a string'],
    ['lead.vip', { vip: 'true' }, 'lead.vip is not a bool'],
    ['"x" in lead.tags', { tags: 'x' }, 'lead.tags is not a list'],
    ['"x" in lead.tags', { tags: ['x', 1] }, 'lead.tags[1] is not a string'],
    ['"x" in lead.tags', { tags: Array.from({ length: 101 }, () => 'x') }, 'more than 100'],
    ['lead.note == ""', { note: 'x'.repeat(20_001) }, 'longer than 20000'],
    ['lead.custom.rooms > 1', { custom: 'red' }, 'lead.custom is not a record'],
    ['lead.sizes[5] > 1', { sizes: [1] }, 'index out of bounds'],
    ['1 / int(lead.score) > 0', { score: 0 }, 'division by zero'],
    ['int(lead.note) > 0', { note: 'x' }, 'cannot convert'],
  ])('%s over %j is an error, not an exception', (source, change, error) => {
    expect(evaluate(source, 'bool', { lead: change })).toEqual({ ok: false, error: expect.stringContaining(error) });
  });

  test('a number that is not finite is an error', () => {
    expect(evaluate('1 / lead.score', 'double', {})).toMatchObject({
      ok: false,
      error: expect.stringContaining('finite'),
    });
  });

  test('members of the record that the schema does not name stay out', () => {
    expect(evaluate('lead.score == 0', 'bool', { lead: Object.create({ score: 5 }) })).toEqual({
      ok: true,
      value: true,
    });
  });
});

describe('a rule is refused when it is saved', () => {
  test.each([
    ['lead.scor > 1', 'scor', 5],
    ['lead.score > "1"', 'overload', 0],
    ['lead.source == "a" && lead.score + ', 'EOF', 35],
    ['nobody.score > 1', 'nobody', 0],
    ['lead.vip ? 1.0 : "a"', 'same type', 0],
    ['lead.score', 'true or false', 0],
    ['lead', 'true or false', 0],
    ['lead.tags.size()', 'true or false', 0],
    ['null', 'true or false', 0],
    ['', 'EOF', 0],
    ['lead.score > 1/2', '1.0 / 2', 13],
  ])('%s: %s at %d', (source, error, at) => {
    expect(rules.compile(source, 'bool')).toMatchObject({ ok: false, error: expect.stringContaining(error), at });
  });

  test.each([
    ['lead.note.matches("(a+)+$")', 'matches'],
    ['lead.tags.exists(t, t.matches("(a+)+$"))', 'matches'],
    ['lead.tags.all(a, lead.tags.all(b, lead.tags.all(c, a == b)))', 'inside another'],
    ['lead.tags.map(a, lead.tags.filter(b, b == a)).size() > 0', 'inside another'],
    ['lead.note.split("").exists(c, c == "x")', 'result of another'],
    ['[lead.note.split("")][0].exists(c, c == "x")', 'result of another'],
    ['{"a": lead.note.split("")}.a.exists(c, c == "x")', 'result of another'],
    ['lead.tags.map(a, a + a).map(a, a + a).size() > 0', 'result of another'],
    ['cel.bind(a, lead.note + lead.note, a + a) == ""', 'bind'],
    ['has(lead.note)', 'has'],
    ['lead.constructor == "x"', 'constructor'],
    ['lead.__proto__ == "x"', '__proto__'],
    ['lead["constructor"] == "x"', 'constructor'],
    ['lead.source.constructor == "x"', 'Cannot index'],
    ['constructor == "x"', 'constructor'],
    ['eval("1") == 1', 'eval'],
    [`${'('.repeat(900)}true${')'.repeat(900)}`, 'maxDepth'],
    [`${'!'.repeat(1900)}true`, 'maxAstNodes'],
    [`${'!'.repeat(100_000)}true`, '2000 characters'],
    [`[${'1,'.repeat(150)}1].size() > 0`, 'maxListElements'],
    [`true${' && true'.repeat(200)}`, 'maxAstNodes'],
    [`lead.score in ${'['.repeat(30)}${']'.repeat(30)}`, 'maxDepth'],
    ['type(lead) == type(deal) && lead', 'requires bool'],
    ['dyn(lead.note)', 'this gives dyn'],
    ['\u0000', 'character'],
  ])('attack %#: %j', (source, error) => {
    expect(rules.compile(source, 'bool')).toMatchObject({ ok: false, error: expect.stringContaining(error) });
  });

  test('the heaviest rule that is allowed still ends with an answer', () => {
    const text = Array.from({ length: 60 }, () => 'lead.note').join(' + ');
    const heavy = { note: 'x'.repeat(20_000), tags: Array.from({ length: 100 }, (_, i) => `y${i}`) };
    expect(evaluate(`lead.tags.exists(t, (${text}).contains(t))`, 'bool', { lead: heavy })).toEqual({
      ok: true,
      value: false,
    });
  });
});
