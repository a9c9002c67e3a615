import { expect, test } from 'vitest';
import { openJourney } from '#test/support/journey.ts';
import { rest, takeInTime } from '#test/support/main-path.ts';
import { budgetField, expectToolsDone, newToolsWalk, toolsPath } from '#test/support/tools-path.ts';

const SEEDS = process.env['SEED'] === undefined ? [undefined, 1] : [Number(process.env['SEED'])];
/** Bad weather takes its time. */
const walksIn = (seed: number | undefined): number => (seed === undefined ? 2 : 1);

test.each(SEEDS)(
  'R45, R46, R62, R64, R66: import, own fields, lists, segments, bulk and its undo, follow-ups and postponing, also under rough weather (SEED=%s repeats it)',
  async (seed) => {
    const journey = await openJourney(seed === undefined ? {} : { rough: seed });
    try {
      await budgetField(journey);
      await journey.inForce();
      const walks = Array.from({ length: walksIn(seed) }, newToolsWalk);
      for (const step of toolsPath) {
        await Promise.all(walks.map((walk) => takeInTime(step, journey, walk)));
        await rest(journey);
      }
      await journey.control.advance('4d', 240_000);
      await rest(journey);
      for (const walk of walks) await expectToolsDone(journey, walk);
      expect((await journey.control.status()).deadLetters).toEqual([]);
    } finally {
      await journey.stop();
    }
  },
);
