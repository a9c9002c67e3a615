import { GetScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startSchedules, type ScheduleService } from '#local/events/start.ts';
import { putOnce, removeOnce } from '#shared/aws/clock.ts';
import { frontParts, handClock } from '#test/support/front.ts';

const clock = handClock('2026-11-23T10:00:00.000Z');
const front = frontParts();
let ran: { at: string; fn: string; event: unknown }[] = [];
let service: ScheduleService;
let aws: SchedulerClient;
beforeAll(async () => {
  service = await startSchedules({
    ...front,
    clock,
    db: new DatabaseSync(':memory:'),
    schedules: [],
    groups: ['due'],
    authorize: () => undefined,
    roleId: (arn) => arn,
    invokeAsync: (fn, event) => {
      ran.push({ at: new Date(clock.now()).toISOString(), fn, event });
      return 'id';
    },
  });
  service.resume();
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SCHEDULER: service.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'Role.worker',
    AWS_SECRET_ACCESS_KEY: 'local',
    SCHEDULE_GROUP: 'due',
    SCHEDULE_ROLE_ARN: 'arn:aws:iam::000000000000:role/due',
    SCHEDULE_TARGET_ARN: 'arn:aws:lambda:us-east-1:000000000000:function:schedule',
    SCHEDULE_DEAD_ARN: 'arn:aws:sqs:us-east-1:000000000000:dead',
  });
  aws = new SchedulerClient({});
});
beforeEach(() => {
  ran = [];
});
afterAll(async () => {
  aws.destroy();
  await service.stop();
});
const kept = (Name: string) => aws.send(new GetScheduleCommand({ Name, GroupName: 'due' }));
const to = (instant: string) => clock.moveTo(Date.parse(instant));

it('what is due is called once, not before its time, and its schedule is gone then', async () => {
  await putOnce('once', '2026-11-23T10:30:00.001Z', { due: 'task_1' });
  expect(await kept('once')).toMatchObject({
    ActionAfterCompletion: 'DELETE',
    Target: { DeadLetterConfig: { Arn: 'arn:aws:sqs:us-east-1:000000000000:dead' } },
  });
  to('2026-11-23T10:30:00.500Z');
  expect(ran).toEqual([]);
  to('2026-11-23T10:30:01.000Z');
  expect(ran).toEqual([
    {
      at: '2026-11-23T10:30:01.000Z',
      fn: 'arn:aws:lambda:us-east-1:000000000000:function:schedule',
      event: { due: 'task_1' },
    },
  ]);
  await expect(kept('once')).rejects.toThrow('does not exist');
});

it('what is put again is moved, forth and back', async () => {
  await putOnce('moved', '2026-11-23T11:00:00.000Z', { due: 'a' });
  await putOnce('moved', '2026-11-23T13:00:00.000Z', { due: 'b' });
  await putOnce('moved', '2026-11-23T12:00:00.000Z', { due: 'c' });
  to('2026-11-23T14:00:00.000Z');
  expect(ran.map(({ event }) => event)).toEqual([{ due: 'c' }]);
});

it('what is taken away is not called, and may be put anew', async () => {
  await putOnce('taken', '2026-11-23T15:00:00.000Z', { due: 'a' });
  await removeOnce('taken');
  await removeOnce('taken');
  await putOnce('again', '2026-11-23T15:30:00.000Z', { due: 'b' });
  await removeOnce('again');
  await putOnce('again', '2026-11-23T15:30:00.000Z', { due: 'b' });
  to('2026-11-23T16:00:00.000Z');
  expect(ran.map(({ event }) => event)).toEqual([{ due: 'b' }]);
});

it.each(['CreateSchedule', 'UpdateSchedule'])(
  'a lost answer of %s makes nothing twice and fails nothing',
  async (action) => {
    if (action === 'UpdateSchedule') await putOnce(action, '2026-11-25T10:00:00.000Z', { due: 'a' });
    front.plan({ action, kind: 'lost-answer' });
    await putOnce(action, '2026-11-24T10:00:00.000Z', { due: action });
    expect(await kept(action)).toMatchObject({ ScheduleExpression: 'at(2026-11-24T10:00:00)' });
    expect(service.schedules().filter(({ name }) => name === action)).toHaveLength(1);
    await removeOnce(action);
  },
);

it('two that put the same name at once both succeed', async () => {
  await Promise.all(['a', 'b', 'c'].map((due) => putOnce('raced', '2026-11-24T10:00:00.000Z', { due })));
  expect(service.schedules().filter(({ name }) => name === 'raced')).toHaveLength(1);
  await removeOnce('raced');
});

it('a name Scheduler does not take is refused', async () => {
  await expect(putOnce('has space', '2026-11-24T10:00:00.000Z', {})).rejects.toThrow('1 to 64');
});
