import { call, machine, only, passOn } from '../definitions.ts';
import { type Case, failsWith, gives } from './case.ts';

const deal = { id: 7, lines: [{ sku: 'A' }, { sku: 'B' }], 'имя клиента': 'ООО Вега' };
/** A Pass state that gives what one expression gives. */
const express = (expression: string) => only(passOn({ Parameters: { 'it.$': expression } }));

/** How data goes through a state: paths, templates, functions, the context object, limits. */
export const data: readonly Case[] = [
  { it: 'passes the input on', machine: only(passOn()), input: deal, ends: gives(deal) },
  {
    it: 'gives a fixed result and puts it where ResultPath says, making objects on the way',
    machine: only(passOn({ Result: [1], ResultPath: '$.a.b' })),
    input: { id: 7 },
    ends: gives({ id: 7, a: { b: [1] } }),
  },
  {
    it: 'puts a result into an item of a list',
    machine: only(passOn({ Result: 'C', ResultPath: '$.lines[1].sku' })),
    input: deal,
    ends: gives({ ...deal, lines: [{ sku: 'A' }, { sku: 'C' }] }),
  },
  {
    it: 'puts a result into the whole input, not into what InputPath leaves of it',
    machine: only(passOn({ InputPath: '$.lines[0]', ResultPath: '$.first' })),
    input: deal,
    ends: gives({ ...deal, first: { sku: 'A' } }),
  },
  {
    it: 'drops a result with ResultPath null',
    machine: only(passOn({ Result: 1, ResultPath: null })),
    input: deal,
    ends: gives(deal),
  },
  {
    it: 'fails when a result cannot be put into what is no object',
    machine: only(passOn({ Result: 1, ResultPath: '$.id.x' })),
    input: deal,
    ends: failsWith('States.ResultPathMatchFailure'),
  },
  {
    it: 'narrows input and output, and reads quoted and Cyrillic names',
    machine: only(passOn({ InputPath: '$.lines', Parameters: { 'sku.$': '$[1].sku' }, OutputPath: "$['sku']" })),
    input: deal,
    ends: gives('B'),
  },
  {
    it: 'takes null paths for an empty object',
    machine: only(passOn({ InputPath: null })),
    input: deal,
    ends: gives({}),
  },
  {
    it: 'drops the output with OutputPath null',
    machine: only(passOn({ OutputPath: null })),
    input: deal,
    ends: gives({}),
  },
  {
    it: 'fails on an InputPath to nowhere',
    machine: only(passOn({ InputPath: '$.x' })),
    ends: failsWith('States.Runtime'),
  },
  { it: 'fails on a parameter from nowhere', machine: express('$.x'), ends: failsWith('States.ParameterPathFailure') },
  {
    it: 'formats text',
    machine: express("States.Format('{}: \\{{}\\} it\\'s {}', $['имя клиента'], $.id, $.lines[0])"),
    input: deal,
    ends: gives({ it: 'ООО Вега: {7} it\'s {"sku":"A"}' }),
  },
  {
    it: 'turns JSON into text and back, one function inside the other',
    machine: express('States.StringToJson(States.JsonToString($.lines))'),
    input: deal,
    ends: gives({ it: deal.lines }),
  },
  {
    it: 'makes, measures and reads arrays and adds numbers',
    machine: express(
      'States.Array(States.ArrayLength($.lines), States.ArrayGetItem($.lines, 1), States.MathAdd($.id, -2), null)',
    ),
    input: deal,
    ends: gives({ it: [2, { sku: 'B' }, 5, null] }),
  },
  {
    it: 'fails when a function cannot take what it is given',
    machine: express('States.ArrayGetItem($.lines, 2)'),
    input: deal,
    ends: failsWith('States.IntrinsicFailure'),
  },
  {
    it: 'shows the context object',
    machine: machine(
      {
        First: { Type: 'Pass', Next: 'Second' },
        Second: passOn({
          Parameters: {
            'id.$': '$$.Execution.Id',
            'name.$': '$$.Execution.Name',
            'input.$': '$$.Execution.Input.id',
            'start.$': '$$.Execution.StartTime',
            'state.$': '$$.State.Name',
            'entered.$': '$$.State.EnteredTime',
            'machine.$': '$$.StateMachine.Name',
          },
        }),
      },
      { Comment: 'two states', Version: '1.0' },
    ),
    input: deal,
    ends: gives({
      id: 'arn:aws:states:us-east-1:000000000000:execution:M:run',
      name: 'run',
      input: 7,
      start: '2026-01-01T00:00:00.000Z',
      state: 'Second',
      entered: '2026-01-01T00:00:00.000Z',
      machine: 'M',
    }),
    path: ['First', 'Second'],
  },
  {
    it: 'calls a function and selects from its answer',
    machine: only(
      call('price', {
        Parameters: { 'FunctionName.$': '$.fn', Payload: { 'deal.$': '$.id', fixed: true } },
        ResultSelector: { 'sum.$': '$.Payload.sum', 'status.$': '$.StatusCode' },
        ResultPath: '$.price',
        OutputPath: '$.price',
      }),
    ),
    input: { id: 7, fn: 'price' },
    answers: { price: [{ gives: { sum: '9.50' } }] },
    ends: gives({ sum: '9.50', status: 200 }),
    calls: ['price'],
  },
  {
    it: 'refuses an answer over 256 KiB, which States.ALL does not catch',
    machine: machine({
      Big: call('big', { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }] }),
      Caught: { Type: 'Succeed' },
    }),
    answers: { big: [{ gives: 'ж'.repeat(131_073) }] },
    ends: failsWith('States.DataLimitExceeded'),
  },
  {
    it: 'ends in Succeed',
    machine: only({ Type: 'Succeed', InputPath: '$.lines' }),
    input: deal,
    ends: gives(deal.lines),
  },
];
