import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { personAt } from '#local/person.ts';
import { good, HEAD, openJourney, type Person, unique, uniqueEmail } from '#test/support/journey.ts';
import { captured, newDeal, newForm, type Problem } from '#test/support/steps.ts';

type User = { id: string; name: string; email: string; roles: string[]; teamId?: string; active: boolean };
type Team = { id: string; name: string; headId?: string; memberIds: string[] };
type Event = { type: string; by: { id: string; key?: { id: string; name: string } } };
type Key = { id: string; key: string; userId: string; scopes: string[]; expiresAt: string; lastUsedAt?: string };

let journey: Awaited<ReturnType<typeof openJourney>>;
let admin: Person;
beforeAll(async () => {
  journey = await openJourney();
  ({ admin } = journey);
});
afterAll(() => journey.stop());

async function hire(change: Record<string, unknown> = {}): Promise<User & { as: Person }> {
  const email = `${unique('staff')}@staff.example`;
  const body = { name: unique('Staff'), email, roles: ['seller'], locale: 'en', zone: 'Europe/Moscow', ...change };
  return { ...good(await admin<User>('POST /api/users', { body })).body, as: journey.as(email) };
}
const userOf = async (id: string) => good(await admin<User>(`GET /api/users/${id}`));
const teamOf = async (id: string) => good(await admin<Team>(`GET /api/teams/${id}`));
const newTeam = async (...memberIds: string[]) =>
  good(await admin<Team>('POST /api/teams', { body: { name: unique('Team'), memberIds } })).body;
const change = async (place: string, body: Record<string, unknown>, by: Person = admin) => {
  const { version } = good(await admin(`GET /api/${place}`));
  return by<Problem & User & Team>(`PUT /api/${place}`, { ifMatch: version, body });
};
const switchTo = async (state: 'on' | 'off', id: string, by: Person = admin) => {
  const { version } = await userOf(id);
  return by<Problem & User>(`POST /api/users/${id}/switch-${state}`, { ifMatch: version });
};
const inDays = async (days: number): Promise<string> =>
  new Date((await journey.control.clock()).epochMs + days * 86_400_000).toISOString();
/** A list to its end, as many pages as it has. */
async function whole<T>(place: string, limit: number): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | undefined;
  do {
    const more = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { body } = good(await admin<{ items: T[]; cursor?: string }>(`GET /api/${place}?limit=${limit}${more}`));
    expect(body.items.length).toBeLessThanOrEqual(limit);
    all.push(...body.items);
    cursor = body.cursor;
  } while (cursor !== undefined);
  return all;
}

/** Every user's row and every team's list say the same of who is in which team. */
async function expectAgreement(): Promise<void> {
  const [users, teams] = [await whole<User>('users', 100), await whole<Team>('teams', 100)];
  const byTeams = teams.flatMap(({ id, memberIds, headId }) =>
    [...new Set([...memberIds, ...(headId === undefined ? [] : [headId])])].map((user) => `${user} ${id}`),
  );
  const byUsers = users.flatMap(({ id, teamId }) => (teamId === undefined ? [] : [`${id} ${teamId}`]));
  expect(byTeams.toSorted()).toEqual(byUsers.toSorted());
}

describe('users and teams', () => {
  test('R26: a user is changed under If-Match, and who changed what of him is told', async () => {
    const { id } = await hire();
    expect((await admin(`PUT /api/users/${id}`, { body: { name: 'Nobody' } })).status).toBe(428);
    const changed = good(await change(`users/${id}`, { name: 'Ева', roles: ['seller', 'marketer'], locale: 'ru' }));
    expect(changed.body).toMatchObject({ id, name: 'Ева', roles: ['seller', 'marketer'], locale: 'ru' });
    const stale = await admin<Problem>(`PUT /api/users/${id}`, { ifMatch: 1, body: { name: 'Late' } });
    expect(stale).toMatchObject({ status: 412, body: { code: 'stale' } });
    const fields = stale.body.changes?.flatMap(({ type, fields }) => fields.map(({ field }) => `${type} ${field}`));
    expect(fields).toEqual(['user.changed name', 'user.changed roles', 'user.changed locale']);
  });

  test('R26: a user is in one team, and his row and the lists of teams agree after every change', async () => {
    const [anna, boris, clara] = [await hire(), await hire(), await hire()];
    const [first, second] = [await newTeam(anna.id, boris.id), await newTeam(clara.id)];
    await expectAgreement();
    good(await change(`users/${anna.id}`, { teamId: second.id }));
    expect((await teamOf(first.id)).body.memberIds).toEqual([boris.id]);
    expect((await teamOf(second.id)).body.memberIds).toEqual([clara.id, anna.id]);
    await expectAgreement();
    good(await change(`teams/${first.id}`, { memberIds: [boris.id, clara.id], headId: anna.id }));
    expect((await teamOf(second.id)).body.memberIds).toEqual([]);
    expect((await userOf(anna.id)).body.teamId).toBe(first.id);
    await expectAgreement();
    good(await change(`teams/${first.id}`, { memberIds: [clara.id], headId: null }));
    expect((await userOf(boris.id)).body.teamId).toBeUndefined();
    const added = await hire({ teamId: second.id });
    expect((await teamOf(second.id)).body.memberIds).toEqual([added.id]);
    good(await change(`users/${added.id}`, { teamId: null }));
    await expectAgreement();
  });

  test('R26: changes of the same team at once end in a state that agrees', async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => hire()));
    const [one, two] = [await newTeam(), await newTeam()];
    const moves = all.flatMap(({ id }) => [one, two].map((team) => change(`users/${id}`, { teamId: team.id })));
    const statuses = (await Promise.all(moves)).map(({ status }) => status);
    expect(statuses.every((status) => [200, 409, 412].includes(status))).toBe(true);
    await expectAgreement();
  });

  test('a team, a deputy, a user or a field that is not there is refused with its name', async () => {
    const { id } = await hire();
    const team = 'team_01J8Z3Y1QW9R7V5T3S1P0N2M4K';
    const user = 'user_01J8Z3Y1QW9R7V5T3S1P0N2M4K';
    const refusals = [
      [`users/${id}`, { teamId: team }, 404, team],
      [`users/${id}`, { absence: { from: '2026-12-01', until: '2026-12-09', deputyId: user } }, 400, '/body/absence'],
      [`users/${id}`, { absence: { from: '2026-12-09', until: '2026-12-01' } }, 400, '/body/absence/until'],
      [`users/${id}`, { email: 'new@x.example' }, 400, '/body/email'],
      [`users/${id}`, { roles: ['boss'] }, 400, '/body/roles/0'],
      [`teams/${(await newTeam()).id}`, { memberIds: [user] }, 404, user],
    ] as const;
    for (const [place, body, status, named] of refusals) {
      const got = await change(place, body);
      expect([place, got.status]).toEqual([place, status]);
      expect(JSON.stringify(got.body)).toContain(named);
    }
  });

  test('a form whose team is not there is refused when it is saved, and so is a policy whose approver is not', async () => {
    const form = await newForm(journey);
    for (const [place, field, id] of [
      [`forms/${form}`, 'teamId', 'team_01J8Z3Y1QW9R7V5T3S1P0N2M4K'],
      ['sources/partner', 'teamId', 'not-a-team'],
      ['policies/discount', 'approverId', 'user_01J8Z3Y1QW9R7V5T3S1P0N2M4K'],
    ] as const) {
      const got = good(await admin<{ name: string; body: object }>(`GET /api/settings/${place}`));
      const body = { name: got.body.name, body: { ...got.body.body, [field]: id } };
      const saved = await admin<Problem>(`PUT /api/settings/${place}`, { ifMatch: got.version, body });
      expect(saved).toMatchObject({ status: 422, body: { errors: [{ pointer: `/body/body/${field}` }] } });
      expect(saved.body.errors[0]?.detail).toContain(id);
    }
  });
});

describe('whoever leaves or is away', () => {
  test('a user who is switched off is out within half a minute, and in again when he is switched on', async () => {
    const user = await hire();
    expect((await user.as('GET /api/me')).status).toBe(200);
    expect(good(await switchTo('off', user.id)).body.active).toBe(false);
    expect(good(await switchTo('off', user.id)).body.active).toBe(false);
    await journey.inForce();
    const out = await user.as<Problem>('GET /api/me');
    expect(out).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect(out.body.detail).toContain('switched off');
    good(await switchTo('on', user.id));
    await journey.inForce();
    expect((await user.as('GET /api/me')).status).toBe(200);
  });

  test('there stays an admin, also when two put each other out at the same moment', async () => {
    const me = good(await admin<User>('GET /api/me')).body;
    for (const got of [await switchTo('off', me.id), await change(`users/${me.id}`, { roles: ['head'] })])
      expect(got).toMatchObject({ status: 409, body: { code: 'wrong_state' } });
    const other = await hire({ roles: ['admin'] });
    await other.as('GET /api/me');
    const both = await Promise.all([switchTo('off', me.id, other.as), switchTo('off', other.id)]);
    expect(new Set(both.map(({ status }) => status))).toEqual(new Set([200, 409]));
    const left = (await whole<User>('users', 100)).filter(({ roles, active }) => roles.includes('admin') && active);
    expect(left).toHaveLength(1);
    const mine = left[0]?.id === me.id;
    if (!mine) good(await switchTo('on', me.id, other.as));
    good(await (mine ? switchTo('on', other.id) : Promise.resolve({ status: 200 } as never)));
    await journey.inForce();
    await admin('GET /api/me');
    good(await switchTo('off', other.id));
  });

  test('R15: who is away or switched off gets no leads; R20: his deputy is asked in his place', async () => {
    const [here, away, gone] = [await hire(), await hire(), await hire()];
    const team = await newTeam(here.id, away.id, gone.id);
    const today = (await inDays(0)).slice(0, 10);
    good(await change(`users/${away.id}`, { absence: { from: today, until: (await inDays(7)).slice(0, 10) } }));
    good(await switchTo('off', gone.id));
    const form = await newForm(journey, { teamId: team.id });
    const owners = new Set<string>();
    for (let n = 0; n < 3; n += 1) owners.add((await captured(journey, form, { email: uniqueEmail() })).lead.ownerId);
    expect([...owners]).toEqual([here.id]);

    const head = good(await journey.head<User>('GET /api/me')).body;
    const deputy = await hire({ roles: ['head'] });
    const absence = { from: today, until: (await inDays(7)).slice(0, 10), deputyId: deputy.id };
    good(await change(`users/${head.id}`, { absence }));
    const client = good(
      await journey.seller<{ id: string }>('POST /api/clients', { body: { kind: 'person', name: 'P' } }),
    );
    const deal = await newDeal(journey.seller, client.body.id);
    await journey.control.settle();
    expect(await journey.mail(deputy.email, deal.body.name)).toHaveLength(1);
    expect(await journey.mail(HEAD, deal.body.name)).toEqual([]);
    good(await change(`users/${head.id}`, { absence: null }));
  });
});

describe('R62: a firm’s own table of rights', () => {
  const save = async (rights: object, fields: object = {}) => {
    const before = await admin('GET /api/settings/access/rights');
    return admin<Problem>('PUT /api/settings/access/rights', {
      ifMatch: before.version,
      body: { name: 'Rights', body: { rights, fields } },
    });
  };

  test('is in force within a minute: how far a right goes, who has it, who sees cost', async () => {
    const [seller, mate] = [await hire(), await hire()];
    await newTeam(seller.id, mate.id);
    const lead = good(await admin<{ id: string }>('POST /api/leads', { body: { name: 'L', ownerId: mate.id } })).body
      .id;
    const sees = async () => [
      (await seller.as(`GET /api/leads/${lead}`)).status,
      (await seller.as('GET /api/intake?attention=unmapped')).status,
      'cost' in (await seller.as<object>('GET /api/products/product_00000000000000000000P0MP10')).body,
    ];
    expect(await sees()).toEqual([200, 403, false]);
    good(await save({ 'lead.read': { seller: 'own' }, 'intake.read': { seller: 'all' } }, { cost: { seller: true } }));
    await journey.inForce();
    expect(await sees()).toEqual([404, 200, true]);
    const table = good(await seller.as<{ rights: Record<string, object> }>('GET /api/rights')).body.rights;
    expect(table['lead.read']).toEqual({ admin: 'all', head: 'all', seller: 'own', marketer: 'all', auditor: 'all' });
    const me = good(await seller.as<{ may: Record<string, string>; sees: string[] }>('GET /api/me')).body;
    expect(me.may).toMatchObject({ 'lead.read': 'own', 'intake.read': 'all', 'deal.read': 'team' });
    expect(me.sees).toEqual(['cost']);
    good(await save({}));
    await journey.inForce();
    expect(await sees()).toEqual([200, 403, false]);
  });

  test.each([
    ['a right there is not', { 'lead.burn': { seller: 'all' } }, '/body/body/rights/lead.burn'],
    ['a role there is not', { 'lead.read': { boss: 'all' } }, '/body/body/rights/lead.read/boss'],
    ['a reach there is not', { 'lead.read': { seller: 'world' } }, '/body/body/rights/lead.read/seller'],
    ['a reach of what nobody owns', { 'product.read': { seller: 'own' } }, '/body/body/rights/product.read/seller'],
    ['rights for others than admins', { 'access.change': { head: 'all' } }, '/body/body/rights/access.change/head'],
    ['an admin without settings', { 'setting.change': { admin: 'none' } }, '/body/body/rights/setting.change/admin'],
    ['an admin without users', { 'user.change': { admin: 'none' } }, '/body/body/rights/user.change/admin'],
  ])('is refused with %s, and where it is', async (_, rights, pointer) => {
    const saved = await save(rights);
    expect([400, 422]).toContain(saved.status);
    expect(saved.body.errors.map((one) => one.pointer)).toEqual([pointer]);
  });

  test('is one: under another id, and with a field right there is not, it is refused', async () => {
    const body = { name: 'Rights', body: { rights: {}, fields: {} } };
    expect((await admin('PUT /api/settings/access/other', { body })).status).toBe(422);
    expect((await save({}, { wage: { head: true } })).body.errors[0]?.pointer).toBe('/body/body/fields/wage');
  });
});

describe('R64: keys of other systems', () => {
  const keyWith = async (scopes: string[], more: Record<string, unknown> = {}, by: Person = admin) => {
    const body = { name: unique('Key'), scopes, expiresAt: await inDays(30), ...more };
    return by<Key & Problem>('POST /api/api-keys', { body });
  };
  const holding = ({ body }: { body: Key }) => personAt(journey.url, body.key);
  const revoke = (id: string) => admin(`POST /api/api-keys/${id}/revoke`);

  test('a key acts in its maker’s name with its scopes only, and history names both', async () => {
    const key = good(await keyWith(['lead.change', 'lead.read', 'story.read']));
    expect(key.body.key).toMatch(/^sk_[0-9A-Z]{26}_[\w-]{43}$/);
    const system = holding(key);
    const lead = good(
      await system<{ id: string; storyId: string }>('POST /api/leads', { body: { name: 'By key' } }),
    ).body;
    const me = good(await admin<User>('GET /api/me')).body;
    const { events } = good(await admin<{ events: Event[] }>(`GET /api/stories/${lead.id}`)).body;
    const made = events.find(({ type }) => type === 'lead.captured');
    expect(made?.by).toMatchObject({ id: me.id, key: { id: key.body.id } });
    for (const call of ['GET /api/deals', 'GET /api/users', 'GET /api/me'])
      expect([call, (await system(call)).status]).toEqual([call, 403]);
  });

  test('a key makes no keys and changes no users unless its scopes say so, and never the rights', async () => {
    const settings = holding(good(await keyWith(['setting.change', 'setting.read', 'user.read', 'key.read'])));
    const user = await hire();
    const expiresAt = await inDays(9);
    expect((await settings('POST /api/api-keys', { body: { name: 'K', scopes: ['me.read'], expiresAt } })).status).toBe(
      403,
    );
    expect((await change(`users/${user.id}`, { name: 'X' }, settings)).status).toBe(403);
    const rights = { name: 'Rights', body: { rights: { 'lead.read': { seller: 'all' } }, fields: {} } };
    expect((await settings('PUT /api/settings/access/rights', { body: rights })).status).toBe(403);
    expect((await settings('PUT /api/settings/access/rights/draft', { body: rights })).status).toBe(403);
    const scoped = holding(good(await keyWith(['key.change', 'user.change'])));
    expect((await change(`users/${user.id}`, { name: 'X' }, scoped)).status).toBe(200);
    const raised = await change(`users/${user.id}`, { roles: ['seller', 'admin'] }, scoped);
    expect([raised.status, raised.body.errors.map(({ pointer }) => pointer)]).toEqual([400, ['/body/roles/1']]);
    const hired = { name: 'Own', email: uniqueEmail(), roles: ['head'], locale: 'en', zone: 'UTC' };
    expect((await scoped('POST /api/users', { body: hired })).status).toBe(400);
    const more = await keyWith(['key.change', 'lead.read'], {}, scoped);
    expect(more.body.errors.map(({ pointer }) => pointer)).toEqual(['/body/scopes/1']);
    expect((await keyWith(['key.change'], {}, scoped)).status).toBe(201);
  });

  test('a key has what its maker has, and no more than that at any moment', async () => {
    const maker = await hire({ roles: ['admin'] });
    await maker.as('GET /api/me');
    const key = good(await keyWith(['lead.read', 'deal.read'], { fields: ['cost'] }, maker.as));
    const system = holding(key);
    expect((await system('GET /api/deals')).status).toBe(200);
    good(await change(`users/${maker.id}`, { roles: ['marketer'] }));
    await journey.inForce();
    expect([(await system('GET /api/deals')).status, (await system('GET /api/leads')).status]).toEqual([403, 200]);
    good(await switchTo('off', maker.id));
    await journey.inForce();
    const out = await system<Problem>('GET /api/leads');
    expect(out).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect(out.body.detail).toContain('switched off');
  });

  test('the list says who made a key, what it may, until when and when it was used last, and never the key', async () => {
    const key = good(await keyWith(['lead.read'])).body;
    const listed = async () => (await whole<Key>('api-keys', 2)).find(({ id }) => id === key.id);
    expect(await listed()).not.toHaveProperty('lastUsedAt');
    await holding({ body: key })('GET /api/leads');
    const used = await listed();
    const me = good(await admin<User>('GET /api/me')).body;
    expect(used).toMatchObject({ userId: me.id, scopes: ['lead.read'], expiresAt: key.expiresAt });
    await journey.control.advance('31m');
    await holding({ body: key })('GET /api/leads');
    expect((await listed())?.lastUsedAt).toBe(used?.lastUsedAt);
    await journey.control.advance('31m');
    await holding({ body: key })('GET /api/leads');
    expect((await listed())?.lastUsedAt ?? '').toSatisfy((at: string) => at > (used?.lastUsedAt ?? ''));
    expect(JSON.stringify(await whole('api-keys', 50))).not.toMatch(/sk_|hash/);
  });

  test('a key that has ended opens nothing and says why: revoked twice at once, expired, unknown, cut short', async () => {
    const revoked = good(await keyWith(['lead.read']));
    const expired = good(await keyWith(['lead.read'], { expiresAt: await inDays(1) }));
    expect((await holding(revoked)('GET /api/leads')).status).toBe(200);
    const both = await Promise.all([revoke(revoked.body.id), revoke(revoked.body.id)]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    await journey.control.advance('25h');
    const other = `${revoked.body.key.slice(0, -1)}${revoked.body.key.endsWith('A') ? 'E' : 'A'}`;
    for (const [key, why] of [
      [revoked.body.key, 'revoked'],
      [expired.body.key, 'expired'],
      [other, 'no such key'],
      ['sk_', 'Bearer <token>'],
      ['sk_short', 'no such key'],
      [`sk_${'0'.repeat(26)}_${'A'.repeat(43)}`, 'no such key'],
    ] as const) {
      const got = await personAt(journey.url, key)<Problem>('GET /api/leads');
      expect([key, got.status]).toEqual([key, 401]);
      expect(got.body.detail).toContain(why);
    }
  });

  test('a key that could not be is refused: rights there are not, an end that has passed or is too far, none at all', async () => {
    const cases = [
      [{ scopes: ['lead.burn'] }, '/body/scopes/0'],
      [{ scopes: ['lead.read', 'access.change'] }, '/body/scopes/1'],
      [{ scopes: [] }, '/body/scopes'],
      [{ fields: ['wage'] }, '/body/fields/0'],
      [{ expiresAt: await inDays(-1) }, '/body/expiresAt'],
      [{ expiresAt: await inDays(800) }, '/body/expiresAt'],
      [{ expiresAt: 'tomorrow' }, '/body/expiresAt'],
      [{ name: '' }, '/body/name'],
      [{ roles: ['admin'] }, '/body/roles'],
    ] as const;
    for (const [more, pointer] of cases) {
      const got = await keyWith(['lead.read'], more);
      expect([pointer, got.status]).toEqual([pointer, 400]);
      expect(got.body.errors.map((one) => one.pointer)).toEqual([pointer]);
    }
  });
});

test('a problem speaks one language: the caller’s own where he does not ask for another', async () => {
  const ivan = await hire({ locale: 'ru' });
  const got = await ivan.as<Problem>('POST /api/leads', { body: { name: 5 } });
  expect(got.body).toMatchObject({ title: 'В запросе есть ошибка', errors: [{ detail: 'Нужен тип string.' }] });
  const asked = await ivan.as<Problem>('POST /api/leads', { body: { name: 5 }, headers: { 'accept-language': 'en' } });
  expect(asked.body.title).toBe('Something in the request is not as described');
  expect((await ivan.as<Problem>('POST /api/users', { body: {} })).body.detail).toContain('Вашей роли');
});

// The last, because the local sign-in lists a hundred people.
test('lists of users and teams go on past their first hundred', async () => {
  const before = (await whole<User>('users', 100)).length;
  for (let n = 0; n < 12; n += 1)
    await Promise.all(Array.from({ length: 10 }, () => hire({ name: unique('Ж'), roles: [] })));
  const users = await whole<User>('users', 100);
  expect(users).toHaveLength(before + 120);
  expect(new Set(users.map(({ id }) => id)).size).toBe(before + 120);
  expect(users.map(({ name }) => name)).toEqual(users.map(({ name }) => name).toSorted());
  expect((await whole<Team>('teams', 2)).length).toBeGreaterThan(2);
});
