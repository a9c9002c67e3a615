import { beforeAll, expect, test, vi } from 'vitest';
import { type Prepared, World } from '#test/support/world/world.ts';
import { brokenBy } from './every-call.ts';
import { furnished } from './scenario.ts';

vi.mock('#shared/aws/defaults.ts', async () => import('#test/support/world/transport.ts'));

let world: World;
let start: Prepared;
beforeAll(async () => {
  world = await World.open();
  await furnished(world);
  start = await world.prepared();
});

test.each(['decision', 'win', 'silence'])(
  'whatever call of "%s" fails in whatever way, it ends as if none had',
  async (name) => expect(await brokenBy(world, start, name)).toBe(''),
  600_000,
);
