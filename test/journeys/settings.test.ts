import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADMIN, good, openJourney, unique } from '#test/support/journey.ts';
import { changeSetting, type Deal, newClient, newDeal, newForm, type Problem, PUMP } from '#test/support/steps.ts';

let journey: Awaited<ReturnType<typeof openJourney>>;
beforeAll(async () => {
  journey = await openJourney();
});
afterAll(() => journey.stop());

const text = (en: string) => ({ ru: en, en });
type Stage = { id: string; name: object; probability: number; retired?: boolean };
type Setting = { version: number; name: string; body: { stages: Stage[] }; archived?: boolean };
type Draft = Setting & { faults: { pointer: string; detail: string }[]; state: string };
type Version = { version: number; name: string; by: { name: string }; at: string; note?: string; changed: string[] };
type Differences = { items: { path: string; from?: unknown; to?: unknown }[] };

const STAGES = [
  { id: 'new', name: text('New'), kind: 'open', probability: 10, requires: [], next: ['talk', 'won', 'lost'] },
  { id: 'talk', name: text('Talk'), kind: 'open', probability: 40, requires: [], next: ['won', 'lost'] },
  { id: 'won', name: text('Won'), kind: 'won', probability: 100, requires: [], next: [] },
  { id: 'lost', name: text('Lost'), kind: 'lost', probability: 0, requires: [], next: [] },
];
const type = (stages: object[] = STAGES) => ({ category: 'quick', stages });

async function newType(): Promise<string> {
  const id = unique('type');
  good(await journey.admin(`PUT /api/settings/deal-types/${id}`, { body: { name: 'First', body: type() } }));
  return id;
}
const put = (id: string, ifMatch: number | undefined, body: object) =>
  journey.admin<Setting & Problem>(`PUT /api/settings/deal-types/${id}`, { ifMatch, body });
const read = async (id: string) => good(await journey.admin<Setting>(`GET /api/settings/deal-types/${id}`));
const versions = async (id: string, query = '') =>
  good(
    await journey.admin<{ items: Version[]; cursor?: string }>(`GET /api/settings/deal-types/${id}/versions${query}`),
  ).body;

test('R65: every saved version is kept with author, time, note and where it differs from the one before', async () => {
  const id = await newType();
  const changed = STAGES.map((stage) => (stage.id === 'talk' ? { ...stage, probability: 50 } : stage));
  good(await put(id, 1, { name: 'Second', body: type(changed), note: 'better forecasts' }));
  good(
    await put(id, 2, {
      name: 'Second',
      body: type([changed[1], ...changed.filter((_, place) => place !== 1)].filter((stage) => stage !== undefined)),
    }),
  );
  const me = good(await journey.as(ADMIN)<{ name: string }>('GET /api/me')).body.name;
  const { items } = await versions(id);
  expect(items.map(({ version, name }) => [version, name])).toEqual([
    [3, 'Second'],
    [2, 'Second'],
    [1, 'First'],
  ]);
  expect(items[1]).toMatchObject({
    by: { name: me },
    note: 'better forecasts',
    changed: ['/name', '/body/stages/talk/probability'],
  });
  expect(items[0]?.changed).toEqual(['/body/stages/*']);
  const page = await versions(id, '?limit=2');
  const rest = await versions(id, `?limit=2&cursor=${encodeURIComponent(page.cursor ?? '')}`);
  expect([...page.items, ...rest.items].map(({ version }) => version)).toEqual([3, 2, 1]);

  const first = good(await journey.admin<Setting>(`GET /api/settings/deal-types/${id}/versions/1`)).body;
  expect(first).toMatchObject({ name: 'First', body: { stages: STAGES } });
  const difference = (from: number, to: string) =>
    journey.admin<Differences>(`GET /api/settings/deal-types/${id}/versions/${from}/difference${to}`);
  expect(good(await difference(1, '?to=2')).body.items).toEqual([
    { path: '/name', from: 'First', to: 'Second' },
    { path: '/stages/talk/probability', from: 40, to: 50 },
  ]);
  expect(good(await difference(2, '')).body).toMatchObject({ from: 2, to: 3, items: [{ path: '/stages/*' }] });
  expect(await difference(9, '')).toMatchObject({ status: 404 });
});

test('R65: one step leads back to a version, as a new version that is checked again', async () => {
  const id = await newType();
  const changed = STAGES.map((stage) => ({ ...stage, name: text(`${stage.id}!`) }));
  good(await put(id, 1, { name: 'Second', body: type(changed) }));
  const back = (version: number, ifMatch: number) =>
    journey.admin<Setting & Problem>(`POST /api/settings/deal-types/${id}/roll-back`, { ifMatch, body: { version } });
  expect(await back(1, 1)).toMatchObject({ status: 412 });
  expect(good(await back(1, 2)).body).toMatchObject({ version: 3, name: 'First', body: { stages: STAGES } });

  const more = [...STAGES, { ...STAGES[1], id: 'offer' }];
  good(await put(id, 3, { name: 'Third', body: type(more) }));
  const refused = await back(1, 4);
  expect(refused).toMatchObject({ status: 422, body: { code: 'rule_invalid' } });
  expect(refused.body.detail).toContain('offer cannot be removed');
  expect((await versions(id)).items).toHaveLength(4);
});

test('R65: a draft binds nobody until it is published, says what is wrong with it, and is not published over another change', async () => {
  const id = await newType();
  const path = `/api/settings/deal-types/${id}`;
  const draft = (body: object, ifMatch?: number) =>
    journey.admin<Draft & Problem>(`PUT ${path}/draft`, { ifMatch, body });
  const publish = (ifMatch: number) => journey.admin<Setting & Problem>(`POST ${path}/publish`, { ifMatch });

  const wrong = await draft({ name: 'Draft', body: type(STAGES.slice(0, 3)) });
  expect(wrong).toMatchObject({ status: 201, body: { version: 1, state: 'open' } });
  const seen = good(await journey.admin<Draft>(`GET ${path}/draft`)).body;
  expect(seen.faults.map(({ detail }) => detail).join()).toContain('A lost stage is missing');
  expect(await publish(1)).toMatchObject({ status: 422 });
  expect(await draft({ name: 'Draft', body: type() })).toMatchObject({ status: 428 });
  expect(await draft({ name: 'Draft', body: { category: 'quick', stages: 'none' } }, 1)).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '/body/body/stages' }] },
  });
  good(await draft({ name: 'Draft', body: type(), note: 'calmer' }, 1));
  expect((await read(id)).body.name).toBe('First');
  expect(await publish(1)).toMatchObject({ status: 412 });
  expect(good(await publish(2)).body).toMatchObject({ version: 2, name: 'Draft' });
  expect((await versions(id)).items[0]).toMatchObject({ note: 'calmer', changed: ['/name'] });
  expect(await journey.admin(`GET ${path}/draft`)).toMatchObject({ status: 404 });

  const second = good(await draft({ name: 'Later', body: type() }));
  good(await put(id, 2, { name: 'Meanwhile', body: type() }));
  const late = await publish(second.version ?? 0);
  expect(late).toMatchObject({ status: 412, body: { code: 'stale', changes: [{ type: 'setting.changed' }] } });
  good(await journey.admin(`POST ${path}/draft/discard`, { ifMatch: second.version }));
  expect(await journey.admin(`GET ${path}/draft`)).toMatchObject({ status: 404 });
  expect((await read(id)).body.name).toBe('Meanwhile');
  expect(await journey.seller(`PUT ${path}/draft`, { body: { name: 'No', body: type() } })).toMatchObject({
    status: 403,
  });
});

test('R56, R65: a change is in force within a minute, and a renamed or retired stage leaves old deals readable', async () => {
  const id = await newType();
  const form = await newForm(journey);
  const clientId = await newClient(journey, journey.seller, form);
  const lines = [{ productId: PUMP, quantity: '1' }];
  const deal = await newDeal(journey.seller, clientId, { typeId: id, lines });
  const moveTo = (of: { body: Deal; version: number | undefined }, stage: string) =>
    journey.seller<Deal & Problem>(`POST /api/deals/${of.body.id}/stage`, { ifMatch: of.version, body: { stage } });
  const talking = good(await moveTo(deal, 'talk'));
  const other = await newDeal(journey.seller, clientId, { typeId: id, lines });

  const changed = STAGES.map((stage) =>
    stage.id === 'talk'
      ? { ...stage, name: text('Conversation'), retired: true }
      : { ...stage, next: [...stage.next, 'call'].filter((one) => one !== stage.id && stage.next.length > 0) },
  );
  const call = { ...STAGES[1], id: 'call', name: text('Call') };
  good(await put(id, 1, { name: 'Second', body: type([...changed, call]) }));
  await journey.control.advance('55s');
  expect(good(await moveTo(other, 'call')).body).toMatchObject({ stage: 'call', probability: 40 });
  const old = good(await journey.seller<Deal>(`GET /api/deals/${deal.body.id}`));
  expect(old.body).toMatchObject({ stage: 'talk', stageKind: 'open', typeId: id });
  expect(await moveTo(other, 'talk')).toMatchObject({ status: 412 });
  expect(good(await moveTo(talking, 'lost')).body).toMatchObject({ stage: 'lost', stageKind: 'lost' });
  const fresh = await newDeal(journey.seller, clientId, { typeId: id, lines });
  expect(await moveTo(fresh, 'talk')).toMatchObject({ status: 409, body: { code: 'stage_unknown' } });
});

test('R65: a setting that is put away is chosen no more, while what has it keeps it', async () => {
  const id = await newType();
  const clientId = await newClient(journey, journey.seller, await newForm(journey));
  const lines = [{ productId: PUMP, quantity: '1' }];
  const deal = await newDeal(journey.seller, clientId, { typeId: id, lines });
  good(await put(id, 1, { name: 'First', body: type(), archived: true }));
  await journey.inForce();
  const listed = async (query = '') =>
    good(await journey.admin<{ items: { id: string }[] }>(`GET /api/settings/deal-types${query}`)).body.items.map(
      (one) => one.id,
    );
  expect(await listed()).not.toContain(id);
  expect(await listed('?archived=true')).toEqual([id]);
  const body = { typeId: id, name: 'Late', clientId };
  expect(await journey.seller('POST /api/deals', { body })).toMatchObject({
    status: 409,
    body: { code: 'wrong_state' },
  });
  const moved = await journey.seller<Deal>(`POST /api/deals/${deal.body.id}/stage`, {
    ifMatch: deal.version,
    body: { stage: 'talk' },
  });
  expect(moved.status).toBe(200);

  type Kinds = { items: { kind: string; plural: string; count: number; archived: number; latest?: { id: string } }[] };
  const kinds = good(await journey.admin<Kinds>('GET /api/settings')).body.items;
  const types = kinds.find(({ plural }) => plural === 'deal-types');
  expect(types).toMatchObject({ kind: 'deal-type', archived: 1, latest: { id } });
  expect(types?.count).toBe((await listed()).length);
});

test('R65: a repeated publishing is done once, and a rule does not pass the field it names when both change at one time', async () => {
  const id = await newType();
  const body = { name: 'Once', body: type() };
  const key = unique('key');
  const once = () => journey.admin<Setting>(`PUT /api/settings/deal-types/${id}`, { ifMatch: 1, key, body });
  const [one, two] = [good(await once()), good(await once())];
  expect([one.version, two.version]).toEqual([2, 2]);

  const path = '/api/settings/field-sets/deal';
  for (let round = 1; round <= 4; round += 1) {
    const field = { id: `race${round}`, kind: 'text', name: text('Race') };
    const known = await journey.admin<{ body: { fields: object[] } }>(`GET ${path}`);
    const fields = known.status === 404 ? [] : known.body.body.fields;
    const set = (all: object[], ifMatch: number | undefined) =>
      journey.admin<Problem>(`PUT ${path}`, { ifMatch, body: { name: 'Deal', body: { fields: all } } });
    const added = good(await set([...fields, field], known.version));
    const policy = { subject: 'deal', when: `deal.custom.race${round} != ""`, deadlineHours: 24 };
    const rule = journey.admin(`PUT /api/settings/policies/race-${round}`, { body: { name: 'Race', body: policy } });
    const answers = await Promise.all([rule, set([...fields, { ...field, retired: true }], added.version)]);
    const statuses = answers.map(({ status }) => (status < 300 ? 'done' : status));
    expect(statuses.map(String).toSorted()).toEqual(['422', 'done']);
  }
});

type Files = { manifest: object; files: Record<string, { name: string; body: Record<string, unknown> }> };
type Imported = { settings: { kind: string; id: string; state: string; changes: { path: string }[] }[] };
const exported = async () => good(await journey.admin<Files>('GET /api/settings/export')).body;
const bring = (body: object) => journey.admin<Imported & Problem>('POST /api/settings/import', { body });

/** The last one: this installation becomes another, which knows the starter set only. */
test('R65: settings go out as files, the same text for the same settings, and into another installation to an equal state', async () => {
  const id = await newType();
  const rules = [{ name: 'big', kind: 'fit', when: 'lead.custom.size == "big"', points: 5 }];
  const fields = [{ id: 'size', kind: 'text', name: text('Size') }];
  good(await journey.admin('PUT /api/settings/field-sets/lead', { body: { name: 'Lead', body: { fields } } }));
  await changeSetting(journey, 'scorings/lead', { rules });
  const out = await exported();
  const site = out.files['forms/site.json'];
  expect(site?.body['teamId']).toEqual({ $team: 'Продажи / Sales' });
  expect(out.files['policies/discount.json']?.body['escalateTo']).toEqual({ $user: ADMIN });
  expect(JSON.stringify(out)).not.toMatch(/(user|team)_0/);
  expect(JSON.stringify(await exported())).toBe(JSON.stringify(out));

  await journey.control.reset();
  good(await journey.admin('POST /api/starter'));
  expect(Object.keys((await exported()).files)).not.toContain(`deal-types/${id}.json`);
  const stranger = { 'forms/new.json': { ...site, body: { ...site?.body, teamId: { $team: 'Nobody' } } } };
  const place = '/body/files/forms~1new.json/body/teamId';
  expect(await bring({ files: { ...out.files, ...stranger } })).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: place, detail: expect.stringContaining('Nobody') }] },
  });
  const { 'field-sets/lead.json': _, ...without } = out.files;
  expect(await bring({ files: without })).toMatchObject({
    status: 422,
    body: { errors: [{ pointer: '/body/files/scorings~1lead.json/body/rules/0/when' }] },
  });
  const tried = good(await bring({ ...out, dryRun: true })).body.settings;
  expect(tried.find((one) => one.id === id)).toMatchObject({ kind: 'deal-type', state: 'new' });
  const scoring = tried.find(({ kind }) => kind === 'scoring');
  expect(scoring).toMatchObject({
    state: 'changed',
    changes: expect.arrayContaining([{ path: '/body/rules/big', to: rules[0] }]),
  });
  expect(await journey.admin(`GET /api/settings/deal-types/${id}`)).toMatchObject({ status: 404 });

  good(await bring(out));
  expect(JSON.stringify(await exported())).toBe(JSON.stringify(out));
  expect(good(await bring(out)).body.settings.filter(({ state }) => state !== 'same')).toEqual([]);
  const kept = await journey.admin<{ items: Version[] }>('GET /api/settings/scorings/lead/versions');
  expect(good(kept).body.items.map(({ version }) => version)).toEqual([2, 1]);
});
