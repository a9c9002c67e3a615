import { describe, expect, it } from 'vitest';
import { loadMachine } from '#local/states/machine.ts';
import { ask, call, machine, only, passOn } from './definitions.ts';

const inMap = (state: object) => only({ Type: 'Map', ItemProcessor: machine({ Inner: state }), End: true });
const choose = (rule: object) => machine({ Only: { Type: 'Choice', Choices: [rule] }, Next: { Type: 'Succeed' } });

/** What is refused, and what the sentence must name. */
const table: readonly [what: string, definition: object | string, ...named: string[]][] = [
  ['text that is not JSON', '{', 'not JSON'],
  ['an unknown field of the machine', only(passOn(), { Speed: 1 }), 'field Speed'],
  ['JSONata', only(passOn(), { QueryLanguage: 'JSONata' }), 'field QueryLanguage'],
  ['an unknown field of a state', only(passOn({ Assign: {} })), 'state "Only", field Assign', 'does not know'],
  ['an unknown field of a retrier', only(call('f', { Retry: [{ ErrorEquals: ['E'], Tries: 2 }] })), 'Retry[0].Tries'],
  ['a field of a nested state', inMap(passOn({ Retry: [] })), 'state "Inner", field Retry'],
  [
    'a field of a state in a branch',
    only({
      Type: 'Parallel',
      Branches: [only(passOn()), machine({ B: { Type: 'Wait', Seconds: -1, End: true } })],
      End: true,
    }),
    'state "B", field Seconds',
  ],
  [
    'a distributed map',
    only({ Type: 'Map', ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED' }, ...only(passOn()) }, End: true }),
    'ItemProcessor.ProcessorConfig.Mode',
  ],
  [
    'ItemReader',
    only({ Type: 'Map', ItemProcessor: machine({ I: passOn() }), ItemReader: {}, End: true }),
    'ItemReader',
  ],
  ['an unknown state type', only({ Type: 'Activity', End: true }), 'field Type', 'Parallel'],
  [
    'another resource',
    only(call('f', { Resource: 'arn:aws:states:::dynamodb:putItem' })),
    'field Resource',
    'lambda:invoke',
  ],
  [
    'a plain function ARN as resource',
    only(call('f', { Resource: 'arn:aws:lambda:us-east-1:000000000000:function:f' })),
    'Resource',
  ],
  [
    'an unknown parameter of the call',
    only(call('f', { Parameters: { FunctionName: 'f', Qualifier: '1' } })),
    'Parameters.Qualifier',
  ],
  ['a call without a function', only(call('f', { Parameters: { Payload: {} } })), 'field Parameters'],
  ['a path with a wildcard', only(passOn({ InputPath: '$.lines[*].sku' })), 'field InputPath', '$.lines[*].sku'],
  ['a filter in a template', only(passOn({ Parameters: { a: { 'b.$': '$.l[?(@.x)]' } } })), 'Parameters.a.b.$'],
  ['an unknown function', only(passOn({ Parameters: { 'h.$': 'States.Hash($.a)' } })), 'Parameters.h.$', 'States.Hash'],
  ['a function with too few arguments', only(passOn({ Parameters: { 'h.$': 'States.MathAdd(1)' } })), '1 arguments'],
  ['an unknown part of the context', only(passOn({ Parameters: { 'h.$': '$$.Job.Id' } })), 'no "Job"'],
  ['a write into the context', only(passOn({ ResultPath: '$$.Task' })), 'ResultPath'],
  ['an unknown comparison', choose({ Variable: '$.a', StringLike: 'x', Next: 'Next' }), 'Choices[0].StringLike'],
  [
    'a comparison nested in And',
    choose({ And: [{ Variable: '$.a', NumericEquals: '5' }], Next: 'Next' }),
    'Choices[0].And[0].NumericEquals',
  ],
  [
    'two comparisons in one rule',
    choose({ Variable: '$.a', IsNull: true, IsString: true, Next: 'Next' }),
    'one operator',
  ],
  ['a rule without a variable', choose({ IsNull: true, Next: 'Next' }), 'Choices[0].Variable'],
  ['a way to nowhere', only({ Type: 'Pass', Next: 'There' }), 'field Next', '"There"'],
  ['a catcher to nowhere', only(call('f', { Catch: [{ ErrorEquals: ['E'], Next: 'There' }] })), 'Catch[0].Next'],
  ['a start at nowhere', { StartAt: 'There', States: { A: passOn() } }, 'field StartAt'],
  ['a dead end', only({ Type: 'Pass' }), 'field Next', 'End'],
  [
    'a state of the same name deeper down',
    only({ Type: 'Map', ItemProcessor: only(passOn()), End: true }),
    'same name',
  ],
  ['a name over 80 characters', machine({ ['n'.repeat(81)]: passOn() }), 'n'.repeat(81)],
  [
    'two ways to wait',
    only({ Type: 'Wait', Seconds: 1, Timestamp: '2026-01-01T00:00:00Z', End: true }),
    'Timestamp',
    'excludes Seconds',
  ],
  ['a wait for nothing', only({ Type: 'Wait', End: true }), 'Seconds'],
  ['a date for an instant', only({ Type: 'Wait', Timestamp: '2026-01-01', End: true }), 'Timestamp'],
  ['two timeouts', only(ask('f', { TimeoutSeconds: 1, TimeoutSecondsPath: '$.t' })), 'TimeoutSecondsPath'],
  [
    'a heartbeat as long as the timeout',
    only(ask('f', { TimeoutSeconds: 5, HeartbeatSeconds: 5 })),
    'HeartbeatSeconds',
  ],
  [
    'States.ALL among others',
    only(call('f', { Retry: [{ ErrorEquals: ['States.ALL', 'E'] }] })),
    'Retry[0].ErrorEquals',
    'alone',
  ],
  [
    'States.ALL before another row',
    only(call('f', { Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['E'] }] })),
    'field Retry',
    'last',
  ],
];

describe('A definition is refused when it is loaded', () => {
  it.each(table)('for %s', (_, definition, ...named) => {
    const load = () =>
      loadMachine('approval', typeof definition === 'string' ? definition : JSON.stringify(definition));
    for (const part of ['State machine "approval"', ...named]) expect(load).toThrow(part);
  });
});
