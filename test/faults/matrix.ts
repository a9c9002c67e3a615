import { brokenIn } from '#functions/reports/invariant.ts';
import type { AwsCall, FaultName, Plan } from '#test/support/world/call.ts';
import { transport } from '#test/support/world/transport.ts';
import type { Item, Prepared, World } from '#test/support/world/world.ts';
import { healed } from './heal.ts';
import type { Expected, Scenario } from './scenario.ts';

const MINUTE = 60_000;

/** A scenario ready to be run again and again: from its beginning, or from just before any piece of work in it. */
export type Stage = {
  scenario: Scenario;
  given: unknown;
  start: Prepared;
  end: number;
  before: readonly Item[];
  calls: readonly AwsCall[];
  /** States on the way, and how many calls lie before each; the first is the beginning. */
  checkpoints: readonly { from: number; state: Prepared }[];
};

/** Prepares a scenario and plays it once without faults, to learn its calls. */
export async function staged(world: World, furnished: Prepared, scenario: Scenario): Promise<Stage> {
  await world.begin(furnished);
  const given = await scenario.prepare(world);
  await world.pass(1);
  const start = await world.prepared();
  const before = await world.items();
  const end = start.now + (scenario.minutes ?? 1) * MINUTE;
  // The first play fills what a warm function remembers, so that the second has the calls of all later ones.
  await play(world, { scenario, given, end }, start, true);
  const checkpoints = [{ from: 0, state: start }];
  await world.begin(start);
  world.beforeWork = async () => {
    checkpoints.push({ from: world.calls.length, state: await world.prepared() });
  };
  await scenario.act(world, given);
  await world.passTo(end);
  world.beforeWork = async () => {};
  return { scenario, given, start, end, before, calls: [...world.calls], checkpoints };
}

async function play(
  world: World,
  { scenario, given, end }: Pick<Stage, 'scenario' | 'given' | 'end'>,
  from: Prepared,
  whole: boolean,
  plan?: Plan,
): Promise<void> {
  await world.begin(from);
  transport.reset(plan);
  if (whole) await scenario.act(world, given);
  await world.passTo(Math.max(end, world.clock.now()));
}

/** Plays from just before the call at `place`, with a fault planned for it alone, and says what is wrong in the end. */
export async function failing(world: World, stage: Stage, place: number, kind: FaultName): Promise<string[]> {
  const at = stage.checkpoints.findLastIndex(({ from }) => from <= place);
  const { from, state } = stage.checkpoints[at] ?? { from: 0, state: stage.start };
  const plan: Plan = (call) => (call.place === place - from ? kind : undefined);
  return verdict(world, stage, () => play(world, stage, state, at <= 0, plan), stage.calls[place], kind);
}

/** Plays the whole with a fault for every call that `plan` picks. */
export const failingAll = (world: World, stage: Stage, plan: Plan): Promise<string[]> =>
  verdict(world, stage, () => play(world, stage, stage.start, true, plan));

async function verdict(
  world: World,
  stage: Stage,
  run: () => Promise<void>,
  failed?: AwsCall,
  kind?: FaultName,
): Promise<string[]> {
  try {
    await run();
    transport.plan = () => undefined;
    const items = await healed(world);
    // SES may take a letter twice only where its own answer did not arrive: nobody can know then that it had.
    const twice = failed?.service === 'ses' && (kind === 'lost-answer' || kind === 'crash-after');
    const { scenario, given, before, start } = stage;
    const wrong = await wrongIn(world, items, {
      adds: scenario.adds,
      before,
      mailed: start.mailed.length,
      copies: twice ? 2 : 1,
    });
    if (wrong.length === 0) scenario.holds?.(items, given);
    return wrong;
  } catch (error) {
    return [String(error)];
  }
}

type Wanted = {
  adds: Expected;
  /** The table before. */
  before: readonly Item[];
  /** How many letters SES had before. */
  mailed: number;
  /** How often SES may be given one letter. */
  copies: number;
};

/** What is broken in a table at rest, or not as it was wanted. */
export async function wrongIn(
  world: World,
  items: readonly Item[],
  { adds, before, mailed, copies }: Wanted,
): Promise<string[]> {
  const known = new Set(before.map(({ pk, sk }) => `${String(pk)}|${String(sk)}`));
  const added = items.filter(({ pk, sk }) => !known.has(`${String(pk)}|${String(sk)}`));
  const now = new Date(world.clock.now()).toISOString();
  const wrong = (await brokenIn(items, { now, minutes: 0 })).map(({ rule, id, why }) => `${rule}: ${id}: ${why}`);
  for (const [type, wanted] of Object.entries(adds.counts)) {
    const got = added.filter((item) => item['type'] === type).length;
    if (got !== wanted) wrong.push(`${got} new items ${type} instead of ${wanted}`);
  }
  const letters = added.filter(({ type }) => type === 'letter');
  const purposes = letters.map(({ purpose }) => String(purpose)).sort();
  if (purposes.join() !== [...adds.letters].sort().join()) wrong.push(`letters: ${purposes.join()}`);
  for (const { id, state, purpose } of letters) {
    const times = world.services.mailed.slice(mailed).filter(({ letter }) => letter === id).length;
    if (state !== 'delivered') wrong.push(`the letter ${String(purpose)} is ${String(state)}`);
    if (times < 1 || times > copies) wrong.push(`SES was given the letter ${String(purpose)} ${times} times`);
  }
  const open = items.some(({ type, state }) => type === 'approval' && state === 'pending');
  const runs = world.unfinishedRuns();
  if (runs.length > (open ? 1 : 0) || runs.some((run) => !run.includes(' RUNNING ')))
    wrong.push(`workflows: ${runs.join()}`);
  if (world.services.failures.size > 0) wrong.push(`${world.services.failures.size} failures are left`);
  return wrong;
}
