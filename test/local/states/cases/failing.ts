import { ask, call, machine, only } from '../definitions.ts';
import { type Case, failsWith, gives, running } from './case.ts';

const flaky = { throws: 'Flaky', message: 'try again' } as const;
const retry = (more: object = {}) => ({ ErrorEquals: ['Flaky'], ...more });
const caught = (...ErrorEquals: string[]) =>
  machine({
    Do: call('work', { Catch: [{ ErrorEquals, ResultPath: '$.error', Next: 'Caught' }] }),
    Caught: { Type: 'Succeed', OutputPath: '$.error.Error' },
  });

/** Errors: names, Retry on the clock, Catch, Fail. */
export const failing: readonly Case[] = [
  {
    it: 'fails with the name, the message and the trace of a function',
    machine: only(call('work')),
    answers: { work: [flaky] },
    ends: failsWith('Flaky'),
    cause: JSON.stringify({ errorMessage: 'try again', errorType: 'Flaky', trace: ['at handler'] }),
  },
  {
    it: 'retries after 1, 2 and 4 seconds, then fails',
    machine: only(call('work', { Retry: [retry()] })),
    answers: { work: [flaky] },
    acts: [7],
    ends: failsWith('Flaky'),
    calls: ['work', 'work', 'work', 'work'],
  },
  {
    it: 'has made three calls just before the third retry is due',
    machine: only(call('work', { Retry: [retry()] })),
    answers: { work: [flaky] },
    acts: [6.999],
    ends: running,
    calls: ['work', 'work', 'work'],
  },
  {
    it: 'backs off by its own rate up to MaxDelaySeconds',
    machine: only(
      call('work', { Retry: [retry({ IntervalSeconds: 10, BackoffRate: 3, MaxDelaySeconds: 40, MaxAttempts: 3 })] }),
    ),
    answers: { work: [flaky, flaky, flaky, { gives: 'done' }] },
    acts: [10, 30, 40],
    ends: gives({ answer: 'done' }),
    calls: ['work', 'work', 'work', 'work'],
  },
  {
    it: 'jitters a retry within its delay',
    machine: only(call('work', { Retry: [retry({ IntervalSeconds: 100, JitterStrategy: 'FULL' })] })),
    answers: { work: [flaky, { gives: 1 }] },
    acts: [100],
    ends: gives({ answer: 1 }),
  },
  {
    it: 'does not retry with MaxAttempts 0, and counts each row of Retry by itself',
    machine: only(
      call('work', {
        Retry: [retry({ MaxAttempts: 1 }), { ErrorEquals: ['Never'], MaxAttempts: 0 }, { ErrorEquals: ['States.ALL'] }],
      }),
    ),
    answers: { work: [flaky, { throws: 'Other' }, { throws: 'Never' }] },
    acts: [10],
    ends: failsWith('Never'),
    calls: ['work', 'work', 'work'],
  },
  {
    it: 'gives each retry the whole timeout and a new token',
    machine: only(
      ask('approver', { TimeoutSeconds: 60, Retry: [{ ErrorEquals: ['States.Timeout'], MaxAttempts: 1 }] }),
    ),
    acts: [60, 1, 59, { succeeds: 'approver', output: 'second' }],
    ends: gives('second'),
    calls: ['approver', 'approver'],
  },
  {
    it: 'fails a function that is slower than TimeoutSeconds',
    machine: only(call('work', { TimeoutSeconds: 5 })),
    answers: { work: ['hangs'] },
    acts: [5],
    ends: failsWith('States.Timeout'),
  },
  ...['Flaky', 'States.TaskFailed', 'States.ALL'].map((name) => ({
    it: `catches an error of a function by ${name}`,
    machine: caught(name),
    answers: { work: [flaky] },
    ends: gives('Flaky'),
    path: ['Do', 'Caught'],
  })),
  {
    it: 'does not catch a timeout by States.TaskFailed',
    machine: machine({
      Do: call('work', { TimeoutSeconds: 5, Catch: [{ ErrorEquals: ['States.TaskFailed'], Next: 'Caught' }] }),
      Caught: { Type: 'Succeed' },
    }),
    answers: { work: ['hangs'] },
    acts: [5],
    ends: failsWith('States.Timeout'),
  },
  {
    it: 'catches only after the retries, and takes the first row that fits',
    machine: machine({
      Do: call('work', {
        Retry: [retry({ MaxAttempts: 1 })],
        Catch: [
          { ErrorEquals: ['Other'], Next: 'Wrong' },
          { ErrorEquals: ['Flaky', 'Else'], ResultPath: null, Next: 'Caught' },
          { ErrorEquals: ['States.ALL'], Next: 'Wrong' },
        ],
      }),
      Caught: { Type: 'Succeed' },
      Wrong: { Type: 'Fail' },
    }),
    input: { deal: 7 },
    answers: { work: [flaky] },
    acts: [1],
    ends: gives({ deal: 7 }),
    calls: ['work', 'work'],
    path: ['Do', 'Caught'],
  },
  {
    it: 'never catches a runtime error',
    machine: machine({
      Do: call('work', { InputPath: '$.nowhere', Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }] }),
      Caught: { Type: 'Succeed' },
    }),
    ends: failsWith('States.Runtime'),
  },
  {
    it: 'fails with a fixed error and cause',
    machine: only({ Type: 'Fail', Error: 'Refused', Cause: 'by the head' }),
    ends: failsWith('Refused'),
    cause: 'by the head',
  },
  {
    it: 'fails with an error and a cause from the input',
    machine: only({ Type: 'Fail', ErrorPath: '$.error', CausePath: "States.Format('by {}', $.by)" }),
    input: { error: 'Refused', by: 'Анна' },
    ends: failsWith('Refused'),
    cause: 'by Анна',
  },
];
