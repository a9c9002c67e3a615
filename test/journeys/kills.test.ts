import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCloudProcess } from '#test/support/cloud-process.ts';
import type { Journey } from '#test/support/journey.ts';
import { expectOneOfEach, mainPath, newWalk, rest, takeInTime } from '#test/support/main-path.ts';

let cloud: Awaited<ReturnType<typeof openCloudProcess>>;
let journey: Journey;
beforeAll(async () => {
  cloud = await openCloudProcess();
  journey = await cloud.start();
  await journey.control.settle();
});
afterAll(() => cloud.stop());

test('R25, R72: killed between every two steps of the main path, in the middle of work and after it, it loses and doubles nothing', async () => {
  const [quiet, busy] = [await newWalk(journey), await newWalk(journey)];
  for (const step of mainPath) {
    await takeInTime(step, journey, quiet);
    // All that the first walk's step led to is done; of the second's only the answer is there when the power goes.
    await takeInTime(step, journey, busy);
    journey = await cloud.killed();
  }
  await rest(journey);
  for (const walk of [quiet, busy]) await expectOneOfEach(journey, walk);
  expect((await journey.control.status()).deadLetters).toEqual([]);
});

test('R25: every one of twenty requests accepted before the kill is a lead after it', async () => {
  const walks = await Promise.all(Array.from({ length: 20 }, () => newWalk(journey)));
  const [post] = mainPath;
  await Promise.all(walks.map(async (walk) => post?.take(journey, walk)));
  journey = await cloud.killed();
  await rest(journey);
  for (const { rawId = '' } of walks) {
    const { body } = await journey.head<{ state: string }>(`GET /api/intake/${rawId}`);
    expect(body.state).toBe('done');
  }
});
