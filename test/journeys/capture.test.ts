import { afterAll, beforeAll, expect, test } from 'vitest';
import { signWebhook } from '#shared/webhook.ts';
import { good, openJourney, unique, uniqueEmail, uniquePhone } from '#test/support/journey.ts';
import {
  captured,
  changeSetting,
  leadOf,
  leadsOf,
  newForm,
  post,
  type Problem,
  type Raw,
  requestOf,
  requestsOf,
  teamId,
} from '#test/support/steps.ts';

let journey: Awaited<ReturnType<typeof openJourney>>;
beforeAll(async () => {
  journey = await openJourney();
});
afterAll(() => journey.stop());

const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };
const send = (form: string, init: RequestInit) =>
  fetch(`${journey.url}/public/forms/${form}`, { method: 'POST', ...init });

test('R25: JSON, a web form and a multipart form of any shape each become a lead with the same values', async () => {
  const form = await newForm(journey, {
    mapping: {
      email: ['contact.mail', 'mail'],
      phone: ['contact.tel'],
      name: ['contact.full', 'fio'],
      message: ['wish'],
    },
  });
  const given = () => ({ mail: uniqueEmail(), tel: uniquePhone() });
  const [a, b, c] = [given(), given(), given()];
  const json = { contact: { mail: a.mail.toUpperCase(), tel: a.tel, full: 'Ada' }, wish: 'two pumps' };
  const urlencoded = new URLSearchParams({
    'contact[mail]': b.mail,
    'contact[tel]': b.tel,
    fio: 'Ada',
    wish: 'two pumps',
  });
  const multipart = new FormData();
  for (const [name, value] of Object.entries({
    'contact[mail]': c.mail,
    'contact[tel]': c.tel,
    fio: 'Ada',
    wish: 'two pumps',
  }))
    multipart.set(name, value);
  multipart.set('file', new Blob(['plan']), 'plan.txt');
  const answers = [
    await send(form, { body: JSON.stringify(json), headers: { 'content-type': 'application/json' } }),
    await send(form, { body: urlencoded }),
    await send(form, { body: multipart }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
  const ids = await Promise.all(answers.map(async (answer) => ((await answer.json()) as { id: string }).id));
  await journey.control.settle();
  for (const [place, { mail, tel }] of [a, b, c].entries()) {
    const { lead } = await leadOf(journey, ids[place] ?? '');
    expect(lead).toMatchObject({
      email: mail,
      phone: tel,
      name: 'Ada',
      message: 'two pumps',
      state: 'new',
      channel: form,
    });
  }
  expect(await leadsOf(journey, form)).toHaveLength(3);
});

test('R25: a plain HTML form is answered with a page of thanks in the language of the form', async () => {
  const form = await newForm(journey, { locale: 'en' });
  const answer = await send(form, {
    body: new URLSearchParams({ email: uniqueEmail() }),
    headers: { accept: 'text/html' },
  });
  expect(answer.status).toBe(202);
  expect(answer.headers.get('content-security-policy')).toContain("style-src 'unsafe-inline'");
  expect(answer.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
  expect(await answer.text()).toMatch(/<html lang="en">.*Thank you!/s);
});

test('R25: an unknown form, too large a body and too many posts are refused, and nothing else is', async () => {
  const unknown = await post(journey, unique('nowhere'), { email: uniqueEmail() });
  expect(unknown).toMatchObject({ status: 404, body: { code: 'not_found' } });

  const form = await newForm(journey);
  const large = await post(journey, form, { email: uniqueEmail(), message: 'x'.repeat(256 * 1024) });
  expect(large).toMatchObject({ status: 413, body: { code: 'too_large' } });
  const fits = await post(journey, form, { email: uniqueEmail(), message: 'x'.repeat(255 * 1024) });
  expect(fits.status).toBe(202);

  const narrow = await newForm(journey, { limitPerMinute: 2 });
  const email = uniqueEmail;
  const several = [];
  for (let turn = 0; turn < 8; turn += 1) several.push(await post(journey, narrow, { email: email() }));
  const refused = several.filter(({ status }) => status !== 202);
  expect(refused.length).toBeGreaterThanOrEqual(4);
  for (const one of refused) {
    expect(one).toMatchObject({ status: 429, body: { code: 'too_many' } });
    expect(Number(one.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(one.headers.get('retry-after'))).toBeLessThanOrEqual(60);
  }
  await journey.control.settle();
  expect(await leadsOf(journey, narrow)).toHaveLength(several.length - refused.length);
});

test('R25: unreadable JSON and a bad e-mail are answered 202, kept as they came and listed for a person', async () => {
  const form = await newForm(journey);
  const broken = good(await post(journey, form, '{"email": "a@b'));
  const nobody = good(await post(journey, form, { email: 'nobody at home', name: 'Ada' }));
  await journey.control.settle();
  const listed = good(await journey.head<{ items: Raw[] }>('GET /api/intake?attention=unmapped&limit=100')).body.items;
  const own = listed.filter(({ sourceId }) => sourceId === form);
  expect(own.map(({ id }) => id).toSorted()).toEqual([broken.body.id, nobody.body.id].toSorted());
  expect(await requestOf(journey, broken.body.id)).toMatchObject({ state: 'unmapped', body: '{"email": "a@b' });
  expect((await requestOf(journey, nobody.body.id)).reason).toContain('the e-mail is not one');
  expect(await leadsOf(journey, form)).toEqual([]);
});

test('R25: a bad e-mail beside a good phone is a lead that shows the bad e-mail', async () => {
  const form = await newForm(journey);
  const { lead } = await captured(journey, form, { email: 'ada(at)home', phone: '8 (495) 123-45-67' });
  expect(lead).toMatchObject({ phone: '+74951234567', wrongEmail: 'ada(at)home' });
  expect(lead.email).toBeUndefined();
});

test('R25: after a mapping is mended, requests are replayed singly and as a job, and each is one lead', async () => {
  const form = await newForm(journey, { mapping: { email: ['nothing.here'], phone: ['nothing.there'] } });
  const emails = [uniqueEmail(), uniqueEmail(), uniqueEmail()];
  const ids = [];
  for (const email of emails) ids.push(good(await post(journey, form, { odd: { address: email } })).body.id);
  await journey.control.settle();
  expect((await requestsOf(journey, form)).map(({ state }) => state)).toEqual(['unmapped', 'unmapped', 'unmapped']);
  await changeSetting(journey, `forms/${form}`, { mapping: { email: ['odd.address'] } });

  const replayed = await journey.head<Raw>(`POST /api/intake/${ids[0]}/replay`);
  expect(replayed).toMatchObject({ status: 202, body: { id: ids[0] } });
  await journey.control.settle();
  expect((await leadOf(journey, ids[0] ?? '')).lead.email).toBe(emails[0]);
  const again = await journey.head<Problem>(`POST /api/intake/${ids[0]}/replay`);
  expect(again).toMatchObject({ status: 409, body: { code: 'wrong_state' } });

  const asked = { body: { attention: 'unmapped', source: form } };
  const job = good(await journey.head<{ id: string }>('POST /api/intake/replay', asked));
  expect(job.status).toBe(202);
  await journey.control.settle();
  const done = good(await journey.head(`GET /api/jobs/${job.body.id}`));
  expect(done.body).toMatchObject({ state: 'done', done: 2, failed: 0, faults: [] });
  expect((await leadOf(journey, ids[1] ?? '')).lead.email).toBe(emails[1]);
  expect((await leadOf(journey, ids[2] ?? '')).lead.email).toBe(emails[2]);
  expect(await leadsOf(journey, form)).toHaveLength(3);
});

test('R25: the filled trap and the form sent too fast go to quarantine, and a person lets them out', async () => {
  const form = await newForm(journey);
  const shown = await journey.visitor<{ start: string; honeypot: string }>(`GET /public/forms/${form}`);
  const trapped = good(
    await post(journey, form, { email: uniqueEmail(), [shown.body.honeypot]: 'http://spam.example' }),
  );
  const fast = good(await post(journey, form, { email: uniqueEmail(), _start: shown.body.start }));
  const unsaid = good(await post(journey, form, { email: uniqueEmail() }));
  await journey.control.advance('5s');
  const slow = good(await post(journey, form, { email: uniqueEmail(), _start: shown.body.start }));
  await journey.control.settle();
  expect(await requestOf(journey, trapped.body.id)).toMatchObject({
    state: 'quarantined',
    reason: expect.stringContaining('website'),
  });
  expect(await requestOf(journey, fast.body.id)).toMatchObject({
    state: 'quarantined',
    reason: expect.stringContaining('within'),
  });
  expect(await requestOf(journey, unsaid.body.id)).toMatchObject({ state: 'done' });
  expect(await requestOf(journey, slow.body.id)).toMatchObject({ state: 'done' });
  const listed = good(await journey.head<{ items: Raw[] }>('GET /api/intake?attention=quarantined&limit=100')).body
    .items;
  expect(listed.filter(({ sourceId }) => sourceId === form)).toHaveLength(2);

  good(await journey.head(`POST /api/intake/${fast.body.id}/replay`));
  await journey.control.settle();
  expect(await requestOf(journey, fast.body.id)).toMatchObject({ state: 'done' });
  expect(await leadsOf(journey, form)).toHaveLength(3);
});

test('R25: a key says which posts are one: repeated it is one lead, over another body that one waits for a person', async () => {
  const form = await newForm(journey);
  const body = { email: uniqueEmail(), message: 'one' };
  const key = unique('key');
  const first = await post(journey, form, body, key);
  const second = await post(journey, form, body, key);
  expect([first.status, second.status]).toEqual([202, 202]);
  expect(second.body.id).toBe(first.body.id);
  await journey.control.advance('1h');
  expect((await post(journey, form, body, key)).body.id).toBe(first.body.id);

  const other = await post(journey, form, { ...body, message: 'another' }, key);
  expect(other).toMatchObject({ status: 202, body: { id: first.body.id } });
  await journey.control.settle();
  const kept = await requestsOf(journey, form);
  expect(kept).toHaveLength(2);
  expect(kept.find(({ id }) => id !== first.body.id)).toMatchObject({
    state: 'quarantined',
    sameKeyAs: first.body.id,
    body: expect.stringContaining('another'),
  });
  expect(await leadsOf(journey, form)).toHaveLength(1);
});

test('R25: the same payload is one request within ten minutes and two after eleven, timing fields aside', async () => {
  const form = await newForm(journey);
  const body = { email: uniqueEmail(), message: 'hello' };
  const first = await post(journey, form, { ...body, _start: 'then' });
  await journey.control.advance('9m');
  expect((await post(journey, form, { ...body, _start: 'now' })).body.id).toBe(first.body.id);
  await journey.control.advance('2m');
  const later = await post(journey, form, body);
  expect(later.body.id).not.toBe(first.body.id);
  await journey.control.settle();
  expect(await leadsOf(journey, form)).toHaveLength(2);
});

test('R25: a signed message of another system is a lead once; a bad, missing or stale signature is 401', async () => {
  const source = unique('source');
  const setting = {
    channel: source,
    teamId: await teamId(journey),
    mapping: { email: ['lead.email'] },
    locale: 'ru',
    welcome: 'welcome',
    limitPerMinute: 1000,
  };
  good(await journey.admin(`PUT /api/settings/sources/${source}`, { body: { name: source, body: setting } }));
  const made = good(await journey.admin<{ secret: string }>(`POST /api/sources/${source}/secrets`, {}));
  expect(made.status).toBe(201);
  const { secret } = made.body;
  const now = (await journey.control.clock()).epochMs;
  const body = JSON.stringify({ lead: { email: uniqueEmail() } });
  const hook = (headers: Record<string, string>, text = body) =>
    journey.visitor<{ id: string; code: string }>(`POST /public/hooks/${source}`, { body: text, headers });
  const signed = signWebhook([secret], { id: unique('msg'), body, now });

  const accepted = await hook({ ...signed });
  expect(accepted.status).toBe(202);
  expect((await hook({ ...signed })).body.id).toBe(accepted.body.id);
  const forged = signWebhook([`whsec_${Buffer.alloc(32).toString('base64')}`], { id: 'msg', body, now });
  expect(await hook({ ...forged })).toMatchObject({ status: 401, body: { code: 'signature_invalid' } });
  expect(await hook({ ...signed }, body.replace('lead', 'Lead'))).toMatchObject({ status: 401 });
  expect(await hook({})).toMatchObject({ status: 401 });
  const stale = signWebhook([secret], { id: 'old', body, now: now - 6 * 60_000 });
  expect(await hook({ ...stale })).toMatchObject({ status: 401, body: { code: 'signature_invalid' } });
  expect(
    await journey.visitor(`POST /public/hooks/${unique('nowhere')}`, { body, headers: { ...signed } }),
  ).toMatchObject({ status: 404 });

  const changed = good(await journey.admin<{ secret: string }>(`POST /api/sources/${source}/secrets`, {})).body.secret;
  const second = JSON.stringify({ lead: { email: uniqueEmail() } });
  expect((await hook({ ...signWebhook([changed], { id: unique('msg'), body: second, now }) }, second)).status).toBe(
    202,
  );
  const third = JSON.stringify({ lead: { email: uniqueEmail() } });
  expect((await hook({ ...signWebhook([secret], { id: unique('msg'), body: third, now }) }, third)).status).toBe(202);
  await journey.control.settle();
  expect(await leadsOf(journey, source)).toHaveLength(3);
});

test('R25: a browser may post from the origins a form allows; posts from another are kept and wait for a person', async () => {
  const form = await newForm(journey, { allowedOrigins: ['https://firm.example'] });
  const preflight = (origin: string) =>
    fetch(`${journey.url}/public/forms/${form}`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
  const allowed = await preflight('https://firm.example');
  expect(allowed.status).toBe(204);
  expect(allowed.headers.get('access-control-allow-origin')).toBe('https://firm.example');
  expect(allowed.headers.get('access-control-allow-headers')).toContain('idempotency-key');
  expect(allowed.headers.get('access-control-allow-methods')).toContain('POST');
  expect(allowed.headers.get('vary')?.toLowerCase()).toContain('origin');
  expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();

  const postFrom = (origin: string) =>
    send(form, { body: new URLSearchParams({ email: uniqueEmail() }), headers: { ...FORM_TYPE, origin } });
  const own = await postFrom('https://firm.example');
  expect(own.headers.get('access-control-allow-origin')).toBe('https://firm.example');
  const foreign = await postFrom('https://evil.example');
  expect(foreign.status).toBe(202);
  await journey.control.settle();
  expect((await requestsOf(journey, form)).map(({ state }) => state).toSorted()).toEqual(['done', 'quarantined']);

  const open = await newForm(journey);
  const anybody = await fetch(`${journey.url}/public/forms/${open}`, {
    method: 'OPTIONS',
    headers: { origin: 'https://x.example' },
  });
  expect(anybody.headers.get('access-control-allow-origin')).toBe('*');
});

test('R25: the form is given to a site as data in either language and as HTML that needs no script', async () => {
  const shown = (lang: string) =>
    journey.visitor<{ title: string; fields: { name: string; label: string }[] }>(
      `GET /public/forms/site?lang=${lang}`,
    );
  expect((await shown('ru')).body.title).toBe('Оставьте заявку');
  expect((await shown('en')).body).toMatchObject({
    title: 'Ask us',
    fields: [{ name: 'name', label: 'Name' }, {}, {}, {}, {}],
  });
  const snippet = await journey.visitor<string>('GET /public/forms/site/snippet?lang=en');
  expect(snippet.body).toContain(`<form method="post" action="${journey.url}/public/forms/site"`);
  expect(snippet.body).toContain('<sdelka-form form="site" lang="en">');
});
