import { beforeAll, expect, test, vi } from 'vitest';
import type { Plan } from '#test/support/world/call.ts';
import { transport } from '#test/support/world/transport.ts';
import { type Prepared, World } from '#test/support/world/world.ts';
import { healed } from './heal.ts';
import { type Stage, staged, wrongIn } from './matrix.ts';
import { furnished, scenarios } from './scenario.ts';

vi.mock('#shared/aws/defaults.ts', async () => import('#test/support/world/transport.ts'));

let world: World;
let start: Prepared;
beforeAll(async () => {
  world = await World.open();
  await furnished(world);
  start = await world.prepared();
});

const never =
  (fn: string, action: string): Plan =>
  (call) =>
    (call.fn === fn || fn === 'anybody') && call.action === action ? 'outage' : undefined;

/** Plays a scenario in which a call never works; hours later everybody has given up or told. */
async function playWithout(name: string, fn: string, action: string): Promise<Stage> {
  const scenario = scenarios.find((one) => one.name === name);
  if (!scenario) throw new Error(`There is no scenario ${name}.`);
  const stage = await staged(world, start, scenario);
  await world.begin(stage.start);
  transport.reset(never(fn, action));
  await scenario.act(world, stage.given);
  await healed(world);
  return stage;
}

const isSweep = (record: unknown): boolean => JSON.stringify(record).startsWith('{"requestPayload":{"sweep"');

async function wrongOnceItWorks({ scenario, before, start: { mailed } }: Stage): Promise<string[]> {
  transport.plan = () => undefined;
  // What a sweep itself could not do leaves a record for a person; the next sweep has done its work.
  for (const [key, record] of world.services.failures) if (isSweep(record)) world.services.failures.delete(key);
  return wrongIn(world, await healed(world), { adds: scenario.adds, before, mailed: mailed.length, copies: 1 });
}

const triesOf = (fn: string): number => world.invoked.filter((one) => one.fn === fn && one.failed).length;

test.each([
  ['anybody', 'PutEvents', 'relay'],
  ['events', 'TransactWriteItems', 'events'],
  ['events', 'GetItem', 'events'],
])('what %s cannot do for hours (%s) is kept among the failures, and done when it can be', async (fn, action, who) => {
  const stage = await playWithout('form', fn, action);
  expect(triesOf(who)).toBeGreaterThan(2);
  expect(triesOf(who)).toBeLessThan(100);
  expect(world.services.failures.size).toBeGreaterThan(0);
  expect(await wrongOnceItWorks(stage)).toEqual([]);
});

test('what the relay cannot write into the feed, the sweep of failures writes for it', async () => {
  const stage = await playWithout('form', 'relay', 'TransactWriteItems');
  expect(triesOf('relay')).toBeLessThan(100);
  expect(await wrongOnceItWorks(stage)).toEqual([]);
});

test('a letter that SES never takes ends as not sent, with its reason', async () => {
  await playWithout('form', 'letters', 'SendRawEmail');
  const letter = (await healed(world)).find(({ type }) => type === 'letter');
  expect(letter).toMatchObject({ state: 'not_sent', reason: expect.stringContaining('InternalServerError') as string });
  expect(world.services.mailed).toHaveLength(0);
});

test('a workflow whose task never works ends as failed instead of trying for ever', async () => {
  await playWithout('convert', 'tasks', 'TransactWriteItems');
  await world.pass(7 * 24 * 60);
  expect(world.unfinishedRuns()).toEqual([expect.stringContaining('FAILED')]);
  expect(triesOf('tasks')).toBeLessThan(200);
});
