import type * as z from 'zod';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Activity as ActivitySchema } from '#functions/activities/activity.ts';
import { good, openJourney, type Person, unique, uniqueEmail } from '#test/support/journey.ts';
import { captured, type Lead, lettersOf, newDeal, newForm, type Problem } from '#test/support/steps.ts';

type Activity = z.input<typeof ActivitySchema>;
type Page<T> = { items: T[]; cursor?: string };
type Entry = {
  id: string;
  at: string;
  kind: string;
  text: string;
  type?: string;
  by?: { kind: string; id: string; text: string };
  from?: { via?: string; channel?: string };
  changes: { field: string; name: string; from?: unknown; to?: unknown }[];
  count: number;
  activity?: Activity;
  letter?: { purpose: string };
};

let journey: Awaited<ReturnType<typeof openJourney>>;
let form: string;
beforeAll(async () => {
  journey = await openJourney();
  form = await newForm(journey);
});
afterAll(() => journey.stop());

/** A firm with a contact, a deal of it, and the lead they came from. */
async function firm(by: Person = journey.head) {
  const { lead, version } = await captured(journey, form, {
    name: 'Ада',
    email: uniqueEmail(),
    company: unique('Фирма'),
  });
  const body = { client: { kind: 'organisation' } };
  const { clientId = '' } = good(await by<Lead>(`POST /api/leads/${lead.id}/convert`, { ifMatch: version, body })).body;
  const deal = await newDeal(by, clientId, { lines: [] });
  await journey.control.settle();
  return { leadId: lead.id, personId: lead.personId, clientId, dealId: deal.body.id };
}
const plan = async (by: Person, body: Record<string, unknown>) =>
  by<Activity & Problem>('POST /api/activities', { body });
const ofRecord = async (by: Person, id: string, more = ''): Promise<Page<Activity>> =>
  good(await by<Page<Activity>>(`GET /api/activities?record=${id}${more}`)).body;
const timeline = async (by: Person, id: string, more = ''): Promise<Page<Entry>> =>
  good(await by<Page<Entry>>(`GET /api/timeline/${id}${more}`)).body;
const inHours = async (hours: number): Promise<string> =>
  new Date((await journey.control.clock()).epochMs + hours * 3_600_000).toISOString();

test('R26: a call with a person stands on the person, on his firm and on the deal, and so do its meeting and the letters to him', async () => {
  const { personId, clientId, dealId, leadId } = await firm();
  const call = good(
    await plan(journey.head, {
      kind: 'call',
      subject: 'Обсудили насосы',
      recordId: dealId,
      with: [personId],
      direction: 'out',
      done: true,
      outcome: 'Перезвонить',
    }),
  ).body;
  expect(call).toMatchObject({ state: 'done', with: expect.arrayContaining([personId, clientId]) });
  const meeting = good(await plan(journey.head, { kind: 'meeting', subject: 'Встреча', recordId: personId })).body;
  expect(meeting.with).toEqual([clientId]);
  await journey.control.settle();
  for (const id of [personId, clientId]) {
    expect((await ofRecord(journey.head, id)).items.map((one) => one.id)).toEqual([meeting.id, call.id]);
    const told = (await timeline(journey.head, id)).items;
    expect(told.filter(({ kind }) => kind === 'activity').map((one) => one.id)).toEqual([meeting.id, call.id]);
  }
  const [welcome] = await lettersOf(journey.head, leadId);
  expect((await timeline(journey.head, personId)).items.map((one) => one.id)).toContain(welcome?.id);
  expect((await ofRecord(journey.head, dealId)).items.map((one) => one.id)).toEqual([call.id]);
  const later = await captured(journey, form, { email: (await personEmail(personId)) ?? '' });
  const [second] = await lettersOf(journey.head, later.lead.id);
  for (const id of [personId, clientId, later.lead.id])
    expect((await timeline(journey.head, id)).items.find((one) => one.id === second?.id)).toMatchObject({
      kind: 'letter',
      letter: { purpose: 'welcome' },
    });
});
const personEmail = async (id: string): Promise<string | undefined> =>
  good(await journey.head<{ emails: string[] }>(`GET /api/people/${id}`)).body.emails[0];

test('R26: taken off a record, put away, and moved to another, an activity leaves and comes', async () => {
  const [one, other] = [await firm(), await firm()];
  const made = good(await plan(journey.head, { kind: 'task', subject: 'Договор', recordId: one.dealId }));
  const put = (ifMatch: number | undefined, body: object) =>
    journey.head<Activity & Problem>(`PUT /api/activities/${made.body.id}`, { ifMatch, body });
  const moved = good(await put(made.version, { recordId: other.dealId, with: [] }));
  expect((await ofRecord(journey.head, one.clientId)).items).toEqual([]);
  expect((await ofRecord(journey.head, other.dealId)).items.map(({ id }) => id)).toEqual([made.body.id]);
  expect(await put(made.version, { subject: 'x' })).toMatchObject({ status: 412, body: { code: 'stale' } });
  const away = good(await put(moved.version, { archived: true }));
  expect((await ofRecord(journey.head, other.dealId)).items).toEqual([]);
  good(await put(away.version, { archived: false }));
  expect((await ofRecord(journey.head, other.dealId)).items).toHaveLength(1);
});

test('R26: an activity on a record that is not there or out of reach, or that does not go together, is refused with the place', async () => {
  const { dealId } = await firm();
  const none = 'deal_00000000000000000000000000';
  expect(await plan(journey.head, { kind: 'task', subject: 'x', recordId: none })).toMatchObject({ status: 404 });
  expect(await plan(journey.head, { kind: 'task', subject: 'x', recordId: dealId, with: [none] })).toMatchObject({
    status: 404,
  });
  const team = good(
    await journey.admin<{ id: string }>('POST /api/teams', { body: { name: unique('Другие'), memberIds: [] } }),
  ).body.id;
  const email = `${unique('far')}@sdelka.example`;
  const user = { name: 'Чужой', email, roles: ['seller'], locale: 'ru', zone: 'Europe/Moscow', teamId: team };
  good(await journey.admin('POST /api/users', { body: user }));
  const far = journey.as(email);
  expect(await plan(far, { kind: 'task', subject: 'x', recordId: dealId })).toMatchObject({ status: 404 });
  for (const path of ['timeline/', 'activities?record='])
    expect(await far(`GET /api/${path}${dealId}`)).toMatchObject({ status: 404 });
  const mine = good(await plan(journey.head, { kind: 'task', subject: 'x', recordId: dealId })).body;
  expect(await far(`GET /api/activities/${mine.id}`)).toMatchObject({ status: 404 });
  expect(await far(`POST /api/activities/${mine.id}/cancel`, { ifMatch: 1, body: {} })).toMatchObject({ status: 404 });
  const odd = { kind: 'task', subject: 'x', recordId: dealId, direction: 'in' };
  expect(await plan(journey.head, odd)).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '/body/direction' }] },
  });
});

test('R62: done with the next one in one step; done twice is refused, reopened it is open again', async () => {
  const { leadId } = await firm();
  const made = good(
    await plan(journey.head, { kind: 'call', subject: 'Позвонить', recordId: leadId, dueAt: await inHours(2) }),
  );
  const path = `POST /api/activities/${made.body.id}`;
  const body = { outcome: 'Просят КП', next: { kind: 'task', subject: 'КП', dueAt: await inHours(30) } };
  const [first, second] = await Promise.all(
    [1, 2].map(() => journey.head<Activity>(`${path}/done`, { ifMatch: made.version, body })),
  );
  expect([first?.status, second?.status].toSorted((a = 0, b = 0) => a - b)).toEqual([200, 412]);
  const items = (await ofRecord(journey.head, leadId)).items;
  expect(items.map(({ subject, state }) => [subject, state])).toEqual(
    expect.arrayContaining([
      ['КП', 'open'],
      ['Позвонить', 'done'],
    ]),
  );
  expect(items).toHaveLength(2);
  const ended = good(await journey.head<Activity>(`GET /api/activities/${made.body.id}`));
  expect(ended.body).toMatchObject({
    outcome: 'Просят КП',
    followedBy: items.find(({ subject }) => subject === 'КП')?.id,
  });
  expect(await journey.head(`${path}/done`, { ifMatch: ended.version, body: {} })).toMatchObject({ status: 409 });
  const again = good(await journey.head<Activity>(`${path}/reopen`, { ifMatch: ended.version }));
  expect(again.body).toMatchObject({ state: 'open' });
  expect(again.body.doneAt).toBeUndefined();
});

test('R62: a request that is repeated with its key makes one activity', async () => {
  const { leadId } = await firm();
  const body = { kind: 'task', subject: unique('once'), recordId: leadId };
  const key = unique('key');
  const made = await Promise.all([1, 2, 3].map(() => journey.head<Activity>('POST /api/activities', { body, key })));
  expect(new Set(made.map((one) => good(one).body.id)).size).toBe(1);
  expect((await ofRecord(journey.head, leadId)).items).toHaveLength(1);
});
