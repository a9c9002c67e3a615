import { ask, call, machine, only, passOn } from '../definitions.ts';
import { type Case, failsWith, gives } from './case.ts';

const parallel = (branches: object[], more: object = {}) => ({
  Type: 'Parallel',
  Branches: branches,
  End: true,
  ...more,
});
const map = (processor: object, more: object = {}) => ({
  Type: 'Map',
  ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...processor },
  End: true,
  ...more,
});
const each = (state: object) => machine({ Each: state });
const item = each(passOn({ Parameters: { 'i.$': '$$.Map.Item.Index', 'v.$': '$$.Map.Item.Value', 'in.$': '$' } }));
const broken = { throws: 'Broken' } as const;

/** Parallel and Map: order of results, width, failures, nesting. */
export const branching: readonly Case[] = [
  {
    it: 'runs branches beside each other and gives their outputs in order',
    machine: only(
      parallel(
        [
          machine({ Slow: { Type: 'Wait', Seconds: 5, Next: 'Slow end' }, 'Slow end': passOn({ Result: 'slow' }) }),
          machine({ Fast: call('fast') }),
        ],
        { Parameters: { 'id.$': '$.deal' }, ResultPath: '$.all' },
      ),
    ),
    input: { deal: 7 },
    answers: { fast: [{ gives: 'fast' }] },
    acts: [5],
    ends: gives({ deal: 7, all: ['slow', { answer: 'fast' }] }),
    path: ['Only', 'Slow', 'Fast', 'Slow end'],
  },
  {
    it: 'drops the other branches when one fails, and catches their error',
    machine: machine({
      Both: parallel([machine({ Ask: ask('approver') }), machine({ Work: call('work') })], {
        Catch: [{ ErrorEquals: ['Broken'], ResultPath: '$.error', Next: 'Caught' }],
      }),
      Caught: passOn({ OutputPath: '$.error.Error' }),
    }),
    answers: { work: [broken] },
    ends: gives('Broken'),
    path: ['Both', 'Ask', 'Work', 'Caught'],
  },
  {
    it: 'retries a whole Parallel state',
    machine: only(
      parallel([machine({ A: call('a') }), machine({ B: call('b') })], {
        Retry: [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 2, MaxAttempts: 1 }],
        ResultSelector: { 'b.$': '$[1].answer' },
      }),
    ),
    answers: { b: [broken, { gives: 2 }] },
    acts: [2],
    ends: gives({ b: 2 }),
    calls: ['a', 'b', 'a', 'b'],
  },
  {
    it: 'fails when a branch ends in Fail',
    machine: only(parallel([machine({ Fail: { Type: 'Fail', Error: 'Refused' } }), machine({ Ask: ask('approver') })])),
    ends: failsWith('Refused'),
  },
  {
    it: 'maps items and shows their place and value',
    machine: only(map(item, { ItemsPath: '$.lines', ResultPath: '$.out' })),
    input: { lines: ['a', 'b'] },
    ends: gives({
      lines: ['a', 'b'],
      out: [
        { i: 0, v: 'a', in: 'a' },
        { i: 1, v: 'b', in: 'b' },
      ],
    }),
  },
  {
    it: 'maps with ItemSelector over the input of the Map state',
    machine: only(
      map(each(passOn()), {
        ItemsPath: '$.lines',
        ItemSelector: { 'deal.$': '$.deal', 'line.$': '$$.Map.Item.Value' },
      }),
    ),
    input: { deal: 7, lines: [1, 2] },
    ends: gives([
      { deal: 7, line: 1 },
      { deal: 7, line: 2 },
    ]),
  },
  {
    it: 'understands the older names Iterator and Parameters',
    machine: only({
      Type: 'Map',
      Iterator: each(passOn()),
      Parameters: { 'n.$': '$$.Map.Item.Index' },
      End: true,
    }),
    input: ['x'],
    ends: gives([{ n: 0 }]),
  },
  { it: 'maps nothing to nothing', machine: only(map(item)), input: [], ends: gives([]) },
  { it: 'fails on items that are no list', machine: only(map(item)), input: {}, ends: failsWith('States.Runtime') },
  {
    it: 'works on MaxConcurrency items at a time',
    machine: only(map(machine({ Ask: ask('approver') }), { MaxConcurrency: 2 })),
    input: [1, 2, 3],
    ends: { status: 'RUNNING' },
    calls: ['approver', 'approver'],
  },
  {
    it: 'begins the next item when one has ended',
    machine: only(map(machine({ Ask: ask('approver') }), { MaxConcurrency: 2 })),
    input: [1, 2, 3],
    acts: [{ succeeds: 'approver', output: 'second' }],
    ends: { status: 'RUNNING' },
    calls: ['approver', 'approver', 'approver'],
  },
  {
    it: 'fails with the error of an item, and the others are dropped',
    machine: only(map(machine({ Work: call('work') }), { MaxConcurrency: 1 })),
    input: [1, 2, 3],
    answers: { work: [{ gives: 1 }, broken] },
    ends: failsWith('Broken'),
    calls: ['work', 'work'],
  },
  {
    it: 'retries inside of an item',
    machine: only(map(machine({ Work: call('work', { Retry: [{ ErrorEquals: ['Broken'] }] }) }))),
    input: [1],
    answers: { work: [broken, { gives: 'ok' }] },
    acts: [1],
    ends: gives([{ answer: 'ok' }]),
  },
  {
    it: 'nests: a Parallel state inside of a Map state sees the item',
    machine: only(
      map(machine({ Both: parallel([machine({ Here: passOn({ Parameters: { 'v.$': '$$.Map.Item.Value' } }) })]) })),
    ),
    input: [1, 2],
    ends: gives([[{ v: 1 }], [{ v: 2 }]]),
  },
];
