import { expect, test } from 'vitest';
import { openJourney } from '#test/support/journey.ts';
import { expectOneOfEach, mainPath, newWalk, rest, takeInTime } from '#test/support/main-path.ts';

const SEEDS = process.env['SEED'] === undefined ? [1, 2] : [Number(process.env['SEED'])];
const WALKS = 3;

test.each(SEEDS)(
  'R25, R72: under rough weather (SEED=%i repeats it) nothing is lost and nothing doubled',
  async (seed) => {
    const journey = await openJourney({ rough: seed });
    try {
      const walks = await Promise.all(Array.from({ length: WALKS }, () => newWalk(journey)));
      for (const step of mainPath) await Promise.all(walks.map((walk) => takeInTime(step, journey, walk)));
      await rest(journey);
      for (const walk of walks) await expectOneOfEach(journey, walk);
      expect((await journey.control.status()).deadLetters).toEqual([]);
    } finally {
      await journey.stop();
    }
  },
);
