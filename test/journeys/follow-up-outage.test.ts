import { afterAll, beforeAll, expect, test } from 'vitest';
import { worksDaily } from '#test/support/calendar.ts';
import { openCloudProcess } from '#test/support/cloud-process.ts';
import { good, HEAD, type Journey, unique, uniqueEmail } from '#test/support/journey.ts';
import { captured, type Lead, newForm, storyOf } from '#test/support/steps.ts';

let cloud: Awaited<ReturnType<typeof openCloudProcess>>;
let journey: Journey;
let form: string;
beforeAll(async () => {
  cloud = await openCloudProcess();
  journey = await cloud.start();
  await worksDaily(journey, '00:00', '24:00');
  form = await newForm(journey, { welcome: undefined });
});
afterAll(() => cloud.stop());

const HOUR = 3_600_000;
const YEAR = 365.25 * 24 * HOUR;
const after = async (ms: number): Promise<string> =>
  new Date((await journey.control.clock()).epochMs + ms).toISOString();
/** A task of the head's that reminds him after so long. */
async function reminding(recordId: string, ms: number): Promise<string> {
  const subject = unique('remind');
  const body = { kind: 'task', subject, recordId, remindAt: await after(ms), dueAt: await after(ms + HOUR) };
  good(await journey.head('POST /api/activities', { body }));
  return subject;
}
const counts = async (subjects: readonly string[]): Promise<number[]> =>
  Promise.all(subjects.map(async (subject) => (await journey.mail(HEAD, subject)).length));
/** The sweep comes every quarter of an hour; a letter whose sending was cut off is sent again after ten minutes. */
const settled = async (): Promise<void> => {
  await journey.control.settle(120_000);
  await journey.control.advance('16m', 120_000);
  await journey.control.advance('11m', 120_000);
};

test('R62: what was due while everything lay down for three days comes once after it, also when the power goes again in the middle', async () => {
  const { lead, version } = await captured(journey, form, { email: uniqueEmail() });
  const until = (await after(2 * 24 * HOUR)).slice(0, 10);
  good(
    await journey.head(`POST /api/leads/${lead.id}/postpone`, { ifMatch: version, body: { until, reason: 'season' } }),
  );
  const subjects = [];
  for (const hours of [1, 30, 60]) subjects.push(await reminding(lead.id, hours * HOUR));
  // Nothing that follows from the last of them has happened yet.
  const [far, near] = [await reminding(lead.id, 100 * HOUR), await reminding(lead.id, 2000)];
  journey = await cloud.backAfter(72 * HOUR);
  journey = await cloud.killed();
  await settled();
  expect(await counts([...subjects, near])).toEqual([1, 1, 1, 1]);
  expect(await counts([far])).toEqual([0]);
  const { events } = await storyOf(journey.head, lead.id);
  const returned = events.filter(({ type, recordId }) => type === 'lead.returned' && recordId === lead.id);
  expect(returned).toHaveLength(1);
  expect(good(await journey.head<Lead>(`GET /api/leads/${lead.id}`)).body.postponedUntil).toBeUndefined();
  await journey.control.advance('30h', 120_000);
  expect(await counts([...subjects, near, far])).toEqual([1, 1, 1, 1, 1]);
  expect((await journey.control.status()).deadLetters).toEqual([]);
});

test('R21: a reminder in 25 years waits in no schedule, and comes on its day', async () => {
  const { lead } = await captured(journey, form, { email: uniqueEmail() });
  const subject = await reminding(lead.id, 25 * YEAR);
  await journey.control.settle();
  journey = await cloud.backAfter(25 * YEAR - 30 * HOUR);
  await settled();
  expect(await counts([subject])).toEqual([0]);
  await journey.control.advance('30h', 120_000);
  expect(await counts([subject])).toEqual([1]);
  await journey.control.advance('2h', 120_000);
  expect(await counts([subject])).toEqual([1]);
});
