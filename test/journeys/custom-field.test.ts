import { afterAll, beforeAll, expect, test } from 'vitest';
import { good, openJourney, SELLER, unique, uniqueEmail } from '#test/support/journey.ts';
import {
  captured,
  changeSetting,
  type Deal,
  type Lead,
  type LeadWork,
  lettersOf,
  newClient,
  newDeal,
  newForm,
  type Problem,
  PUMP,
  storyOf,
} from '#test/support/steps.ts';

let journey: Awaited<ReturnType<typeof openJourney>>;
let form: string;
let clientId: string;

const both = (en: string) => ({ ru: en, en });
const SIZES = [
  { id: 'small', name: both('Small') },
  { id: 'big', name: both('Big') },
];
const LEAD_FIELDS = [
  { id: 'note', kind: 'text', name: both('Note'), maxLength: 20 },
  { id: 'staff', kind: 'number', name: both('Staff'), min: '1', max: '1000000' },
  { id: 'budget', kind: 'money', name: both('Budget') },
  { id: 'due', kind: 'date', name: both('Due') },
  { id: 'size', kind: 'choice', name: both('Size'), options: SIZES },
  {
    id: 'uses',
    kind: 'multi-choice',
    name: both('Uses'),
    options: [
      { id: 'water', name: both('Water') },
      { id: 'oil', name: both('Oil') },
    ],
  },
  { id: 'expert', kind: 'person', name: both('Expert') },
  { id: 'site', kind: 'link', name: both('Site') },
  { id: 'plan', kind: 'file', name: both('Plan') },
  { id: 'purpose', kind: 'text', name: both('Purpose'), requiredIn: { states: ['qualified'] } },
];
const DEAL_FIELDS = [
  { id: 'size', kind: 'choice', name: both('Size'), options: SIZES },
  { id: 'contract', kind: 'text', name: both('Contract'), requiredIn: { types: ['quick'], stages: ['agreed'] } },
];

type Setting = { version: number; name: string; body: { fields: Record<string, unknown>[] } };
const fieldSet = (kind: string) => journey.admin<Setting>(`GET /api/settings/field-sets/${kind}`);
const save = (kind: string, fields: object[], ifMatch?: number) =>
  journey.admin<Setting & Problem>(`PUT /api/settings/field-sets/${kind}`, {
    ifMatch,
    body: { name: kind, body: { fields } },
  });

beforeAll(async () => {
  journey = await openJourney();
  good(await save('lead', LEAD_FIELDS));
  good(await save('deal', DEAL_FIELDS));
  form = await newForm(journey);
  clientId = await newClient(journey, journey.seller, form);
  await journey.inForce();
});
afterAll(() => journey.stop());

const enter = (body: object) => journey.seller<Lead & Problem>('POST /api/leads', { body });
const newLead = async (custom: object = {}) => good(await enter({ name: unique('Лид'), email: uniqueEmail(), custom }));

test('R66: values of every kind are kept exactly as they mean, and answered with the record', async () => {
  const me = good(await journey.seller<{ id: string }>('GET /api/me')).body.id;
  const custom = {
    note: 'Two pumps',
    staff: '12.500000',
    budget: { amount: '1234.5', currency: 'RUB' },
    due: '2026-12-01',
    size: 'big',
    uses: ['water', 'oil'],
    expert: me,
    site: 'https://example.com/a',
    plan: 'files/plan-1.pdf',
  };
  const made = await newLead(custom);
  const kept = { ...custom, staff: '12.5', budget: { amount: '1234.50', currency: 'RUB' } };
  expect(made.body.custom).toEqual(kept);
  const changed = good(
    await journey.seller<Lead>(`PUT /api/leads/${made.body.id}`, {
      ifMatch: made.version,
      body: { custom: { size: 'small', note: null } },
    }),
  );
  const { note: _, ...rest } = kept;
  expect(changed.body.custom).toEqual({ ...rest, size: 'small' });
});

test('R66: every value that does not fit is refused with its place and what would be right', async () => {
  const custom = {
    note: 'x'.repeat(21),
    staff: '0.1234567',
    budget: { amount: '1.001', currency: 'RUB' },
    due: 'tomorrow',
    size: 'huge',
    uses: ['water', 'water'],
    expert: 'user_01J8Z3Y1QW9R7V5T3S1P0N2M4K',
    site: 'http://example.com',
    plan: '../secret',
    nothing: '1',
  };
  const { status, body } = await enter({ name: 'X', custom });
  expect(status).toBe(400);
  const places = body.errors.map(({ pointer }) => pointer);
  expect(places.toSorted()).toEqual(
    Object.keys(custom)
      .map((id) => `/body/custom/${id}${id === 'budget' ? '/amount' : ''}`)
      .toSorted(),
  );
  expect(body.errors.find(({ pointer }) => pointer.endsWith('/nothing'))?.code).toBe('unknown_field');
  expect(await enter({ name: 'X', custom: { staff: '0' } })).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '/body/custom/staff', detail: 'must lie between 1 and 1000000' }] },
  });
});

test('R66: the event says which own fields changed and by whom, without their values', async () => {
  const lead = await newLead({ size: 'big', note: 'secret words' });
  good(
    await journey.seller(`PUT /api/leads/${lead.body.id}`, {
      ifMatch: lead.version,
      body: { company: 'Ромашка', custom: { size: 'small', note: 'other words' } },
    }),
  );
  await journey.control.settle();
  const { events } = await storyOf(journey.seller, lead.body.id);
  const told = events.find(({ type }) => type === 'lead.changed');
  const me = good(await journey.as(SELLER)<{ id: string }>('GET /api/me')).body.id;
  expect(told?.by.id).toBe(me);
  expect(told?.changes).toEqual(
    expect.arrayContaining([
      { field: 'custom.size', personal: true },
      { field: 'custom.note', personal: true },
      { field: 'company', personal: true },
    ]),
  );
  expect(JSON.stringify(events)).not.toContain('words');
});

test('R56: a stage asks for own fields of its type of deal, in the same list as for its other fields', async () => {
  const lines = [{ productId: PUMP, quantity: '1' }];
  const quick = await newDeal(journey.seller, clientId, { lines });
  const move = (deal: { body: Deal; version: number | undefined }) =>
    journey.seller<Deal & Problem>(`POST /api/deals/${deal.body.id}/stage`, {
      ifMatch: deal.version,
      body: { stage: 'agreed' },
    });
  expect(await move(quick)).toMatchObject({
    status: 409,
    body: { code: 'fields_missing', errors: [{ pointer: '/custom/contract', code: 'required' }] },
  });
  const filled = good(
    await journey.seller<Deal>(`PUT /api/deals/${quick.body.id}`, {
      ifMatch: quick.version,
      body: { custom: { contract: 'No 7' } },
    }),
  );
  const moved = good(await move(filled));
  expect(moved.body).toMatchObject({ stage: 'agreed', custom: { contract: 'No 7' } });
  const taken = await journey.seller<Problem>(`PUT /api/deals/${quick.body.id}`, {
    ifMatch: moved.version,
    body: { custom: { contract: null } },
  });
  expect(taken).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: '/body/custom/contract', code: 'required' }] },
  });
});

test('R15, R66: a lead is qualified only with the own fields its set asks for', async () => {
  const lead = await newLead();
  const qualify = (ifMatch: number | undefined) =>
    journey.seller<Lead & Problem>(`POST /api/leads/${lead.body.id}/qualify`, { ifMatch, body: { answers: {} } });
  const refused = await qualify(lead.version);
  expect(refused).toMatchObject({ status: 409, body: { code: 'fields_missing' } });
  expect(refused.body.errors.map(({ pointer }) => pointer)).toEqual(['/answers/need', '/custom/purpose']);
  const filled = good(
    await journey.seller(`PUT /api/leads/${lead.body.id}`, {
      ifMatch: lead.version,
      body: { custom: { purpose: 'resale' } },
    }),
  );
  const done = await journey.seller<Lead>(`POST /api/leads/${lead.body.id}/qualify`, {
    ifMatch: filled.version,
    body: { answers: { need: 'pumps' } },
  });
  expect(done).toMatchObject({ status: 200, body: { state: 'qualified' } });
});

test('R55, R72: scoring rules and approval policies speak of own fields, and a changed value is scored anew', async () => {
  const scoring = good(await journey.admin<{ body: { rules: object[] } }>('GET /api/settings/scorings/lead')).body.body;
  const rule = {
    name: 'big firm',
    kind: 'fit',
    when: 'lead.custom.size == "big" && lead.custom.staff > 10',
    points: 40,
  };
  await changeSetting(journey, 'scorings/lead', { rules: [...scoring.rules, rule] });
  const lead = await newLead({ size: 'small', staff: '11' });
  const score = async () => good(await journey.seller<LeadWork>(`GET /api/leads/${lead.body.id}/work`)).body.scoreParts;
  expect(await score()).not.toContainEqual(expect.objectContaining({ rule: 'big firm' }));
  good(
    await journey.seller(`PUT /api/leads/${lead.body.id}`, {
      ifMatch: lead.version,
      body: { custom: { size: 'big' } },
    }),
  );
  expect(await score()).toContainEqual({ rule: 'big firm', kind: 'fit', points: 40 });

  const policy = { subject: 'deal', when: 'deal.custom.size == "big"', deadlineHours: 24 };
  good(await journey.admin('PUT /api/settings/policies/big', { body: { name: 'Big', body: policy } }));
  await journey.inForce();
  const lines = [{ productId: PUMP, quantity: '1' }];
  const small = await newDeal(journey.seller, clientId, { lines, custom: { size: 'small' } });
  expect(small.body.approvalId).toBeUndefined();
  const big = await newDeal(journey.seller, clientId, { lines, custom: { size: 'big' } });
  expect(big.body.approvalId).toBeDefined();

  const deals = good(await fieldSet('deal'));
  const retired = deals.body.body.fields.map((field) => (field['id'] === 'size' ? { ...field, retired: true } : field));
  expect(await save('deal', retired, deals.version)).toMatchObject({
    status: 422,
    body: { errors: [{ code: 'in_use', detail: expect.stringContaining('policy big (Big)') }] },
  });
  const wrong = { ...policy, when: 'deal.custom.nothing > 1' };
  expect(
    await journey.admin('PUT /api/settings/policies/wrong', { body: { name: 'Wrong', body: wrong } }),
  ).toMatchObject({
    status: 422,
    body: { errors: [{ pointer: '/body/body/when' }] },
  });
  const kept = good(await journey.admin<Setting>('GET /api/settings/policies/big'));
  good(
    await journey.admin('PUT /api/settings/policies/big', {
      ifMatch: kept.version,
      body: { name: 'Big', body: policy, archived: true },
    }),
  );
  await changeSetting(journey, 'scorings/lead', { rules: scoring.rules });
});

test('R66: a field keeps its kind and its options, and a retired one stays readable but takes no new value', async () => {
  const before = await newLead({ size: 'big', note: 'old' });
  const set = good(await fieldSet('lead'));
  const { fields } = set.body.body;
  const change = (id: string, change: object) =>
    save(
      'lead',
      fields.map((field) => (field['id'] === id ? { ...field, ...change } : field)),
      set.version,
    );
  expect(await change('note', { kind: 'number', maxLength: undefined })).toMatchObject({
    status: 422,
    body: {
      errors: [{ pointer: '/body/body/fields/0/kind', detail: expect.stringContaining('Retire it and add another') }],
    },
  });
  expect(await change('size', { options: [SIZES[0]] })).toMatchObject({
    status: 422,
    body: { errors: [{ pointer: '/body/body/fields/4/options' }] },
  });
  expect(await save('lead', fields.slice(1), set.version)).toMatchObject({
    status: 422,
    body: { errors: [{ detail: expect.stringContaining('note cannot be removed') }] },
  });
  const retired = [
    { ...LEAD_FIELDS[0], retired: true, name: both('Old note') },
    ...LEAD_FIELDS.slice(1, 4),
    { ...LEAD_FIELDS[4], options: [SIZES[0], { ...SIZES[1], retired: true }] },
    ...LEAD_FIELDS.slice(5),
    { id: 'remark', kind: 'text', name: both('Remark') },
  ];
  good(await save('lead', retired, set.version));
  await journey.inForce();
  const read = good(await journey.seller<Lead>(`GET /api/leads/${before.body.id}`));
  expect(read.body.custom).toEqual({ size: 'big', note: 'old' });
  const put = (custom: object) =>
    journey.seller<Lead & Problem>(`PUT /api/leads/${before.body.id}`, { ifMatch: read.version, body: { custom } });
  expect(await put({ note: 'new' })).toMatchObject({ status: 400, body: { errors: [{ code: 'retired' }] } });
  expect(await enter({ name: 'X', custom: { size: 'big' } })).toMatchObject({
    status: 400,
    body: { errors: [{ code: 'retired' }] },
  });
  const same = good(await put({ note: 'old', size: 'big', remark: 'kept beside the old' }));
  expect(same.body.custom).toEqual({ size: 'big', note: 'old', remark: 'kept beside the old' });
});

test('R25, R66: a form fills own fields of a lead from texts as people write them, and what a field does not take is not lost', async () => {
  const custom = { staff: ['firm.staff'], due: ['when'], uses: ['uses'], size: ['size'], expert: ['expert'] };
  const mapped = await newForm(journey, { mapping: { custom } });
  const { lead } = await captured(journey, mapped, {
    email: uniqueEmail(),
    firm: { staff: '1 200,5' },
    when: '01.12.2026',
    uses: ['Water', 'oil'],
    size: 'enormous',
    expert: 'Somebody',
  });
  expect(lead.custom).toEqual({ staff: '1200.5', due: '2026-12-01', uses: ['water', 'oil'] });
  expect(lead.answers).toEqual({ size: 'enormous', expert: 'Somebody' });
  const wrong = await journey.admin<Problem>(`GET /api/settings/forms/${mapped}`);
  const { name, body } = wrong.body as unknown as { name: string; body: object };
  const nothing = { name, body: { ...body, mapping: { custom: { nothing: ['x'] } } } };
  expect(
    await journey.admin(`PUT /api/settings/forms/${mapped}`, { ifMatch: wrong.version, body: nothing }),
  ).toMatchObject({
    status: 422,
    body: { errors: [{ pointer: '/body/body/mapping/custom/nothing' }] },
  });
});

test('R41, R66: letters write own fields: money and dates for the reader, choices by their name', async () => {
  const template = unique('own');
  const html =
    '<p>{{ lead.custom.budget | money }} {{ lead.custom.due | date }} {{ lead.custom.uses_name }} {{ lead.custom.uses[0] }}</p>';
  good(
    await journey.admin(`PUT /api/settings/templates/${template}`, {
      body: { name: template, body: { en: { subject: 'Your plans', html } } },
    }),
  );
  const custom = { budget: ['budget'], due: ['due'], uses: ['uses'] };
  const mapped = await newForm(journey, { mapping: { custom }, welcome: template, locale: 'en' });
  const email = uniqueEmail();
  await captured(journey, mapped, { email, budget: '1234,5 EUR', due: '2026-12-01', uses: 'oil, water' });
  const [letter] = await journey.mail(email);
  expect(letter?.text).toBe('€1,234.50 1 December 2026 Oil, Water oil'.replace('1 December 2026', 'December 1, 2026'));
  const without = uniqueEmail();
  const { lead } = await captured(journey, mapped, { email: without });
  expect(await journey.mail(without)).toEqual([]);
  expect((await lettersOf(journey.seller, lead.id))[0]).toMatchObject({
    state: 'not_sent',
    reason: expect.stringContaining('lead.custom.budget'),
  });
});

test('R64, R66: the document of the API describes the own fields in force', async () => {
  type Schema = { properties: Record<string, unknown>; additionalProperties?: boolean };
  type Document = { components: { schemas: Record<string, Schema> }; paths: Record<string, unknown> };
  const document = async () => (await (await fetch(`${journey.url}/api/openapi.json`)).json()) as Document;
  const before = await document();
  const { LeadCustom, LeadCustomInput } = before.components.schemas;
  expect(Object.keys(LeadCustom?.properties ?? {})).toEqual(expect.arrayContaining(['note', 'budget', 'remark']));
  expect(LeadCustom?.properties['note']).toMatchObject({ deprecated: true });
  expect(Object.keys(LeadCustomInput?.properties ?? {})).not.toContain('note');
  expect(LeadCustomInput?.additionalProperties).toBe(false);
  const paths = JSON.stringify(before.paths['/api/leads/{id}']);
  expect(paths).toContain('#/components/schemas/LeadCustom"');
  expect(paths).toContain('#/components/schemas/LeadCustomInput"');

  good(await save('product', [{ id: 'colour', kind: 'text', name: both('Colour') }]));
  await journey.inForce();
  expect((await document()).components.schemas['ProductCustom']?.properties).toHaveProperty('colour');
});
