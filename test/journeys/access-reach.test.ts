import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULTS } from '#functions/auth/rights.ts';
import { Role } from '#shared/user.ts';
import { good, openJourney, type Person, unique, uniqueEmail } from '#test/support/journey.ts';
import { operationsOf, type Document, type Operation } from '#test/support/openapi-request.ts';
import { letterAbout, type OwnedRecords, recordsOf } from '#test/support/owned.ts';
import { dealOf, type Lead, type Problem, storyOf } from '#test/support/steps.ts';

type Relation = 'own' | 'team' | 'other';
/** Kinds of records that nobody owns: whoever has the right reaches them all. */
const UNOWNED = new Set([
  'person',
  'user',
  'team',
  'webhook',
  'delivery',
  'product',
  'setting',
  'raw',
  'externalId',
  'erasure',
]);
/** Paths about records that have owners. */
const OWNED = /^\/api\/(leads|deals|clients|activities|orders|approvals|letters|jobs|api-keys|merges|records)\/\{id\}/;

let journey: Awaited<ReturnType<typeof openJourney>>;
let operations: Operation[];
let there: string;
/** What each role's user is to the records of three owners. */
const records = new Map<Role, Partial<Record<Relation, OwnedRecords>>>();
const people = new Map<string, { id: string; as: Person }>();

async function hire(name: string, roles: Role[], teamId: string): Promise<{ id: string; as: Person }> {
  const email = `${unique(name)}@reach.example`;
  const body = { name, email, roles, teamId, locale: 'en', zone: 'Europe/Moscow' };
  const { id } = good(await journey.admin<{ id: string }>('POST /api/users', { body })).body;
  return { id, as: journey.as(email) };
}

const newTeam = async (name: string): Promise<string> =>
  good(await journey.admin<{ id: string }>('POST /api/teams', { body: { name: unique(name), memberIds: [] } })).body.id;

/** A job of whoever may start one this way, and a key of whoever may make one. */
async function startedBy(who: Person): Promise<OwnedRecords> {
  const job = await who<{ id: string }>('POST /api/intake/replay', { body: { attention: 'unmapped' } });
  const expiresAt = new Date((await journey.control.clock()).epochMs + 86_400_000).toISOString();
  const key = await who<{ id: string }>('POST /api/api-keys', {
    body: { name: unique('Key'), scopes: ['me.read'], expiresAt },
  });
  return { ...(job.status === 202 && { job: job.body.id }), ...(key.status === 201 && { key: key.body.id }) };
}

beforeAll(async () => {
  journey = await openJourney();
  const { body } = await journey.visitor<Document>('GET /api/openapi.json');
  operations = operationsOf(body).filter(({ right }) => right !== undefined);
  const here = await newTeam('Here');
  there = await newTeam('There');
  for (const role of Role.options) people.set(role, await hire(role, [role], here));
  people.set('mate', await hire('mate', ['seller', 'marketer'], here));
  people.set('stranger', await hire('stranger', ['seller', 'marketer'], there));
  const owned = new Map<string, OwnedRecords>();
  for (const [name, { id, as }] of people)
    owned.set(name, { ...(await recordsOf(journey, id)), ...(await startedBy(as)) });
  await journey.control.settle();
  for (const [name, one] of owned)
    owned.set(name, { ...one, letter: await letterAbout(journey.admin, one['deal'] ?? ''), record: one['deal'] ?? '' });
  for (const role of Role.options)
    records.set(role, {
      own: owned.get(role) ?? {},
      team: owned.get('mate') ?? {},
      other: { ...owned.get('stranger'), ...keyOf(await startedBy(journey.admin)) },
    });
});
afterAll(() => journey.stop());

const keyOf = ({ key }: OwnedRecords): OwnedRecords => (key === undefined ? {} : { key });
const as = (name: string): Person => people.get(name)?.as ?? journey.visitor;
const idOf = (name: string): string => people.get(name)?.id ?? '';

const reached = (role: Role, right: string, relation: Relation): boolean => {
  const scope = DEFAULTS.rights[right]?.[role];
  return scope === 'all' || relation === 'own' || (scope === 'team' && relation === 'team');
};

/** A request that gets past rights and reach and no further: its body is none. */
const callOn = ({ method, path }: Operation, id: string): string =>
  `${method} ${path.replace('{id}', id).replaceAll(/\{\w+\}/g, 'nothing')}`;
const noBody = ({ method }: Operation): { body?: unknown } => (method === 'GET' ? {} : { body: [] });

describe('R62: whose records a right reaches', () => {
  test('every operation on a record that has an owner says so, and of every kind there is a record here', () => {
    const about = operations.filter(({ path }) => OWNED.test(path));
    expect(about.length).toBeGreaterThan(25);
    expect(about.filter(({ of }) => of === undefined).map(({ path }) => path)).toEqual([]);
    const kinds = [...new Set(operations.flatMap(({ of }) => of ?? []))].filter((kind) => !UNOWNED.has(kind));
    const made = records.get('admin')?.own ?? {};
    expect(kinds.filter((kind) => !made[kind])).toEqual([]);
  });

  test.each(Role.options)(
    '%s gets of every operation exactly what the table says: own, of the team, of others',
    async (role) => {
      const wrong: string[] = [];
      let asked = 0;
      for (const operation of operations.filter(({ of }) => of !== undefined && !UNOWNED.has(of))) {
        for (const [relation, owned] of Object.entries(records.get(role) ?? {}) as [Relation, OwnedRecords][]) {
          const id = owned[operation.of ?? ''];
          if (id === undefined) continue;
          asked += 1;
          const { status, body } = await as(role)<Problem>(callOn(operation, id), noBody(operation));
          const hidden = status === 404 && body.detail === `There is no ${operation.of} ${id}.`;
          const right = operation.right ?? '';
          const got = status === 403 ? 'forbidden' : hidden ? 'hidden' : 'reached';
          const told = !(role in (DEFAULTS.rights[right] ?? {}))
            ? 'forbidden'
            : reached(role, right, relation)
              ? 'reached'
              : 'hidden';
          if (got !== told) wrong.push(`${operation.method} ${operation.path} ${relation}: ${got}, not ${told}`);
        }
      }
      expect(wrong).toEqual([]);
      expect(asked).toBeGreaterThan(100);
    },
  );

  test('a list of somebody beyond reach is refused with a text that says why; within reach it is answered', async () => {
    for (const list of ['leads', 'deals']) {
      const beyond = await as('seller')<Problem>(`GET /api/${list}?owner=${idOf('stranger')}`);
      expect(beyond).toMatchObject({ status: 403, body: { code: 'out_of_reach' } });
      expect(beyond.body.detail).toContain(idOf('stranger'));
      expect((await as('seller')(`GET /api/${list}?owner=${idOf('mate')}`)).status).toBe(200);
      expect((await as('head')(`GET /api/${list}?owner=${idOf('stranger')}`)).status).toBe(200);
    }
  });

  test('a person beyond reach is not opened by making him stand for a client of mine', async () => {
    const { client = '' } = records.get('seller')?.own ?? {};
    const person = { name: 'Hidden', emails: [uniqueEmail()], ownerId: idOf('stranger') };
    const { id } = good(await journey.admin<{ id: string }>('POST /api/people', { body: person })).body;
    const joined = await as('seller')<Problem>(`POST /api/clients/${client}/people`, { body: { personId: id } });
    expect(joined).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  test('what is beyond reach looks exactly like what is not there', async () => {
    const foreign = records.get('seller')?.other?.['deal'] ?? '';
    const nothing = 'deal_01J8Z3Y1QW9R7V5T3S1P0N2M4K';
    const [one, other] = await Promise.all(
      [foreign, nothing].map(async (id) => (await as('seller')<Problem>(`GET /api/deals/${id}`)).body),
    );
    const plain = (body: Problem | undefined, id: string) =>
      JSON.stringify({ ...body, requestId: '' }).replaceAll(id, 'ID');
    expect(plain(one, foreign)).toBe(plain(other, nothing));
  });

  test('an approval is read by who is asked, whoever owns what it is about; another of his rank does not see it', async () => {
    const { deal = '' } = records.get('seller')?.other ?? {};
    const approver = await hire('approver', ['seller'], await newTeam('Approvers'));
    const policy = good(await journey.admin<{ name: string; body: object }>('GET /api/settings/policies/discount'));
    const { name, body } = policy.body;
    const asking = { name, body: { ...body, approverId: approver.id } };
    good(await journey.admin('PUT /api/settings/policies/discount', { ifMatch: policy.version, body: asking }));
    await journey.inForce();
    const { version } = await dealOf(journey.admin, deal);
    const lines = [{ name: 'Rare', quantity: '1', price: '100', discount: '50' }];
    const changed = good(
      await journey.admin<{ approvalId: string }>(`PUT /api/deals/${deal}`, { ifMatch: version, body: { lines } }),
    );
    const call = `GET /api/approvals/${changed.body.approvalId}`;
    expect((await approver.as(call)).status).toBe(200);
    expect((await approver.as(`GET /api/deals/${deal}`)).status).toBe(404);
    expect((await as('seller')(call)).status).toBe(404);
  });

  test('R1: a story tells what is within reach, and is not there when nothing of it is', async () => {
    const own = await journey.admin<Lead>(`GET /api/leads/${records.get('seller')?.own?.['lead']}`);
    const lead = good(own).body;
    const converted = good(
      await journey.admin<Lead>(`POST /api/leads/${lead.id}/convert`, {
        ifMatch: own.version,
        body: { client: { kind: 'person' }, deal: { typeId: 'quick' } },
      }),
    ).body;
    const given = await dealOf(journey.admin, converted.dealId ?? '');
    good(
      await journey.admin(`PUT /api/deals/${given.body.id}`, {
        ifMatch: given.version,
        body: { ownerId: idOf('stranger') },
      }),
    );
    const whole = await storyOf(journey.admin, lead.id);
    expect(whole.chain.map(({ id }) => id)).toEqual(expect.arrayContaining([lead.id, given.body.id]));
    const mine = await storyOf(as('seller'), lead.id);
    expect(mine.chain.map(({ id }) => id)).toContain(lead.id);
    expect(mine.events.filter(({ record }) => record.id === given.body.id)).toEqual([]);
    const theirs = await storyOf((await hire('seller', ['seller'], there)).as, given.body.id);
    expect(theirs.events.filter(({ record }) => record.id === lead.id)).toEqual([]);
    expect(theirs.chain.map(({ id }) => id)).toContain(given.body.id);
  });
});
