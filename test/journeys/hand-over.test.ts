import { afterAll, beforeAll, expect, test } from 'vitest';
import { good, openJourney, type Person, unique } from '#test/support/journey.ts';
import { newDeal, PUMP, type Problem } from '#test/support/steps.ts';

type Owned = { id: string; ownerId: string };
type Job = {
  id: string;
  state: string;
  total: number;
  changed: number;
  skipped: number;
  failed: number;
  faults: { why: string }[];
};
type User = { id: string; active: boolean };
type Row = { recordId: string; of: string; result: string; why?: string };

let journey: Awaited<ReturnType<typeof openJourney>>;
let admin: Person;
beforeAll(async () => {
  journey = await openJourney();
  ({ admin } = journey);
});
afterAll(() => journey.stop());

async function hire(roles = ['seller']): Promise<{ id: string; as: Person }> {
  const email = `${unique('staff')}@hand.example`;
  const body = { name: unique('Seller'), email, roles, locale: 'en', zone: 'UTC' };
  return { id: good(await admin<User>('POST /api/users', { body })).body.id, as: journey.as(email) };
}
const made = async (call: string, body: object): Promise<string> => good(await admin<Owned>(call, { body })).body.id;

const PLACES = { client: 'clients', lead: 'leads', deal: 'deals', order: 'orders', activity: 'activities' } as const;
const placeOf = (id: string): string => `${PLACES[id.split('_')[0] as keyof typeof PLACES]}/${id}`;
const ownerOf = async (id: string): Promise<string> => good(await admin<Owned>(`GET /api/${placeOf(id)}`)).body.ownerId;
const ownersOf = async (ids: readonly string[]): Promise<string[]> => Promise.all(ids.map((id) => ownerOf(id)));

/** A client with a deal, a sale and a task about the deal; a lead; all of one owner. And a call that was made. */
async function recordsOf(ownerId: string): Promise<{ all: string[]; together: string[]; call: string }> {
  const client = await made('POST /api/clients', { kind: 'organisation', name: unique('Firm'), ownerId });
  const lines = [{ productId: PUMP, quantity: '1' }];
  const deal = good(await newDeal(admin, client, { ownerId, lines })).body.id;
  const sold = good(await newDeal(admin, client, { ownerId, lines }));
  const win = await admin<Owned>(`POST /api/deals/${sold.body.id}/win`, { ifMatch: sold.version, body: {} });
  const task = { kind: 'task', subject: unique('Task'), recordId: deal, ownerId };
  const activity = await made('POST /api/activities', task);
  const lead = await made('POST /api/leads', { name: unique('Lead'), ownerId });
  const call = await made('POST /api/activities', { ...task, kind: 'call', done: true });
  const together = [client, deal, sold.body.id, good(win).body.id, activity];
  await journey.control.settle();
  return { all: [...together, lead], together, call };
}

const handOver = (id: string, body: object, by: Person = admin) =>
  by<Job & Problem>(`POST /api/users/${id}/hand-over`, { body });
const jobOf = async (id: string) => good(await admin<Job>(`GET /api/jobs/${id}`)).body;
async function done(job: { body: Job }): Promise<Job> {
  await journey.control.settle();
  return jobOf(job.body.id);
}

test('R15: all that a leaving seller owns goes to another in one action, he is out, and what he did stays his', async () => {
  const [leaver, heir, other] = [await hire(), await hire(), await hire()];
  await leaver.as('GET /api/me');
  const { all, call } = await recordsOf(leaver.id);
  const theirs = await recordsOf(other.id);
  const archived = await made('POST /api/clients', { kind: 'person', name: unique('Old'), ownerId: leaver.id });
  good(await admin(`PUT /api/clients/${archived}`, { ifMatch: 1, body: { archived: true } }));
  const started = good(await handOver(leaver.id, { to: heir.id, switchOff: true }));
  expect(started.status).toBe(202);
  const job = await done(started);
  expect(job).toMatchObject({ state: 'done', changed: all.length + 1, failed: 0, faults: [] });
  expect(await ownersOf([...all, archived])).toEqual([...all, archived].map(() => heir.id));
  expect(await ownerOf(call)).toBe(leaver.id);
  expect(new Set(await ownersOf(theirs.all))).toEqual(new Set([other.id]));
  await journey.inForce();
  expect((await leaver.as('GET /api/me')).status).toBe(401);
  const rows = good(await admin<{ items: Row[] }>(`GET /api/jobs/${job.id}/rows`)).body.items;
  expect(rows.map(({ recordId }) => recordId).toSorted()).toEqual([...all, archived].toSorted());
  const history = good(
    await admin<{ events: { type: string; changes: { field: string; to: string }[] }[] }>(`GET /api/stories/${all[1]}`),
  );
  const told = history.body.events.filter(({ changes }) =>
    changes.some(({ field, to }) => field === 'ownerId' && to === heir.id),
  );
  expect(told.length).toBeGreaterThanOrEqual(4);
});

test('R15: a hand-over is taken back record by record; what was given on since stays and says why', async () => {
  const [leaver, heir, third] = [await hire(), await hire(), await hire()];
  const { all } = await recordsOf(leaver.id);
  const job = await done(good(await handOver(leaver.id, { to: heir.id })));
  const lead = all.at(-1) ?? '';
  const { version } = good(await admin(`GET /api/leads/${lead}`));
  good(await admin(`PUT /api/leads/${lead}`, { ifMatch: version, body: { ownerId: third.id } }));
  const undo = await done(good(await admin<Job>(`POST /api/jobs/${job.id}/undo`)));
  expect(undo).toMatchObject({ state: 'done', changed: all.length - 1, failed: 1 });
  expect(await ownersOf(all)).toEqual(all.map((id) => (id === lead ? third.id : leaver.id)));
});

test('R15: to a team it goes in turn, and what belongs together goes to one; who is off or leaving gets nothing', async () => {
  const [leaver, one, two, off] = [await hire(), await hire(), await hire(), await hire()];
  const team = good(
    await admin<{ id: string }>('POST /api/teams', {
      body: { name: unique('Team'), memberIds: [leaver.id, one.id, two.id, off.id] },
    }),
  ).body.id;
  const { version } = good(await admin(`GET /api/users/${off.id}`));
  good(await admin(`POST /api/users/${off.id}/switch-off`, { ifMatch: version }));
  const [first, second] = [await recordsOf(leaver.id), await recordsOf(leaver.id)];
  const job = await done(good(await handOver(leaver.id, { toTeam: team })));
  expect(job).toMatchObject({ state: 'done', changed: first.all.length + second.all.length, failed: 0 });
  const [a, b] = [await ownersOf(first.together), await ownersOf(second.together)];
  expect([new Set(a).size, new Set(b).size]).toEqual([1, 1]);
  expect(new Set([...a, ...b])).toEqual(new Set([one.id, two.id]));
});

test('of two hand-overs at once each record is given once, and nobody owns nothing', async () => {
  const [leaver, one, two] = [await hire(), await hire(), await hire()];
  const { all } = await recordsOf(leaver.id);
  const both = await Promise.all([one, two].map(({ id }) => handOver(leaver.id, { to: id })));
  await journey.control.settle();
  const jobs = await Promise.all(both.map(({ body }) => jobOf(body.id)));
  expect(jobs.map(({ state }) => state)).toEqual(['done', 'done']);
  expect(jobs.reduce((sum, { changed }) => sum + changed, 0)).toBe(all.length);
  expect((await ownersOf(all)).every((owner) => owner === one.id || owner === two.id)).toBe(true);
});

test('a hand-over to nobody, to himself, to whom there is not, by whom it is not for, is refused; the last admin stays', async () => {
  const [leaver, heir] = [await hire(), await hire()];
  const empty = good(await admin<{ id: string }>('POST /api/teams', { body: { name: unique('T'), memberIds: [] } }))
    .body.id;
  const nobody = 'user_01J8Z3Y1QW9R7V5T3S1P0N2M4K';
  for (const [body, pointer] of [
    [{}, '/body'],
    [{ to: heir.id, toTeam: empty }, '/body'],
    [{ to: leaver.id }, '/body/to'],
    [{ to: nobody }, '/body/to'],
    [{ toTeam: empty }, '/body/toTeam'],
    [{ to: heir.id, quickly: true }, '/body/quickly'],
  ] as const) {
    const got = await handOver(leaver.id, body);
    expect([pointer, got.status, got.body.errors.map((one) => one.pointer)]).toEqual([pointer, 400, [pointer]]);
  }
  expect((await handOver(nobody, { to: heir.id })).status).toBe(404);
  expect((await handOver(leaver.id, { to: heir.id }, heir.as)).status).toBe(403);
  const me = good(await admin<User>('GET /api/me')).body;
  const last = await handOver(me.id, { to: heir.id, switchOff: true });
  expect(last).toMatchObject({ status: 409, body: { code: 'wrong_state' } });
  expect(good(await admin<User>(`GET /api/users/${leaver.id}`)).body.active).toBe(true);
});
