import { afterAll, beforeAll, expect, test } from 'vitest';
import type * as z from 'zod';
import type { Client as ClientSchema } from '#functions/clients/client.ts';
import type { Person as PersonSchema } from '#functions/clients/person.ts';
import type { Erasure as ErasureSchema } from '#functions/exchange/erasure.ts';
import { good, openJourney, unique, uniquePhone } from '#test/support/journey.ts';
import { leftover } from '#test/support/leftover.ts';
import {
  approvalOf,
  captured,
  newDeal,
  newForm,
  post,
  lettersOf,
  type Lead,
  type Problem,
} from '#test/support/steps.ts';

type Human = z.output<typeof PersonSchema>;
type Client = z.output<typeof ClientSchema>;
type Erasure = z.output<typeof ErasureSchema>;
type Export = { personId: string; data: Record<string, unknown[]>; events: { changes: unknown[] }[] };

let journey: Awaited<ReturnType<typeof openJourney>>;
let form: string;
beforeAll(async () => {
  journey = await openJourney();
  form = await newForm(journey, { mapping: { answers: { budget: ['budget'] } } });
});
afterAll(() => journey.stop());

/** A text nobody else has and that is found in any case. */
const mark = (what: string): string => unique(`zq${what}`);

/** Somebody of whom traces lie everywhere. */
async function traced() {
  const marks = {
    first: `Шмаркеров${mark('a')}`,
    name: `Новофамильев${mark('b')}`,
    email: `${mark('mail')}@private.example`,
    old: `${mark('old')}@private.example`,
    phone: uniquePhone(),
    message: mark('message'),
    company: mark('company'),
    answer: mark('answer'),
    note: mark('note'),
    position: mark('position'),
    step: mark('step'),
    comment: mark('comment'),
    trap: mark('trap'),
    double: `${mark('double')}@private.example`,
  };
  const { lead, version } = await captured(journey, form, {
    email: marks.email,
    phone: marks.phone,
    name: marks.first,
    company: marks.company,
    message: marks.message,
    budget: marks.answer,
  });
  await post(journey, form, { email: marks.email, message: marks.trap, website: 'filled by a robot' });
  const personId = lead.personId;
  const person = good(await journey.head<Human>(`GET /api/people/${personId}`));
  const put = async (ifMatch: number | undefined, body: Record<string, unknown>) =>
    good(await journey.head<Human>(`PUT /api/people/${personId}`, { ifMatch, body }));
  const renamed = await put(person.version, { name: marks.name, emails: [marks.email, marks.old] });
  await put(renamed.version, { emails: [marks.email] });
  const other = await captured(journey, form, { email: marks.double, name: marks.name });
  const converted = good(
    await journey.head<Lead>(`POST /api/leads/${lead.id}/convert`, {
      ifMatch: version,
      body: { client: { kind: 'person' } },
    }),
  );
  const clientId = converted.body.clientId ?? '';
  const deal = await newDeal(journey.head, clientId, { name: `Дача ${marks.name}`, nextStep: marks.step });
  const approval = await approvalOf(journey.admin, deal.body.approvalId);
  await journey.control.settle();
  good(
    await journey.admin(`POST /api/approvals/${approval.body.id}/decision`, {
      body: { decision: 'refuse', comment: `${marks.name}: ${marks.comment}` },
    }),
  );
  const firm = good(
    await journey.head<Client>('POST /api/clients', { body: { kind: 'organisation', name: unique('ООО') } }),
  ).body;
  good(await journey.head(`POST /api/clients/${firm.id}/people`, { body: { personId, position: marks.position } }));
  for (const [recordId, text] of [
    [personId, marks.note],
    [firm.id, `Встреча: ${marks.name.toUpperCase()}, ${marks.email}`],
  ])
    good(
      await journey.head('POST /api/activities', {
        body: {
          kind: 'note',
          subject: 'Записка',
          text,
          recordId,
          with: [personId, firm.id].filter((id) => id !== recordId),
        },
      }),
    );
  good(await journey.head('POST /api/merges', { body: { survivor: personId, others: [other.lead.personId] } }));
  await journey.control.settle();
  return { marks, personId, lead, clientId, firm, deal: deal.body };
}

test('R26: what we have about a person is one answer, and erasing him leaves none of it in the table or in files', async () => {
  const { marks, personId, lead, clientId, firm, deal } = await traced();
  const texts = Object.values(marks);
  expect((await leftover(journey, texts)).length).toBeGreaterThan(texts.length);

  expect((await journey.seller(`GET /api/people/${personId}/data`)).status).toBe(403);
  const all = good(await journey.admin<Export>(`GET /api/people/${personId}/data`)).body;
  const said = JSON.stringify(all.data);
  for (const text of texts) expect(said).toContain(text);
  expect(Object.keys(all.data)).toEqual(
    expect.arrayContaining(['person', 'lead', 'raw', 'letter', 'activity', 'client', 'deal', 'member', 'old value']),
  );
  expect(all.events.length).toBeGreaterThan(5);
  for (const text of texts) expect(JSON.stringify(all.events)).not.toContain(text);

  expect((await journey.head(`POST /api/people/${personId}/erase/preview`)).status).toBe(403);
  const plan = good(
    await journey.admin<{ erases: Record<string, string[]>; keeps: { kind: string; id?: string; why: string }[] }>(
      `POST /api/people/${personId}/erase/preview`,
    ),
  ).body;
  expect(plan.erases['lead']).toContain(lead.id);
  expect(plan.erases['client']).toEqual([clientId]);
  expect(plan.erases['deal']).toContain(deal.id);
  expect(plan.keeps).toEqual(expect.arrayContaining([expect.objectContaining({ kind: 'client', id: firm.id })]));
  expect((await leftover(journey, [marks.note])).length).toBeGreaterThan(0);

  const started = await Promise.all(
    [1, 2].map(() =>
      journey.admin<Erasure>(`POST /api/people/${personId}/erase`, { body: { reason: 'He asked for it' } }),
    ),
  );
  expect(new Set(started.map((one) => good(one).body.id)).size).toBe(1);
  await journey.control.settle();
  const erasure = good(await journey.admin<Erasure>(`GET /api/erasures/${started[0]?.body.id ?? ''}`)).body;
  expect(erasure).toMatchObject({ state: 'done', personId });
  expect(erasure.kept).toEqual(expect.arrayContaining([expect.objectContaining({ id: firm.id })]));
  expect(await leftover(journey, texts)).toEqual([]);

  // What happened is still told, and what was sold is still there; who it was is not.
  expect(good(await journey.head<Human>(`GET /api/people/${personId}`)).body).toMatchObject({
    emails: [],
    phones: [],
    erasedAt: expect.any(String),
  });
  expect(good(await journey.head<Client>(`GET /api/clients/${clientId}`)).body.name).toBe(clientId);
  expect(good(await journey.head<{ amount: unknown }>(`GET /api/deals/${deal.id}`)).body.amount).toEqual(deal.amount);
  const again = await journey.admin<Problem>(`POST /api/people/${personId}/erase`, { body: { reason: 'Again' } });
  expect(again).toMatchObject({ status: 409, body: { code: 'wrong_state' } });

  // Who comes with his address is somebody new.
  const next = await captured(journey, form, { email: marks.email });
  expect(next.lead.personId).not.toBe(personId);
});

test('R26: an address that gets no letters still gets none after its owner was erased, and lies there as a hash alone', async () => {
  const label = mark('bounce');
  const email = `bounce+${label}@simulator.amazonses.com`;
  const first = await captured(journey, form, { email });
  await journey.control.settle();
  expect(await lettersOf(journey.seller, first.lead.id)).toMatchObject([{ state: 'bounced' }]);
  good(await journey.admin(`POST /api/people/${first.lead.personId}/erase`, { body: { reason: 'He asked for it' } }));
  await journey.control.settle();
  expect(await leftover(journey, [label])).toEqual([]);
  const second = await captured(journey, form, { email, message: 'two' });
  expect(await lettersOf(journey.seller, second.lead.id)).toMatchObject([
    { state: 'not_sent', reason: expect.stringContaining('gets no letters: bounced') },
  ]);
});

test('R26: consent is kept for each address and purpose with its wording and source; no is as easy as yes, and what was said stays told', async () => {
  const box = (name: string, purpose?: string, textVersion?: string) => ({
    name,
    type: 'consent',
    label: { ru: 'Согласен' },
    ...(purpose && { purpose }),
    ...(textVersion && { textVersion }),
  });
  const asked = await newForm(journey, {
    fields: [box('news', 'marketing', '2026-11'), box('ring', 'calls', '2026-11')],
  });
  const shown = await journey.visitor<{ fields: { name: string; type: string }[] }>(`GET /public/forms/${asked}`);
  expect(good(shown).body.fields.map(({ type }) => type)).toEqual(['checkbox', 'checkbox']);
  const without = await journey.admin<Problem>(`PUT /api/settings/forms/${unique('f')}`, {
    body: { name: 'x', body: { title: { ru: 'x' }, fields: [box('news')] } },
  });
  expect(without.body.errors.map(({ detail }) => detail)).toEqual(
    expect.arrayContaining([expect.stringContaining('textVersion')]),
  );

  const [email, phone] = [`${mark('yes')}@client.example`, uniquePhone()];
  const known = await captured(journey, form, { email });
  const { lead } = await captured(journey, asked, { email, phone, news: 'on', ring: '' });
  expect(lead.personId).toBe(known.lead.personId);
  type Consents = {
    items: { address: string; purpose: string; state: string; history: { type: string; data: object }[] }[];
  };
  const said = async () => good(await journey.seller<Consents>(`GET /api/people/${lead.personId}/consents`)).body.items;
  expect((await said()).map(({ address, purpose, state }) => [address, purpose, state])).toEqual([
    [email, 'marketing', 'given'],
    [phone, 'marketing', 'given'],
  ]);
  expect((await said())[0]).toMatchObject({
    textVersion: '2026-11',
    rawId: lead.rawId,
    ip: expect.any(String),
    source: { kind: 'form', id: asked },
  });
  const leave = async (purpose: string) =>
    good(
      await journey.seller<{ leave: string }>(
        `GET /api/consents?address=${encodeURIComponent(email)}&purpose=${purpose}`,
      ),
    ).body.leave;
  expect([await leave('marketing'), await leave('calls')]).toEqual(['given', 'none']);

  const note = (state: string) =>
    journey.seller('POST /api/consents', {
      body: { address: ` ${email.toUpperCase()}`, purpose: 'marketing', state, proof: 'По телефону' },
    });
  good(await note('withdrawn'));
  expect(await leave('marketing')).toBe('withdrawn');
  const [first] = await said();
  expect(first?.history.map(({ type }) => type)).toEqual(['consent.given', 'consent.withdrawn']);
  expect(JSON.stringify(first?.history)).not.toContain(email);
  expect(
    (await journey.seller('POST /api/consents', { body: { address: 'nobody', purpose: 'x', state: 'given' } })).status,
  ).toBe(400);

  // The wish is known still when its owner was forgotten, and by nothing but a hash.
  good(await journey.admin(`POST /api/people/${lead.personId}/erase`, { body: { reason: 'He asked for it' } }));
  await journey.control.settle();
  expect(await leftover(journey, [email, phone])).toEqual([]);
  expect(await leave('marketing')).toBe('withdrawn');
});

test('R26: what is too much for one answer comes as a file', async () => {
  const [email, message] = [`${mark('file')}@private.example`, mark('said')];
  const { lead } = await captured(journey, form, { email, message });
  const started = good(await journey.admin<{ id: string }>(`POST /api/people/${lead.personId}/data`));
  expect(started.status).toBe(202);
  await journey.control.settle();
  const { url, name } = good(
    await journey.admin<{ url: string; name: string }>(`GET /api/jobs/${started.body.id}/files/result`),
  ).body;
  const file = await fetch(url);
  const text = await file.text();
  expect([name, JSON.parse(text).personId]).toEqual(['person.json', lead.personId]);
  for (const wanted of [email, message, lead.id]) expect(text).toContain(wanted);
  expect((await journey.seller(`POST /api/people/${lead.personId}/data`)).status).toBe(403);
});
