import type * as z from 'zod';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Activity as ActivitySchema } from '#functions/activities/activity.ts';
import { addWorkingMinutes, type Calendar, nextWorkingMoment } from '#functions/activities/calendar.ts';
import { addDays, dateIn, instantIn } from '#shared/time.ts';
import { worksDaily } from '#test/support/calendar.ts';
import { good, HEAD, openJourney, type Person, unique, uniqueEmail } from '#test/support/journey.ts';
import { captured, type Lead, type LeadWork, newDeal, newForm, type Problem, storyOf } from '#test/support/steps.ts';

type Activity = z.input<typeof ActivitySchema>;
type Page<T> = { items: T[]; cursor?: string };

let journey: Awaited<ReturnType<typeof openJourney>>;
let form: string;
beforeAll(async () => {
  journey = await openJourney();
  await worksDaily(journey, '09:00', '18:00');
  form = await newForm(journey, { welcome: undefined });
});
afterAll(() => journey.stop());

const now = async (): Promise<number> => (await journey.control.clock()).epochMs;
const inHours = async (hours: number): Promise<string> => new Date((await now()) + hours * 3_600_000).toISOString();
const newLead = () => captured(journey, form, { email: uniqueEmail() });
const leadOf = async (id: string) => good(await journey.head<Lead>(`GET /api/leads/${id}`));
const workOf = async (id: string): Promise<LeadWork> =>
  good(await journey.head<LeadWork>(`GET /api/leads/${id}/work`)).body;
const plan = async (body: Record<string, unknown>, by: Person = journey.head) =>
  good(await by<Activity>('POST /api/activities', { body: { kind: 'task', ...body } }));
const put = async (activity: { body: Activity; version?: number | undefined }, body: object) =>
  good(await journey.head<Activity>(`PUT /api/activities/${activity.body.id}`, { ifMatch: activity.version, body }));
const act = async (activity: { body: Activity; version?: number | undefined }, what: string, body: object = {}) =>
  good(
    await journey.head<Activity>(`POST /api/activities/${activity.body.id}/${what}`, {
      ifMatch: activity.version,
      body,
    }),
  );
const reminders = async (subject: string, to = HEAD) => journey.mail(to, subject);
const calendar = async (): Promise<Calendar> =>
  good(await journey.admin<{ body: Calendar }>('GET /api/settings/calendars/main')).body.body;

test('R62: an activity reminds its owner by one letter at its time; moved often it reminds once, at the last time; cancelled never', async () => {
  const { lead } = await newLead();
  const [kept = '', moved = '', cancelled = '', done = '', late = ''] = ['kept', 'moved', 'off', 'done', 'late'].map(
    unique,
  );
  const at = await inHours(5);
  await plan({ subject: kept, recordId: lead.id, dueAt: await inHours(9), remindAt: at });
  let often = await plan({ subject: moved, recordId: lead.id, remindAt: at });
  for (const hours of [1, 30, 2, 80, 20]) often = await put(often, { remindAt: await inHours(hours) });
  await act(await plan({ subject: cancelled, recordId: lead.id, remindAt: at }), 'cancel');
  await act(await plan({ subject: done, recordId: lead.id, dueAt: at }), 'done');
  await plan({ subject: late, recordId: lead.id, dueAt: await inHours(-1) });
  await journey.control.advance('1m');
  expect(await reminders(late)).toHaveLength(1);
  await journey.control.advance('4h');
  expect(await reminders(kept)).toEqual([]);
  await journey.control.advance('2h');
  const [letter, ...more] = await reminders(kept);
  expect(more).toEqual([]);
  expect(letter?.subject).toBe(`Напоминание: ${kept}`);
  expect(letter?.text).toContain('Ольга Громова');
  expect(await reminders(moved)).toEqual([]);
  await journey.control.advance('14h');
  expect(await reminders(moved)).toHaveLength(1);
  for (const subject of [kept, late]) expect(await reminders(subject)).toHaveLength(1);
  for (const subject of [cancelled, done]) expect(await reminders(subject)).toEqual([]);
});

test('R62: with reminder letters switched off by the setting nobody gets one, and the activity still says when it was due', async () => {
  const rules = good(await journey.admin<{ name: string; body: object }>('GET /api/settings/work-rules/main'));
  const save = (ifMatch: number | undefined, remindByLetter: boolean) =>
    journey.admin('PUT /api/settings/work-rules/main', {
      ifMatch,
      body: { name: 'Правила', body: { ...rules.body.body, remindByLetter } },
    });
  const off = good(await save(rules.version, false));
  await journey.inForce();
  const { lead } = await newLead();
  const subject = unique('quiet');
  const { body } = await plan({ subject, recordId: lead.id, remindAt: await inHours(1) });
  await journey.control.advance('2h');
  expect(await reminders(subject)).toEqual([]);
  const { events } = await storyOf(journey.head, lead.id);
  expect(events.filter(({ type, recordId }) => type === 'activity.due' && recordId === body.id)).toHaveLength(1);
  good(await save(off.version, true));
  await journey.inForce();
});

test('R2: the next action of a lead is its first open activity; with none it shows that nothing is planned', async () => {
  const { lead, work } = await newLead();
  expect(work).toMatchObject({ planned: true, next: { text: 'Первый контакт' } });
  const later = await plan({ subject: 'later', recordId: lead.id, dueAt: await inHours(40) });
  const first = await plan({
    kind: 'call',
    subject: 'first',
    recordId: lead.personId,
    with: [lead.id],
    dueAt: await inHours(20),
  });
  await plan({ subject: 'no time', recordId: lead.id });
  await journey.control.settle();
  expect(await workOf(lead.id)).toMatchObject({
    planned: true,
    next: { kind: 'call', text: 'first' },
    nextAt: first.body.dueAt,
    nextActivityId: first.body.id,
  });
  const moved = await put(first, { dueAt: await inHours(50) });
  await journey.control.settle();
  expect(await workOf(lead.id)).toMatchObject({ next: { text: 'later' }, nextActivityId: later.body.id });
  await act(later, 'done');
  await journey.control.settle();
  expect(await workOf(lead.id)).toMatchObject({ next: { text: 'first' }, nextAt: moved.body.dueAt });
  await act(moved, 'cancel');
  await journey.control.settle();
  const bare = await workOf(lead.id);
  expect(bare.planned).toBe(false);
  expect(bare.next).toBeUndefined();
  expect(bare.nextActivityId).toBeUndefined();
  await act(
    later.body.id === '' ? later : good(await journey.head<Activity>(`GET /api/activities/${later.body.id}`)),
    'reopen',
  );
  await journey.control.settle();
  expect(await workOf(lead.id)).toMatchObject({ planned: true, next: { text: 'later' } });
});

test('R15: a call that was made notes the first contact of its lead once, and fulfils the typed first step', async () => {
  const { lead } = await newLead();
  await plan({ kind: 'note', subject: 'just a note', recordId: lead.id });
  await journey.control.settle();
  expect((await leadOf(lead.id)).body).toMatchObject({ state: 'new' });
  expect((await workOf(lead.id)).next?.text).toBe('Первый контакт');
  const call = await plan({ kind: 'call', subject: 'Позвонили', recordId: lead.id, direction: 'out', done: true });
  await journey.control.settle();
  const met = await leadOf(lead.id);
  expect(met.body).toMatchObject({ state: 'working', firstContactAt: call.body.doneAt });
  expect(await workOf(lead.id)).toMatchObject({ state: 'working', planned: false, lastActionAt: call.body.doneAt });
  await plan({ kind: 'meeting', subject: 'Встреча', recordId: lead.id, done: true });
  await journey.control.settle();
  expect((await leadOf(lead.id)).version).toBe(met.version);
  const { events } = await storyOf(journey.head, lead.id);
  expect(events.filter(({ type, recordId }) => type === 'lead.contacted' && recordId === lead.id)).toHaveLength(1);
});

test('R2: a deal shows its next activity as well', async () => {
  const { lead, version } = await newLead();
  const body = { client: { kind: 'person' } };
  const converted = good(
    await journey.head<Lead>(`POST /api/leads/${lead.id}/convert`, { ifMatch: version, body }),
  ).body;
  const deal = await newDeal(journey.head, converted.clientId ?? '', { lines: [] });
  type Work = { id: string; planned?: boolean; nextActionAt?: string; next?: { text: string } };
  const line = async () =>
    good(await journey.head<Page<Work>>('GET /api/deals?limit=100')).body.items.find(({ id }) => id === deal.body.id);
  expect(await line()).toMatchObject({ planned: false });
  const meeting = await plan({ kind: 'meeting', subject: 'Показ', recordId: deal.body.id, startAt: await inHours(30) });
  await journey.control.settle();
  expect(await line()).toMatchObject({ planned: true, next: { text: 'Показ' }, nextActionAt: meeting.body.startAt });
  await act(meeting, 'done', { outcome: 'Понравилось' });
  await journey.control.settle();
  expect(await line()).toMatchObject({ planned: false });
  expect((await line())?.next).toBeUndefined();
});

const ZONE = 'Europe/Moscow';
const today = async () => dateIn(ZONE, new Date(await now()).toISOString());
const postpone = (lead: { id: string }, ifMatch: number | undefined, body: object) =>
  journey.head<Lead & Problem>(`POST /api/leads/${lead.id}/postpone`, { ifMatch, body });
/** A lead that is put off. */
async function putOff(until: string, more: object = {}) {
  const { lead, version } = await newLead();
  return good(await postpone(lead, version, { until, reason: 'season', ...more }));
}
const eventsOf = async (id: string, type: string) =>
  (await storyOf(journey.head, id)).events.filter((event) => event.type === type && event.recordId === id);

test('R46: a lead is put off to a later day, for a reason from the list', async () => {
  const { lead, version } = await newLead();
  const until = addDays(await today(), 2);
  expect(await postpone(lead, version, { until, reason: 'mood' })).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '/body/reason', detail: expect.stringContaining('season') }] },
  });
  expect(await postpone(lead, version, { until: await today(), reason: 'season' })).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '/body/until' }] },
  });
  expect((await leadOf(lead.id)).version).toBe(version);
});

test('R46: a postponed lead leaves the work list and comes back on its day, when work begins, with a task; taken up, put off again or closed it does not come by the old date', async () => {
  const until = addDays(await today(), 2);
  const off = await putOff(until, { note: 'Ждут весну' });
  const { id, ownerId } = off.body;
  expect(off.body).toMatchObject({ state: 'new', postponedUntil: until, postponeReason: 'season', postponements: 1 });
  const [taken, again, closed] = [await putOff(until), await putOff(until), await putOff(until)];
  const post = (lead: { body: Lead; version?: number | undefined }, what: string, body?: object) =>
    journey.head<Lead>(`POST /api/leads/${lead.body.id}/${what}`, { ifMatch: lead.version, ...(body && { body }) });
  const resumed = good(await post(taken, 'resume'));
  expect(await workOf(taken.body.id)).toMatchObject({ state: 'new', planned: true });
  expect(await post(resumed, 'resume')).toMatchObject({ status: 409 });
  good(await post(again, 'postpone', { until: addDays(until, 3), reason: 'not-now' }));
  good(await post(closed, 'reject', { reason: 'no-budget' }));
  const listed = async (state: string) => {
    const path = `GET /api/leads?owner=${ownerId}&limit=100&state=${state}`;
    return good(await journey.head<Page<LeadWork>>(path)).body.items.some((work) => work.id === id);
  };
  expect([await listed('new'), await listed('postponed')]).toEqual([false, true]);

  const back = nextWorkingMoment(await calendar(), instantIn(ZONE, until), ZONE);
  await journey.control.advance(Date.parse(back) - (await now()) - 60_000);
  expect(await listed('new')).toBe(false);
  await journey.control.advance('3m');
  expect([await listed('new'), await listed('postponed')]).toEqual([true, false]);
  const came = await leadOf(id);
  expect(came.body.postponedUntil).toBeUndefined();
  expect(Date.parse(came.body.returnedAt ?? '') - Date.parse(back)).toBeLessThan(60_000);
  const tasks = good(await journey.head<Page<Activity>>(`GET /api/activities?record=${id}`)).body.items;
  expect(tasks).toMatchObject([{ kind: 'task', ownerId, state: 'open', text: 'Ждут весну' }]);
  expect(await workOf(id)).toMatchObject({ planned: true, nextActivityId: tasks[0]?.id });
  expect((await eventsOf(id, 'lead.returned')).map(({ data }) => data)).toEqual([{ early: false }]);
  expect((await eventsOf(id, 'lead.postponed'))[0]?.data).toEqual({ until, reason: 'season' });

  const returns = () =>
    Promise.all([taken, again, closed].map(async ({ body }) => (await eventsOf(body.id, 'lead.returned')).length));
  expect(await returns()).toEqual([1, 0, 0]);
  expect((await leadOf(again.body.id)).body).toMatchObject({ postponements: 2, postponedUntil: addDays(until, 3) });
  const next = nextWorkingMoment(await calendar(), instantIn(ZONE, addDays(until, 3)), ZONE);
  await journey.control.advance(Date.parse(next) - (await now()) + 120_000);
  expect(await returns()).toEqual([1, 1, 0]);
});

test('R15: the time for the first call counts working time of the firm’s calendar on the seller’s clock', async () => {
  const { work } = await newLead();
  expect(work.nextAt).toBe(addWorkingMinutes(await calendar(), work.capturedAt, 15, 'Europe/Moscow'));
  const wrong = await journey.admin<Problem>('PUT /api/settings/calendars/broken', {
    body: { name: 'x', body: { zone: 'Europe/Moscow', week: [[], [], [], [], [], [], []], days: [] } },
  });
  expect(wrong).toMatchObject({ status: 422, body: { errors: [{ pointer: '/body/body/week' }] } });
});
