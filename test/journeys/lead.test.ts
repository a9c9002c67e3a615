import { afterAll, beforeAll, expect, test } from 'vitest';
import { addWorkingMinutes, type Calendar } from '#functions/activities/calendar.ts';
import {
  ADMIN,
  ANNA,
  good,
  HEAD,
  openJourney,
  SELLER,
  unique,
  uniqueEmail,
  uniquePhone,
} from '#test/support/journey.ts';
import {
  captured,
  changeSetting,
  type Lead,
  type LeadWork,
  leadOf,
  leadsOf,
  lettersOf,
  newForm,
  post,
  type Problem,
  storyOf,
} from '#test/support/steps.ts';

let journey: Awaited<ReturnType<typeof openJourney>>;
beforeAll(async () => {
  journey = await openJourney();
});
afterAll(() => journey.stop());

test('R55: the score shows every rule that spoke, adds up exactly and names the version of the rules', async () => {
  const form = await newForm(journey);
  const rich = { email: uniqueEmail(), phone: uniquePhone(), company: 'ООО «Ромашка»', message: 'Два насоса' };
  const { work } = await captured(journey, form, rich);
  expect(work.scoreParts).toEqual([
    { rule: 'phone given', kind: 'fit', points: 20 },
    { rule: 'company given', kind: 'fit', points: 25 },
    { rule: 'wrote a message', kind: 'engagement', points: 10 },
  ]);
  expect(work).toMatchObject({ score: 55, scoreRules: 'lead v1' });

  const { work: poor } = await captured(journey, form, { email: `${unique('buyer')}@mail.ru` });
  expect(poor.scoreParts).toEqual([{ rule: 'free mail', kind: 'fit', points: -5 }]);
  expect(poor.score).toBe(-5);

  const rules = [
    { name: 'from the form', kind: 'fit', when: `lead.channel == '${form}'`, points: 7 },
    { name: 'no name', kind: 'engagement', when: "lead.name == ''", points: -3 },
  ];
  const before = good(await journey.admin<{ body: object }>('GET /api/settings/scorings/lead')).body.body;
  await changeSetting(journey, 'scorings/lead', { rules });
  const { work: anew } = await captured(journey, form, { email: uniqueEmail() });
  expect(anew).toMatchObject({ score: 4, scoreRules: 'lead v2' });
  expect(anew.scoreParts.map(({ points }) => points)).toEqual([7, -3]);
  await changeSetting(journey, 'scorings/lead', { ...before });
});

test('R55: a rule that cannot be understood is refused when it is saved, with its place', async () => {
  const { version, body } = good(await journey.admin<{ name: string }>('GET /api/settings/scorings/lead'));
  const rules = [{ name: 'wrong', kind: 'fit', when: 'lead.nothing > 3', points: 1 }];
  const saved = await journey.admin<Problem>('PUT /api/settings/scorings/lead', {
    ifMatch: version,
    body: { name: body.name, body: { rules } },
  });
  expect(saved).toMatchObject({
    status: 422,
    body: { code: 'rule_invalid', errors: [{ pointer: '/body/body/rules/0/when' }] },
  });
});

test('R25, R47: e-mail and phone are normalised, so a known person is linked however he writes them', async () => {
  const form = await newForm(journey);
  const [name, phone] = [unique('known'), uniquePhone()];
  const first = await captured(journey, form, {
    email: `${name}@почта.рф`,
    phone: `8 (${phone.slice(2, 5)}) ${phone.slice(5)}`,
  });
  expect(first.lead).toMatchObject({ email: `${name}@xn--80a1acny.xn--p1ai`, phone });
  expect(first.work.scoreParts.map(({ rule }) => rule)).not.toContain('known person');

  const byEmail = await captured(journey, form, { email: ` ${name.toUpperCase()}@ПОЧТА.рф `, name: 'Ада' });
  const byPhone = await captured(journey, form, { phone: phone.replace('+7', '7') });
  expect([byEmail.lead.personId, byPhone.lead.personId]).toEqual([first.lead.personId, first.lead.personId]);
  expect(byEmail.work.scoreParts).toContainEqual({ rule: 'known person', kind: 'engagement', points: 15 });
  const person = good(await journey.seller(`GET /api/people/${first.lead.personId}`));
  expect(person.body).toMatchObject({ name: 'Ада', emails: [`${name}@xn--80a1acny.xn--p1ai`], phones: [phone] });
});

test('R25: the e-mail of one and the phone of another is linked to the first, and the second is proposed as a double', async () => {
  const form = await newForm(journey);
  const [a, b] = [{ email: uniqueEmail() }, { phone: uniquePhone() }];
  const first = await captured(journey, form, a);
  const second = await captured(journey, form, b);
  expect(second.lead.personId).not.toBe(first.lead.personId);
  const both = await captured(journey, form, { ...a, ...b });
  expect(both.lead.personId).toBe(first.lead.personId);
  expect(both.lead.duplicates).toEqual([{ personId: second.lead.personId, by: 'phone' }]);
  const person = good(await journey.seller<{ phones: string[] }>(`GET /api/people/${first.lead.personId}`));
  expect(person.body.phones).toEqual([]);
});

test('R1, R22: the story of a known person holds every request of his, and each of them leads to it', async () => {
  const form = await newForm(journey);
  const email = uniqueEmail();
  const first = await captured(journey, form, { email, message: 'first' });
  const second = await captured(journey, form, { email, message: 'second' });
  const ids = [first, second].flatMap(({ lead }) => [lead.rawId ?? '', lead.id]);
  const stories = await Promise.all([...ids, first.lead.personId].map((id) => storyOf(journey.seller, id)));
  for (const { chain, events } of stories) {
    expect(chain).toEqual(stories[0]?.chain);
    expect(events).toEqual(stories[0]?.events);
    expect(chain.map(({ id }) => id)).toEqual(expect.arrayContaining([...ids, first.lead.personId]));
  }
});

test('R15, R45: leads are dealt to the sellers of the team in turn, each with a next action and its time', async () => {
  const people: string[] = [];
  for (const name of ['Один', 'Два', 'Три']) {
    const body = {
      name,
      email: `${unique('s')}@sdelka.example`,
      roles: ['seller'],
      locale: 'ru',
      zone: 'Europe/Moscow',
    };
    people.push(good(await journey.admin<{ id: string }>('POST /api/users', { body })).body.id);
  }
  const team = good(
    await journey.admin<{ id: string }>('POST /api/teams', { body: { name: unique('Команда'), memberIds: people } }),
  );
  const form = await newForm(journey, { teamId: team.body.id });
  const leads = [];
  for (let turn = 0; turn < 6; turn += 1) leads.push(await captured(journey, form, { email: uniqueEmail() }));
  const owners = leads.map(({ lead }) => lead.ownerId);
  expect(owners.toSorted()).toEqual([...people, ...people].toSorted());
  expect(owners.slice(3)).toEqual(owners.slice(0, 3));
  const calendar = good(await journey.admin<{ body: Calendar }>('GET /api/settings/calendars/main'));
  for (const { lead, work } of leads) {
    expect(work).toMatchObject({
      ownerId: lead.ownerId,
      state: 'new',
      next: { kind: 'letter', text: 'Первый контакт' },
    });
    expect(work.nextAt).toBe(addWorkingMinutes(calendar.body.body, work.capturedAt, 15, 'Europe/Moscow'));
  }
  const list = good(await journey.admin<{ items: LeadWork[] }>(`GET /api/leads?owner=${people[0]}`)).body.items;
  expect(list.map(({ id }) => id)).toEqual(
    leads.filter(({ lead }) => lead.ownerId === people[0]).map(({ lead }) => lead.id),
  );
});

test('R45: a lead can be given to somebody else and its next action set, and the work lists follow', async () => {
  const form = await newForm(journey);
  const { lead, version } = await captured(journey, form, { email: uniqueEmail() });
  const [anna, ivan] = await Promise.all(
    [ANNA, SELLER].map(async (email) => good(await journey.as(email)<{ id: string }>('GET /api/me')).body.id),
  );
  const to = lead.ownerId === anna ? ivan : anna;
  const given = good(
    await journey.head<Lead>(`POST /api/leads/${lead.id}/owner`, { ifMatch: version, body: { ownerId: to } }),
  );
  expect(given.body.ownerId).toBe(to);
  const at = new Date((await journey.control.clock()).epochMs + 86_400_000).toISOString();
  good(
    await journey.head(`PUT /api/leads/${lead.id}/next`, { body: { at, next: { kind: 'call', text: 'Перезвонить' } } }),
  );
  const [work] = await leadsOf(journey, form);
  expect(work).toMatchObject({ ownerId: to, next: { kind: 'call', text: 'Перезвонить' } });
  expect(Date.parse(work?.nextAt ?? '')).toBe(Date.parse(at));
  const { version: now } = await leadOf(journey, lead.rawId ?? '');
  expect(now).toBe(given.version);
});

test('R45: a new lead gets one welcome letter in the language of its form, naming its seller', async () => {
  for (const [locale, subject, greeting] of [
    ['ru', 'Мы получили ваш запрос', 'Здравствуйте, Ада!'],
    ['en', 'We have your request', 'Hello Ада,'],
  ] as const) {
    const form = await newForm(journey, { locale });
    const email = uniqueEmail();
    const { lead } = await captured(journey, form, { email, name: 'Ада' });
    const [letter, ...more] = await journey.mail(email);
    expect(more).toEqual([]);
    expect(letter?.subject).toBe(subject);
    expect(letter?.text).toContain(greeting);
    const users = good(await journey.admin<{ items: { id: string; name: string }[] }>('GET /api/users')).body.items;
    expect(letter?.text).toContain(users.find(({ id }) => id === lead.ownerId)?.name);
    const [told, ...others] = await lettersOf(journey.seller, lead.id);
    expect(others).toEqual([]);
    expect(told).toMatchObject({
      purpose: 'welcome',
      state: 'delivered',
      to: { email, personId: lead.personId },
      locale,
      subject,
      templateVersion: 1,
    });
  }
});

test('R41, R43: a letter with a missing value is not sent, and its record says which value', async () => {
  const template = unique('template');
  const html = '<p>{{ lead.company }}</p>';
  const body = { name: template, body: { ru: { subject: 'Для {{ lead.name }}', html } } };
  good(await journey.admin(`PUT /api/settings/templates/${template}`, { body }));
  const form = await newForm(journey, { welcome: template });
  const email = uniqueEmail();
  const { lead } = await captured(journey, form, { email, name: 'Ада' });
  expect(await journey.mail(email)).toEqual([]);
  const [told] = await lettersOf(journey.seller, lead.id);
  expect(told).toMatchObject({ state: 'not_sent', reason: expect.stringContaining('lead.company') });
  const { events } = await storyOf(journey.seller, lead.id);
  expect(events.find(({ type }) => type === 'letter.not-sent')?.data['reason']).toContain('lead.company');
  const complete = await captured(journey, form, { email: uniqueEmail(), name: 'Ада', company: 'A & B' });
  expect((await journey.mail(complete.lead.email ?? ''))[0]?.html).toContain('A &amp; B');
});

test('R43: after a letter bounced its address gets no more, and the next letter says why', async () => {
  const form = await newForm(journey);
  const email = `bounce+${unique('b')}@simulator.amazonses.com`;
  const first = await captured(journey, form, { email, message: 'one' });
  expect((await lettersOf(journey.seller, first.lead.id))[0]).toMatchObject({
    state: 'bounced',
    reason: 'Permanent General',
  });
  const second = await captured(journey, form, { email, message: 'two' });
  const [told] = await lettersOf(journey.seller, second.lead.id);
  expect(told).toMatchObject({
    state: 'not_sent',
    reason: expect.stringMatching(/gets no letters: bounced on \d{4}-/),
  });
  expect(await journey.mail(email)).toHaveLength(1);
});

test('R43: a lead without an e-mail, or of a form without a letter, gets none', async () => {
  const form = await newForm(journey, { welcome: undefined });
  const { lead } = await captured(journey, form, { email: uniqueEmail() });
  expect(await lettersOf(journey.seller, lead.id)).toEqual([]);
});

test('R15: a lead is qualified when its required questions are answered, and refused with the list before', async () => {
  const form = await newForm(journey);
  const { lead, version } = await captured(journey, form, { email: uniqueEmail() });
  const qualify = (ifMatch: number | undefined, answers: Record<string, string>) =>
    journey.seller<Lead & Problem>(`POST /api/leads/${lead.id}/qualify`, { ifMatch, body: { answers } });
  const early = await qualify(version, { budget: '1 млн' });
  expect(early).toMatchObject({
    status: 409,
    body: { code: 'fields_missing', detail: 'Для стадии qualified нужны: need.' },
  });
  const called = good(
    await journey.seller<Lead>(`POST /api/leads/${lead.id}/contact`, { ifMatch: version, body: { how: 'call' } }),
  );
  expect(called.body).toMatchObject({ state: 'working' });
  const done = await qualify(called.version, { need: 'насосы' });
  expect(done).toMatchObject({
    status: 200,
    body: { state: 'qualified', answers: { need: 'насосы' }, firstContactAt: called.body.firstContactAt },
  });
});

test('R15: a lead is rejected only for a reason from the list', async () => {
  const form = await newForm(journey);
  const { lead, version } = await captured(journey, form, { email: uniqueEmail() });
  const reject = (body: object) =>
    journey.seller<Lead & Problem>(`POST /api/leads/${lead.id}/reject`, { ifMatch: version, body });
  expect(await reject({})).toMatchObject({ status: 400, body: { errors: [{ pointer: '/body/reason' }] } });
  const wrong = await reject({ reason: 'mood' });
  expect(wrong.body.errors[0]).toMatchObject({ pointer: '/body/reason', detail: expect.stringContaining('no-budget') });
  const done = await reject({ reason: 'no-budget' });
  expect(done).toMatchObject({ status: 200, body: { state: 'rejected', reason: 'no-budget' } });
  expect((await leadsOf(journey, form))[0]).toMatchObject({ state: 'rejected' });
  const convert = { ifMatch: done.version, body: { client: { kind: 'person' } } };
  expect(await journey.seller(`POST /api/leads/${lead.id}/convert`, convert)).toMatchObject({
    status: 409,
    body: { code: 'wrong_state' },
  });
});

test('R43: users bound by their e-mail sign in as who they are', async () => {
  const roles = await Promise.all(
    [ADMIN, HEAD, SELLER].map(
      async (email) => good(await journey.as(email)<{ roles: string[] }>('GET /api/me')).body.roles,
    ),
  );
  expect(roles).toEqual([['admin'], ['head'], ['seller']]);
  expect((await post(journey, 'site', { email: uniqueEmail() })).status).toBe(202);
});
