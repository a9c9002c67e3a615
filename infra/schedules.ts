import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { clockRole, mayCall } from './clock.ts';

/** Everything that happens by the clock: when (UTC), which function, and with what input. */
export const SCHEDULES = {
  SendLetters: { at: 'rate(1 minute)', calls: 'letters', input: { sweep: true }, why: 'sends the letters that wait' },
  PullSuppressed: {
    at: 'cron(15 3 * * ? *)',
    calls: 'letters',
    input: { pull: 'suppression' },
    why: 'takes over the addresses that SES no longer sends to',
  },
  // Reads the whole table: at night, and only as the last of three nets.
  SweepFeed: {
    at: 'cron(30 2 * * ? *)',
    calls: 'schedule',
    input: { sweep: 'feed' },
    why: 'feeds events that have no place yet',
  },
  SweepFailures: {
    at: 'rate(15 minutes)',
    calls: 'schedule',
    input: { sweep: 'failures' },
    why: 'delivers again what could not be delivered',
  },
  SweepDue: {
    at: 'rate(15 minutes)',
    calls: 'schedule',
    input: { sweep: 'due' },
    why: 'does what is overdue, and makes the schedules of the next two days',
  },
  SendWebhooks: { at: 'rate(1 minute)', calls: 'webhooks', input: { sweep: true }, why: 'makes the calls that wait' },
  FollowSegments: {
    at: 'rate(1 minute)',
    calls: 'query',
    input: { segments: true },
    why: 'notes who came into a segment and who left it',
  },
  WatchChannels: {
    at: 'rate(1 hour)',
    calls: 'query',
    input: { watch: 'channels' },
    why: 'notices channels that bring no leads for longer than is usual',
  },
  KeepCopy: {
    at: 'rate(1 hour)',
    calls: 'query',
    input: { snapshot: true },
    why: 'keeps the read copy, so that a new one starts from there',
  },
} as const;

type Called = (typeof SCHEDULES)[keyof typeof SCHEDULES]['calls'];

/** A schedule that could not call its function leaves a dead letter. */
export function schedules(scope: Construct, functions: Readonly<Record<Called, IFunction>>, dead: IQueue): void {
  const role = clockRole(scope, 'ClockRole');
  mayCall(
    role,
    Object.values(SCHEDULES).map(({ calls }) => functions[calls]),
    dead,
  );
  for (const [id, { at, calls, input, why }] of Object.entries(SCHEDULES))
    new CfnSchedule(scope, id, {
      description: why,
      scheduleExpression: at,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: functions[calls].functionArn,
        roleArn: role.roleArn,
        input: JSON.stringify(input),
        deadLetterConfig: { arn: dead.queueArn },
        retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: 600 },
      },
    });
}
