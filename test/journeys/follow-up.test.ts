import type * as z from 'zod';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Activity as ActivitySchema } from '#functions/activities/activity.ts';
import { addWorkingMinutes, type Calendar, nextWorkingMoment } from '#functions/activities/calendar.ts';
import { addDays, dateIn, instantIn } from '#shared/time.ts';
import { good, HEAD, openJourney, type Person, unique, uniqueEmail } from '#test/support/journey.ts';
import { captured, type Lead, type LeadWork, newDeal, newForm, type Problem, storyOf } from '#test/support/steps.ts';

type Activity = z.input<typeof ActivitySchema>;
type Page<T> = { items: T[]; cursor?: string };

let journey: Awaited<ReturnType<typeof openJourney>>;
let form: string;
beforeAll(async () => {
  journey = await openJourney();
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

test('R62: an activity reminds its owner by one letter at its time, in his language and on his clock; moved it reminds then, cancelled never', async () => {
  const { lead } = await newLead();
  const [kept, moved, cancelled, done, late] = ['kept', 'moved', 'cancelled', 'done', 'late'].map(unique);
  const at = await inHours(5);
  await plan({ subject: kept, recordId: lead.id, dueAt: await inHours(9), remindAt: at });
  await put(await plan({ subject: moved, recordId: lead.id, remindAt: at }), { remindAt: await inHours(72) });
  await act(await plan({ subject: cancelled, recordId: lead.id, remindAt: at }), 'cancel');
  await act(await plan({ subject: done, recordId: lead.id, dueAt: at }), 'done');
  await plan({ subject: late, recordId: lead.id, dueAt: await inHours(-1) });
  await journey.control.advance('1m');
  expect(await reminders(late ?? '')).toHaveLength(1);
  await journey.control.advance('4h');
  expect(await reminders(kept ?? '')).toEqual([]);
  await journey.control.advance('2h');
  const [letter, ...more] = await reminders(kept ?? '');
  expect(more).toEqual([]);
  expect(letter?.subject).toBe(`Напоминание: ${kept}`);
  expect(letter?.text).toContain('Ольга Громова');
  expect(await reminders(moved ?? '')).toEqual([]);
  await journey.control.advance('3d');
  expect(await reminders(moved ?? '')).toHaveLength(1);
  for (const subject of [kept, late]) expect(await reminders(subject ?? '')).toHaveLength(1);
  for (const subject of [cancelled, done]) expect(await reminders(subject ?? '')).toEqual([]);
});

test('R62: a reminder moved many times at once and back comes once, at the last time', async () => {
  const { lead } = await newLead();
  const subject = unique('often');
  let activity = await plan({ subject, recordId: lead.id, remindAt: await inHours(3) });
  for (const hours of [1, 30, 2, 50, 4]) activity = await put(activity, { remindAt: await inHours(hours) });
  await journey.control.advance('3h');
  expect(await reminders(subject)).toEqual([]);
  await journey.control.advance('2h');
  await journey.control.advance('3d');
  expect(await reminders(subject)).toHaveLength(1);
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

test('R46: a postponed lead leaves the work list and comes back on its day, when work begins, with a task', async () => {
  const { lead, version } = await newLead();
  const zone = 'Europe/Moscow';
  const until = addDays(dateIn(zone, new Date(await now()).toISOString()), 10);
  const postpone = (ifMatch: number | undefined, body: object) =>
    journey.head<Lead & Problem>(`POST /api/leads/${lead.id}/postpone`, { ifMatch, body });
  expect(await postpone(version, { until, reason: 'mood' })).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '/body/reason', detail: expect.stringContaining('season') }] },
  });
  expect(await postpone(version, { until: addDays(until, -10), reason: 'season' })).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '/body/until' }] },
  });
  const put_ = good(await postpone(version, { until, reason: 'season', note: 'Ждут весну' }));
  expect(put_.body).toMatchObject({ state: 'new', postponedUntil: until, postponeReason: 'season', postponements: 1 });
  const listed = async (state: string) => {
    const path = `GET /api/leads?owner=${lead.ownerId}&limit=100&state=${state}`;
    return good(await journey.head<Page<LeadWork>>(path)).body.items.some(({ id }) => id === lead.id);
  };
  expect([await listed('new'), await listed('postponed')]).toEqual([false, true]);
  const back = nextWorkingMoment(await calendar(), instantIn(zone, until), zone);
  await journey.control.advance(Date.parse(back) - (await now()) - 60_000);
  expect(await listed('new')).toBe(false);
  await journey.control.advance('3m');
  expect([await listed('new'), await listed('postponed')]).toEqual([true, false]);
  const came = await leadOf(lead.id);
  expect(came.body.postponedUntil).toBeUndefined();
  expect(Date.parse(came.body.returnedAt ?? '') - Date.parse(back)).toBeLessThan(60_000);
  const tasks = good(await journey.head<Page<Activity>>(`GET /api/activities?record=${lead.id}`)).body.items;
  expect(tasks).toMatchObject([{ kind: 'task', ownerId: lead.ownerId, state: 'open', text: 'Ждут весну' }]);
  expect(await workOf(lead.id)).toMatchObject({ planned: true, nextActivityId: tasks[0]?.id });
  const told = (await storyOf(journey.head, lead.id)).events.filter(({ recordId }) => recordId === lead.id);
  expect(told.filter(({ type }) => type === 'lead.returned').map(({ data }) => data)).toEqual([{ early: false }]);
  expect(told.find(({ type }) => type === 'lead.postponed')?.data).toEqual({ until, reason: 'season' });
});

test('R46: a postponed lead is taken up earlier, put off again, or closed, and never comes back by the old date', async () => {
  const until = addDays(new Date(await now()).toISOString().slice(0, 10), 5);
  const off = async () => {
    const { lead, version } = await newLead();
    const body = { until, reason: 'not-now' };
    return good(await journey.head<Lead>(`POST /api/leads/${lead.id}/postpone`, { ifMatch: version, body }));
  };
  const [taken, again, closed] = [await off(), await off(), await off()];
  const post = (lead: typeof taken, what: string, body?: object) =>
    journey.head<Lead>(`POST /api/leads/${lead.body.id}/${what}`, { ifMatch: lead.version, ...(body && { body }) });
  const resumed = good(await post(taken, 'resume'));
  expect(await workOf(taken.body.id)).toMatchObject({ state: 'new', planned: true });
  expect(await post(resumed, 'resume')).toMatchObject({ status: 409 });
  good(await post(again, 'postpone', { until: addDays(until, 10), reason: 'season' }));
  good(await post(closed, 'reject', { reason: 'no-budget' }));
  await journey.control.advance('8d');
  const returns = async ({ body: { id } }: typeof taken) =>
    (await storyOf(journey.head, id)).events.filter(({ type, recordId }) => type === 'lead.returned' && recordId === id)
      .length;
  expect([await returns(taken), await returns(again), await returns(closed)]).toEqual([1, 0, 0]);
  expect((await leadOf(again.body.id)).body).toMatchObject({ postponements: 2, postponedUntil: addDays(until, 10) });
  await journey.control.advance('12d');
  expect([await returns(taken), await returns(again), await returns(closed)]).toEqual([1, 1, 0]);
});

test('R15: the time for the first call counts working time of the firm’s calendar on the seller’s clock', async () => {
  const { work } = await newLead();
  expect(work.nextAt).toBe(addWorkingMinutes(await calendar(), work.capturedAt, 15, 'Europe/Moscow'));
  const wrong = await journey.admin<Problem>('PUT /api/settings/calendars/broken', {
    body: { name: 'x', body: { zone: 'Europe/Moscow', week: [[], [], [], [], [], [], []], days: [] } },
  });
  expect(wrong).toMatchObject({ status: 422, body: { errors: [{ pointer: '/body/body/week' }] } });
});
