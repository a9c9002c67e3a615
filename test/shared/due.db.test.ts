import { mockClient } from 'aws-sdk-client-mock';
import {
  ConflictException,
  CreateScheduleCommand,
  DeleteScheduleCommand,
  SchedulerClient,
} from '@aws-sdk/client-scheduler';
import * as z from 'zod';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { commit, run, type Context } from '#shared/command.ts';
import { arm, sweepDue } from '#shared/due-sweep.ts';
import { dueId, dueKind, dues, firing, setDue, type Fire } from '#shared/due.ts';
import { eventType } from '#shared/events.ts';
import { entity } from '#shared/table/entity.ts';
import { get, need } from '#shared/table/read.ts';
import { freshTable } from '#test/support/table.ts';

/** Any record will do: here a team counts how often it was told. */
const Counter = z.object({ id: z.string(), version: z.int(), name: z.string(), told: z.int() });
const counters = entity('team', Counter, { part: 'R' });
const Told = eventType('team.told', {});
const KIND = 'team.tell';

const NOW = '2026-11-23T10:00:00.000Z';
const contextAt = (now: string): Context => ({
  now,
  by: { kind: 'system', id: 'test' },
  requestId: 'test',
  deadline: Date.now() + 10_000,
});

let fire: Fire;
let fails = new Set<string>();
beforeAll(async () => {
  await freshTable();
  Object.assign(process.env, {
    SCHEDULE_GROUP: 'group',
    SCHEDULE_ROLE_ARN: 'role',
    SCHEDULE_TARGET_ARN: 'target',
    SCHEDULE_DEAD_ARN: 'dead',
  });
  fire = firing([
    dueKind(KIND, async (read, { recordId }) => {
      if (fails.has(recordId)) throw new Error('it cannot');
      const counter = await read.need(counters, { id: recordId });
      const write = counters.save(counter, { told: counter.told + 1 });
      return { writes: [write], events: [Told.of(write, {})] };
    }),
  ]);
});

const scheduler = mockClient(SchedulerClient);
beforeEach(() => {
  scheduler.reset();
  fails = new Set();
});

let count = 0;
/** A record that is to be told at a time, or not. */
async function waiting(at: string | undefined): Promise<string> {
  const id = `team_${(count += 1)}`;
  const command = commit(async (read) => {
    const write = counters.create({ id, version: 1, name: id, told: 0 });
    return { writes: [write, ...(await setDue(read, { kind: KIND, recordId: id, at }))], events: [Told.of(write, {})] };
  });
  await run(command, contextAt(NOW));
  return id;
}
const move = (id: string, at: string | undefined) =>
  run(
    commit(async (read) => ({ writes: await setDue(read, { kind: KIND, recordId: id, at }) })),
    contextAt(NOW),
  );
const told = async (id: string): Promise<number> => (await need(counters, { id })).told;
const rowOf = (id: string) => get(dues, { id: dueId(id, KIND) });
const sweep = (now: string) => sweepDue(fire, contextAt(now), () => true);

test('what is due happens once, also when its schedule comes twice, five times at once, and the sweep comes too', async () => {
  const at = '2026-11-23T11:00:00.000Z';
  const id = await waiting(at);
  await Promise.all(Array.from({ length: 5 }, () => fire(dueId(id, KIND), contextAt(at))));
  await fire(dueId(id, KIND), contextAt('2026-11-24T10:00:00.000Z'));
  await sweep('2026-11-24T10:00:00.000Z');
  expect(await told(id)).toBe(1);
  expect(await rowOf(id)).toMatchObject({ state: 'fired', firedAt: at });
});

test('a schedule that comes early does nothing, and the one in time still does', async () => {
  const id = await waiting('2026-11-23T11:00:00.000Z');
  await fire(dueId(id, KIND), contextAt('2026-11-23T10:59:59.999Z'));
  expect(await told(id)).toBe(0);
  await fire(dueId(id, KIND), contextAt('2026-11-23T11:00:00.000Z'));
  expect(await told(id)).toBe(1);
});

test('moved later, the old schedule does nothing; moved after it happened, it happens again at the new time', async () => {
  const id = await waiting('2026-11-23T11:00:00.000Z');
  await move(id, '2026-11-23T15:00:00.000Z');
  await fire(dueId(id, KIND), contextAt('2026-11-23T11:00:00.000Z'));
  expect(await told(id)).toBe(0);
  await fire(dueId(id, KIND), contextAt('2026-11-23T15:00:01.000Z'));
  expect(await told(id)).toBe(1);
  await move(id, '2026-11-25T11:00:00.000Z');
  await sweep('2026-11-25T11:00:00.000Z');
  expect(await told(id)).toBe(2);
});

test('cancelled, it never happens, and leaves the queue', async () => {
  const id = await waiting('2026-11-23T11:00:00.000Z');
  await move(id, undefined);
  await fire(dueId(id, KIND), contextAt('2026-11-23T11:00:00.000Z'));
  await sweep('2026-11-30T11:00:00.000Z');
  expect(await told(id)).toBe(0);
  expect(await rowOf(id)).toMatchObject({ state: 'cancelled' });
  expect((await rowOf(id))?.shard).toBeUndefined();
});

test('after an outage the sweep does all that is overdue, whichever day it was; one that fails keeps nobody from his turn', async () => {
  const ids = await Promise.all(
    ['2026-11-24T08:00:00.000Z', '2026-12-01T08:00:00.000Z', '2027-02-01T08:00:00.000Z'].map(waiting),
  );
  const broken = await waiting('2026-11-24T07:00:00.000Z');
  fails.add(broken);
  const result = await sweep('2027-03-01T00:00:00.000Z');
  expect(result.failed).toBe(1);
  expect(await Promise.all(ids.map(told))).toEqual([1, 1, 1]);
  fails.clear();
  await sweep('2027-03-01T00:15:00.000Z');
  expect(await told(broken)).toBe(1);
  expect(await Promise.all(ids.map(told))).toEqual([1, 1, 1]);
});

test('R21: a date in 25 years has no schedule until two days before it, then exactly one', async () => {
  const at = '2051-11-23T10:00:00.000Z';
  const id = await waiting(at);
  for (const now of [NOW, '2038-01-19T03:14:08.000Z', '2051-11-21T09:00:00.000Z']) {
    const row = await rowOf(id);
    if (row) await arm(row, now);
    await sweep(now);
  }
  const ours = () =>
    scheduler
      .commandCalls(CreateScheduleCommand)
      .map(({ args: [{ input }] }) => input)
      .filter(({ Target }) => Target?.Input === JSON.stringify({ due: dueId(id, KIND) }));
  expect(ours()).toEqual([]);
  await sweep('2051-11-22T09:00:00.000Z');
  await sweep('2051-11-22T09:15:00.000Z');
  expect(ours().map(({ ScheduleExpression }) => ScheduleExpression)).toEqual(['at(2051-11-23T10:00:00)']);
  await fire(dueId(id, KIND), contextAt(at));
  expect(await told(id)).toBe(1);
});

test('a schedule is made once for a time, taken away when the time moves, and made soon when the time is all but over', async () => {
  const id = await waiting('2026-11-23T11:00:00.000Z');
  const row = async () => {
    const found = await rowOf(id);
    if (!found) throw new Error('no row');
    return found;
  };
  await arm(await row(), NOW);
  await arm(await row(), NOW);
  expect(scheduler.commandCalls(CreateScheduleCommand)).toHaveLength(1);
  await move(id, '2026-11-23T10:00:01.000Z');
  await arm(await row(), NOW);
  const [first, second] = scheduler.commandCalls(CreateScheduleCommand).map(({ args: [{ input }] }) => input);
  expect(scheduler.commandCalls(DeleteScheduleCommand).map(({ args: [{ input }] }) => input.Name)).toEqual([
    first?.Name,
  ]);
  expect(second?.ScheduleExpression).toBe('at(2026-11-23T10:00:30)');
  expect(second?.Name).not.toBe(first?.Name);
  expect(second?.Name).toMatch(/^[0-9a-zA-Z-_.]{1,64}$/);
});

test('a schedule that could not be made is made by the next sweep', async () => {
  const id = await waiting('2026-11-23T18:00:00.000Z');
  scheduler
    .on(CreateScheduleCommand)
    .rejectsOnce(new ConflictException({ message: 'no', Message: 'no', $metadata: {} }));
  scheduler.on(CreateScheduleCommand).rejectsOnce(new Error('down')).resolves({});
  expect((await sweep(NOW)).failed).toBe(1);
  expect((await rowOf(id))?.armed).toBeUndefined();
  expect((await sweep(NOW)).failed).toBe(0);
  expect((await rowOf(id))?.armed).toBe('2026-11-23T18:00:00.000Z');
});
