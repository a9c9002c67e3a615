import { beforeAll, expect, test, vi } from 'vitest';
import { FAIR, type Weather } from '#test/support/world/queue.ts';
import { type Prepared, World } from '#test/support/world/world.ts';
import { healed } from './heal.ts';
import { wrongIn } from './matrix.ts';
import { furnished, MAIN_PATH, mainPath } from './scenario.ts';

vi.mock('#shared/aws/defaults.ts', async () => import('#test/support/world/transport.ts'));

let world: World;
let start: Prepared;
beforeAll(async () => {
  world = await World.open();
  await furnished(world);
  start = await world.prepared();
});

/** What is wrong after the main path in this weather. */
async function after(weather: Partial<Weather>, requests: number, seed = 1): Promise<string[]> {
  await world.begin({ ...start, chance: seed }, { ...FAIR, ...weather });
  const before = await world.items();
  await mainPath(world, requests);
  const items = await healed(world);
  return wrongIn(world, items, { adds: MAIN_PATH, before, mailed: 0, copies: 1 });
}

test.each([
  ['twice, one after the other', { copies: 2 }, 1],
  ['twice at once', { copies: 2, together: true }, 2],
  ['ten times at once', { copies: 10, together: true }, 10],
])('when everything is delivered %s, everything happens once', async (_, weather, requests) => {
  expect(await after(weather, requests)).toEqual([]);
});

/** `SEED=17` plays that one alone. */
const seeds =
  process.env['SEED'] === undefined ? Array.from({ length: 50 }, (_, at) => at + 1) : [Number(process.env['SEED'])];

test('in whatever order events are delivered, twice each, the end is the same', async () => {
  const broken: string[] = [];
  for (const seed of seeds) {
    const wrong = await after({ shuffled: true, copies: 2 }, 1, seed);
    if (wrong.length > 0) broken.push(`SEED=${seed}\n    ${wrong.join('\n    ')}`);
  }
  expect(broken.join('\n')).toBe('');
}, 240_000);
