import {
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  DeleteScheduleCommand,
  GetScheduleCommand,
  ListSchedulesCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Clock, Faults } from '#local/contract.ts';
import { type SchedulesOptions, startSchedules } from '#local/events/start.ts';
import { eventsOf } from '#local/events/template.ts';
import { openDeadLetters } from '#local/lambda/dead-letter.ts';
import { grants, memoryDb, noFaults, stillClock } from '../lambda/world.ts';

const FN = 'arn:aws:lambda:us-east-1:000000000000:function:app-schedule';
const ROLE = 'arn:aws:iam::000000000000:role/app-SchedulerRole';
const START = Date.UTC(2026, 0, 5, 9);

/** Scheduler on a still clock that begins on Monday, 5 January 2026, 09:00 UTC; `ran` is what the functions got. */
async function scheduler(options: Partial<SchedulesOptions> & { clock?: Clock } = {}) {
  const ran: { at: number; fn: string; event: unknown; id: string | undefined }[] = [];
  const clock = options.clock ?? stillClock(START);
  const db = options.db ?? memoryDb();
  const service = await startSchedules({
    clock,
    db,
    log: () => undefined,
    schedules: [],
    groups: ['deals'],
    invokeAsync: (fn, event, _from, id) => {
      ran.push({ at: clock.now(), fn, event, id });
      return 'id';
    },
    authorize: () => undefined,
    roleId: () => 'SchedulerRole',
    faults: noFaults,
    crash: () => undefined,
    ...options,
  });
  onTestFinished(() => service.stop());
  service.resume();
  const credentials = { accessKeyId: 'apiRole.w-1', secretAccessKey: 'x' };
  const client = new SchedulerClient({ endpoint: service.url, region: 'us-east-1', credentials, maxAttempts: 2 });
  onTestFinished(() => client.destroy());
  const create = (Name: string, rest: Partial<CreateScheduleCommandInput> = {}) =>
    client.send(new CreateScheduleCommand({ ...BODY, Name, ...rest }));
  return { service, client, create, ran, clock, db };
}
const BODY = {
  ScheduleExpression: 'at(2026-01-05T12:00:00)',
  FlexibleTimeWindow: { Mode: 'OFF' as const },
  Target: { Arn: FN, RoleArn: ROLE, Input: '{"due":"<aws.scheduler.scheduled-time>"}' },
};
const hours = (count: number): number => START + count * 3_600_000;

test('a one-time schedule runs once, at its time in its zone, and stays', async () => {
  const { create, client, clock, ran, service } = await scheduler();
  await create('once', { ScheduleExpression: 'at(2026-01-05T12:30:00)', ScheduleExpressionTimezone: 'Europe/Moscow' });
  expect(service.nextDue()).toBe(hours(0.5));
  clock.moveTo(hours(24));
  expect(ran).toMatchObject([{ fn: FN, at: hours(0.5), event: { due: '2026-01-05T09:30:00Z' } }]);
  await expect(client.send(new GetScheduleCommand({ Name: 'once' }))).resolves.toMatchObject({ State: 'ENABLED' });
});

test('a one-time schedule made for a time that is past never runs, and the log says so', async () => {
  const log = vi.fn<(entry: Record<string, unknown>) => void>();
  const { create, clock, ran } = await scheduler({ log });
  await create('late', { ScheduleExpression: 'at(2026-01-05T09:00:00)' });
  clock.moveTo(hours(24));
  expect(ran).toEqual([]);
  expect(log.mock.calls).toMatchObject([[{ level: 'WARN', message: expect.stringContaining('late: will never run') }]]);
});

test('a one-time schedule that is to be deleted is gone when it ran', async () => {
  const { create, client, clock, ran, service } = await scheduler();
  await create('once', { ActionAfterCompletion: 'DELETE' });
  clock.moveTo(hours(3));
  expect(ran.map(({ event }) => event)).toEqual([{ due: '2026-01-05T12:00:00Z' }]);
  await expect(client.send(new GetScheduleCommand({ Name: 'once' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  expect([service.pending(), service.nextDue()]).toEqual([0, undefined]);
});

test('rates and calendars repeat within their dates', async () => {
  const { create, clock, ran } = await scheduler();
  await create('hourly', { ScheduleExpression: 'rate(1 hour)', EndDate: new Date(hours(2)) });
  await create('daily', { ScheduleExpression: 'cron(0 10 ? * MON-FRI *)', StartDate: new Date(hours(24)) });
  await create('off', { ScheduleExpression: 'rate(1 minute)', State: 'DISABLED' });
  clock.moveTo(hours(72));
  expect(ran.map(({ at }) => at)).toEqual([hours(1), hours(2), hours(25), hours(49)]);
});

test('a schedule can be read, changed, listed and deleted', async () => {
  const { create, client, clock, ran, service } = await scheduler();
  await expect(create('one', { GroupName: 'deals' })).resolves.toMatchObject({
    ScheduleArn: 'arn:aws:scheduler:us-east-1:000000000000:schedule/deals/one',
  });
  await create('two');
  const key = { Name: 'one', GroupName: 'deals' };
  const read = await client.send(new GetScheduleCommand(key));
  expect(read).toMatchObject({ ...BODY, ...key, CreationDate: new Date(START), ScheduleExpressionTimezone: 'UTC' });
  await client.send(new UpdateScheduleCommand({ ...BODY, ...key, ScheduleExpression: 'at(2026-01-05T11:00:00)' }));
  const listed = await client.send(new ListSchedulesCommand({ GroupName: 'deals' }));
  expect(listed.Schedules?.map(({ Name }) => Name)).toEqual(['one']);
  const page = await client.send(new ListSchedulesCommand({ MaxResults: 1 }));
  const rest = await client.send(new ListSchedulesCommand({ MaxResults: 1, NextToken: page.NextToken }));
  expect([page, rest].map(({ Schedules }) => Schedules?.[0]?.Name)).toEqual(['one', 'two']);
  await client.send(new DeleteScheduleCommand({ Name: 'two' }));
  expect(service.schedules()).toHaveLength(1);
  clock.moveTo(hours(2));
  expect(ran).toHaveLength(1);
  await expect(client.send(new UpdateScheduleCommand({ ...BODY, Name: 'none' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});

test('a schedule is made in a group of the template only', async () => {
  const { create } = await scheduler();
  await expect(create('one', { GroupName: 'others' })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'Schedule group others does not exist.',
  });
});

test('a name is used once; an attempt repeated after a lost answer is no conflict', async () => {
  let lost = true;
  const faults: Faults = {
    next: (_service, action) => {
      if (action !== 'CreateSchedule' || !lost) return undefined;
      lost = false;
      return 'lost-answer';
    },
  };
  const { create } = await scheduler({ faults });
  await expect(create('one')).resolves.toMatchObject({ ScheduleArn: expect.stringContaining('/default/one') });
  await expect(create('one')).rejects.toMatchObject({ name: 'ConflictException' });
});

test.each([
  ['a name of 65 characters', { Name: 'x'.repeat(65) }],
  ['an expression nobody can read', { ScheduleExpression: 'soon' }],
  ['a zone that is not there', { ScheduleExpressionTimezone: 'Mars/Olympus' }],
  ['a target that is not a function', { Target: { Arn: 'arn:aws:sqs:us-east-1:000000000000:q', RoleArn: ROLE } }],
])('%s is refused', async (_name, change) => {
  const { create, service } = await scheduler();
  await expect(create('good', change)).rejects.toMatchObject({ name: 'ValidationException' });
  expect(service.schedules()).toEqual([]);
});

test('making a schedule needs leave for the schedule and for passing its role', async () => {
  const arn = 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/one';
  const without = grants(`apiRole scheduler:CreateSchedule ${arn}`);
  const { create, service } = await scheduler({ authorize: without.authorize });
  await expect(create('one')).rejects.toThrow(`iam:PassRole ${ROLE}`);
  expect(without.asked).toEqual([`apiRole scheduler:CreateSchedule ${arn}`, `apiRole iam:PassRole ${ROLE}`]);
  expect(service.schedules()).toEqual([]);
});

test('what was missed while the cloud was down runs once when it is back', async () => {
  const db = memoryDb();
  const first = await scheduler({ db });
  await first.create('hourly', { ScheduleExpression: 'rate(1 hour)' });
  await first.service.stop();
  const second = await scheduler({ db, clock: stillClock(hours(5.5)) });
  expect(second.ran).toMatchObject([{ at: hours(5.5), event: { due: '2026-01-05T10:00:00Z' } }]);
  expect(second.service.nextDue()).toBe(hours(6));
});

test('a run that is not granted, or has no function, is a dead letter and goes to the queue of the schedule', async () => {
  const sent: unknown[][] = [];
  const { authorize } = grants();
  const db = memoryDb();
  const first = await scheduler({ db });
  await first.create('one', {
    Target: { ...BODY.Target, DeadLetterConfig: { Arn: 'arn:aws:sqs:us-east-1:000000000000:lost' } },
  });
  await first.service.stop();
  const clock = stillClock(hours(4));
  const second = await scheduler({ db, clock, authorize, onFailure: async (...call) => void sent.push(call) });
  await vi.waitFor(() => expect(second.service.pending()).toBe(0));
  expect(second.ran).toEqual([]);
  expect(sent).toMatchObject([
    ['arn:aws:sqs:us-east-1:000000000000:lost', { due: '2026-01-05T12:00:00Z' }, expect.any(String)],
  ]);
  expect(openDeadLetters(db).list()).toMatchObject([
    { service: 'scheduler', target: FN, error: expect.stringContaining(`SchedulerRole lambda:InvokeFunction ${FN}`) },
  ]);
});

test('schedules of the template run, keep a missed run over a restart, and go when the template drops them', async () => {
  const nightly = {
    id: 'Nightly',
    type: 'AWS::Scheduler::Schedule',
    name: 'app-Nightly',
    arn: 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/app-Nightly',
    props: {
      ...BODY,
      Name: 'app-Nightly',
      ScheduleExpression: 'cron(0 3 * * ? *)',
      Target: { Arn: FN, RoleArn: ROLE },
    },
  };
  const rule = {
    id: 'Tick',
    type: 'AWS::Events::Rule',
    name: 'app-Tick',
    arn: 'arn:aws:events:us-east-1:000000000000:rule/app-Tick',
    props: { ScheduleExpression: 'rate(1 day)', State: 'ENABLED', Targets: [{ Id: 'Target0', Arn: FN }] },
  };
  const db = memoryDb();
  const first = await scheduler({ db, schedules: eventsOf([nightly, rule], START).schedules });
  await first.service.stop();
  const later = hours(24);
  const second = await scheduler({
    db,
    clock: stillClock(later),
    schedules: eventsOf([nightly, rule], later).schedules,
  });
  expect(second.ran.map(({ event }) => event)).toMatchObject([
    {
      source: 'aws.scheduler',
      'detail-type': 'Scheduled Event',
      time: '2026-01-06T03:00:00Z',
      resources: [nightly.arn],
    },
    { source: 'aws.events', detail: {}, time: '2026-01-06T09:00:00Z', resources: [rule.arn] },
  ]);
  await second.create('own');
  await second.service.stop();
  const third = await scheduler({ db, clock: stillClock(later), schedules: eventsOf([rule], later).schedules });
  expect(third.service.schedules().map(({ name }) => name)).toEqual(['own', 'Target0']);
});
