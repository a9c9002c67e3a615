import { machine } from '../definitions.ts';
import { type Case, failsWith, gives } from './case.ts';

const input = {
  text: 'order-17*',
  number: 5,
  yes: true,
  none: null,
  at: '2026-01-01T12:00:00+03:00',
  same: 'order-17*',
  five: 5,
  late: '2026-01-02T00:00:00Z',
};
const decide = (rule: object, Default: string | undefined = 'No') =>
  machine({
    Decide: { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], ...(Default ? { Default } : {}) },
    Yes: { Type: 'Pass', Result: 'yes', End: true },
    No: { Type: 'Pass', Result: 'no', End: true },
  });
const decides = (rule: Record<string, unknown>, yes: boolean): Case => ({
  it: `decides ${JSON.stringify(rule)}: ${yes ? 'yes' : 'no'}`,
  machine: decide(rule),
  input,
  ends: gives(yes ? 'yes' : 'no'),
  path: ['Decide', yes ? 'Yes' : 'No'],
});
const on = (Variable: string, operator: string, operand: unknown) => ({ Variable, [operator]: operand });

/** Every comparison of a Choice state, once true and once false. */
export const choosing: readonly Case[] = [
  decides(on('$.text', 'StringEquals', 'order-17*'), true),
  decides(on('$.number', 'StringEquals', '5'), false),
  decides(on('$.text', 'StringEqualsPath', '$.same'), true),
  decides(on('$.text', 'StringLessThan', 'p'), true),
  decides(on('$.text', 'StringLessThanEquals', 'o'), false),
  decides(on('$.text', 'StringGreaterThan', 'order-16'), true),
  decides(on('$.text', 'StringGreaterThanEqualsPath', '$.same'), true),
  decides(on('$.text', 'StringMatches', 'or*-1*\\*'), true),
  decides(on('$.text', 'StringMatches', 'order.17*'), false),
  decides(on('$.number', 'NumericEquals', 5), true),
  decides(on('$.text', 'NumericEquals', 5), false),
  decides(on('$.number', 'NumericEqualsPath', '$.five'), true),
  decides(on('$.number', 'NumericLessThan', 5), false),
  decides(on('$.number', 'NumericLessThanEquals', 5), true),
  decides(on('$.number', 'NumericGreaterThan', 4.5), true),
  decides(on('$.number', 'NumericGreaterThanEquals', 6), false),
  decides(on('$.yes', 'BooleanEquals', true), true),
  decides(on('$.text', 'BooleanEquals', true), false),
  decides(on('$.at', 'TimestampEquals', '2026-01-01T09:00:00Z'), true),
  decides(on('$.at', 'TimestampLessThanPath', '$.late'), true),
  decides(on('$.at', 'TimestampGreaterThan', '2026-01-01T09:00:00Z'), false),
  decides(on('$.at', 'TimestampGreaterThanEquals', '2026-01-01T09:00:00Z'), true),
  decides(on('$$.Execution.StartTime', 'TimestampLessThanEquals', '2026-01-01T00:00:00Z'), true),
  decides(on('$.none', 'IsNull', true), true),
  decides(on('$.text', 'IsNull', true), false),
  decides(on('$.nothing', 'IsPresent', false), true),
  decides(on('$.none', 'IsPresent', true), true),
  decides(on('$.text', 'IsString', true), true),
  decides(on('$.number', 'IsNumeric', true), true),
  decides(on('$.yes', 'IsBoolean', false), false),
  decides(on('$.at', 'IsTimestamp', true), true),
  decides(on('$.text', 'IsTimestamp', false), true),
  decides({ And: [on('$.number', 'NumericGreaterThan', 1), on('$.number', 'NumericLessThan', 5)] }, false),
  decides({ And: [on('$.nothing', 'IsPresent', true), on('$.nothing', 'NumericLessThan', 5)] }, false),
  decides({ Or: [on('$.number', 'NumericEquals', 1), { Not: on('$.yes', 'BooleanEquals', false) }] }, true),
  decides({ Not: on('$.yes', 'BooleanEquals', true) }, false),
  {
    it: 'fails when a rule looks at what is not there',
    machine: decide(on('$.nothing', 'IsNull', true)),
    input,
    ends: failsWith('States.Runtime'),
    cause: "'$.nothing'",
  },
  {
    it: 'fails when no rule matches and there is no Default',
    machine: machine({
      Decide: { Type: 'Choice', Choices: [{ ...on('$.yes', 'BooleanEquals', false), Next: 'Yes' }] },
      Yes: { Type: 'Succeed' },
    }),
    input,
    ends: failsWith('States.NoChoiceMatched'),
  },
];
