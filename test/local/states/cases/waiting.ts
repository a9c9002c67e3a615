import { ask, machine, only, passOn } from '../definitions.ts';
import { type Case, failsWith, gives, running } from './case.ts';

const DAY = 86_400;
const wait = (field: object) => machine({ Wait: { Type: 'Wait', ...field, Next: 'Done' }, Done: { Type: 'Succeed' } });
const deadline = (more: object) =>
  machine({
    Ask: ask('approver', {
      ...more,
      Catch: [{ ErrorEquals: ['States.Timeout'], ResultPath: '$.late', Next: 'Ask the head' }],
    }),
    'Ask the head': passOn({ Result: 'the head', ResultPath: '$.asked' }),
  });
const late = { error: { Error: 'States.Timeout', Cause: '' } };

/** Waits for time and for people: clocks, tokens, deadlines, heartbeats. */
export const waiting: readonly Case[] = [
  { it: 'waits no second too little', machine: wait({ Seconds: 60 }), acts: [59], ends: running, path: ['Wait'] },
  { it: 'waits seconds', machine: wait({ Seconds: 60 }), acts: [60], ends: gives({}), path: ['Wait', 'Done'] },
  { it: 'waits three years', machine: wait({ Seconds: 99_999_999 }), acts: [99_999_999], ends: gives({}) },
  { it: 'goes on at once when it has to wait for nothing', machine: wait({ Seconds: 0 }), ends: gives({}) },
  {
    it: 'waits as many seconds as the input says',
    machine: wait({ SecondsPath: '$.wait' }),
    input: { wait: 5 },
    acts: [5],
    ends: gives({ wait: 5 }),
  },
  {
    it: 'fails on seconds that are none',
    machine: wait({ SecondsPath: '$.wait' }),
    input: { wait: '5' },
    ends: failsWith('States.Runtime'),
  },
  {
    it: 'waits until an instant',
    machine: wait({ Timestamp: '2026-01-31T00:00:00Z' }),
    acts: [30 * DAY],
    ends: gives({}),
  },
  {
    it: 'waits until the instant the input names, and no longer when it has passed',
    machine: wait({ TimestampPath: '$.at' }),
    input: { at: '2025-12-31T00:00:00+05:00' },
    ends: gives({ at: '2025-12-31T00:00:00+05:00' }),
  },
  {
    it: 'fails on an instant that is none',
    machine: wait({ TimestampPath: '$.at' }),
    input: { at: 'tomorrow' },
    ends: failsWith('States.Runtime'),
  },
  {
    it: 'waits for a token for a month and calls its function once',
    machine: only(ask('approver', { ResultPath: '$.decision' })),
    input: { deal: 7 },
    answers: { approver: [{ gives: 'asked' }] },
    acts: [29 * DAY, { succeeds: 'approver', output: { by: 'Анна' } }],
    ends: gives({ deal: 7, decision: { by: 'Анна' } }),
    calls: ['approver'],
  },
  {
    it: 'takes a token while its function has not answered yet',
    machine: only(ask('approver')),
    answers: { approver: ['hangs'] },
    acts: [{ succeeds: 'approver', output: 1 }],
    ends: gives(1),
  },
  {
    it: 'fails as the holder of the token says',
    machine: only(ask('approver')),
    acts: [{ fails: 'approver', error: 'Voided', cause: 'the price was changed' }],
    ends: failsWith('Voided'),
    cause: 'the price was changed',
  },
  {
    it: 'fails when the function that should hand the token on fails',
    machine: only(ask('approver')),
    answers: { approver: [{ throws: 'NoApprover' }] },
    ends: failsWith('NoApprover'),
  },
  {
    it: 'waits no longer for a token than TimeoutSecondsPath says, and goes to the head of sales',
    machine: deadline({ TimeoutSecondsPath: '$.deadline' }),
    input: { deadline: 3 * DAY },
    acts: [3 * DAY],
    ends: gives({ deadline: 3 * DAY, late: { Error: 'States.Timeout', Cause: '' }, asked: 'the head' }),
    path: ['Ask', 'Ask the head'],
  },
  {
    it: 'waits for a token until its TimeoutSeconds are over',
    machine: deadline({ TimeoutSeconds: 10 }),
    acts: [9, { succeeds: 'approver', output: 'in time' }, 1],
    ends: gives('in time'),
    path: ['Ask'],
  },
  {
    it: 'fails on a deadline that is none',
    machine: deadline({ TimeoutSecondsPath: '$.deadline' }),
    input: { deadline: 0 },
    ends: failsWith('States.Runtime'),
  },
  {
    it: 'waits for a token as long as heartbeats come',
    machine: only(ask('approver', { HeartbeatSeconds: 10 })),
    acts: [9, { beats: 'approver' }, 9, { beats: 'approver' }, 9],
    ends: running,
  },
  {
    it: 'fails when a heartbeat is missing',
    machine: only(ask('approver', { HeartbeatSeconds: 10 })),
    acts: [9, { beats: 'approver' }, 10],
    ends: failsWith('States.HeartbeatTimeout'),
  },
  {
    it: 'catches a missing heartbeat as a timeout',
    machine: deadline({ TimeoutSeconds: 100, HeartbeatSeconds: 10 }),
    acts: [10],
    ends: gives({ late: { ...late.error, Error: 'States.HeartbeatTimeout' }, asked: 'the head' }),
  },
  {
    it: 'ends an execution that takes longer than the machine allows',
    machine: only(ask('approver'), { TimeoutSeconds: 60 }),
    acts: [60],
    ends: { status: 'TIMED_OUT', error: 'States.Timeout' },
  },
];
