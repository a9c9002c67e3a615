import { afterAll, beforeAll, expect, test } from 'vitest';
import type * as z from 'zod';
import type { Touch } from '#functions/reports/touch.ts';
import { good, openJourney, unique } from '#test/support/journey.ts';
import { captured, newForm, storyOf } from '#test/support/steps.ts';

type Touches = { items: z.input<typeof Touch>[]; firstContactAt?: string };
let journey: Awaited<ReturnType<typeof openJourney>>;
beforeAll(async () => {
  journey = await openJourney();
});
afterAll(() => journey.stop());

const newVisitor = (): string => unique('visitor-0123456789');
const headers = { 'content-type': 'text/plain;charset=UTF-8' };
const visit = (
  form: string,
  visitor: string,
  change: Record<string, unknown> = {},
  more: Record<string, string> = {},
) =>
  journey.visitor(`POST /public/forms/${form}/touches`, {
    headers: { ...headers, ...more },
    body: JSON.stringify({
      visitor,
      page: 'https://firm.example/pumps?email=anna@private.example',
      referrer: '',
      campaign: {},
      ...change,
    }),
  });
const touchesOf = async (personId: string): Promise<Touches> =>
  good(await journey.seller<Touches>(`GET /api/people/${personId}/touches`)).body;

test('R22 at the first contact the seller sees where somebody came from before he said who he is, the oldest first', async () => {
  const form = await newForm(journey, { track: true });
  await journey.inForce();
  const visitor = newVisitor();
  const campaign = { utm_source: 'yandex', utm_campaign: 'весна', yclid: '77' };
  expect((await visit(form, visitor, { campaign, referrer: 'https://yandex.ru/search?q=secret' })).status).toBe(204);
  await journey.control.advance('20m');
  expect((await visit(form, visitor, { page: 'https://firm.example/prices' })).status).toBe(204);
  await journey.control.advance('5m');
  const body = { name: 'Анна', email: `${unique('a')}@client.example`, utm_source: 'mail', _visitor: visitor };
  const { lead, version } = await captured(journey, form, body);
  const { items, firstContactAt } = await touchesOf(lead.personId);
  expect(items.map(({ kind }) => kind)).toEqual(['visit', 'visit', 'request', 'letter']);
  expect(items[0]).toMatchObject({
    channel: form,
    campaign,
    page: 'https://firm.example/pumps',
    referrer: 'https://yandex.ru/search',
  });
  expect(items[2]).toMatchObject({ channel: form, campaign: { utm_source: 'mail' } });
  expect(items[3]).toMatchObject({ purpose: 'welcome' });
  expect(items.map(({ at }) => at)).toEqual(items.map(({ at }) => at).toSorted());
  expect(firstContactAt).toBeUndefined();
  const { chain } = await storyOf(journey.seller, lead.personId);
  expect(chain.slice(0, 2).map(({ entity }) => entity)).toEqual(['visit', 'visit']);
  // What comes after the first talk is no longer what led to it.
  good(await journey.seller(`POST /api/leads/${lead.id}/contact`, { ifMatch: version, body: { how: 'call' } }));
  await journey.control.advance('5m');
  await visit(form, visitor);
  await journey.control.settle();
  const later = await touchesOf(lead.personId);
  expect(later.items).toEqual(items);
  expect(later.firstContactAt).toMatch(/Z$/);
});

test('R22 visits of another day join the person of an earlier request, and visitors are not mixed up', async () => {
  const form = await newForm(journey, { track: true, welcome: undefined });
  await journey.inForce();
  const [one, other] = [newVisitor(), newVisitor()];
  await visit(form, one, { page: 'https://firm.example/one' });
  await visit(form, other, { page: 'https://firm.example/other' });
  const email = `${unique('b')}@client.example`;
  const { lead } = await captured(journey, form, { email });
  expect((await touchesOf(lead.personId)).items.map(({ kind }) => kind)).toEqual(['request']);
  await captured(journey, form, { email, message: 'Ещё раз', _visitor: one });
  const pages = (await touchesOf(lead.personId)).items.flatMap(({ page }) => page ?? []);
  expect(pages).toEqual(['https://firm.example/one']);
});

test('R22 nothing is kept of visitors where the form does not allow it, nor from pages that may not embed it', async () => {
  const quiet = await newForm(journey, { welcome: undefined });
  const open = await newForm(journey, { track: true, allowedOrigins: ['https://firm.example'] });
  await journey.inForce();
  const visitor = newVisitor();
  expect((await visit(quiet, visitor)).status).toBe(409);
  expect((await visit('no-such-form', visitor)).status).toBe(404);
  expect((await visit(open, visitor, {}, { origin: 'https://evil.example' })).status).toBe(403);
  const allowed = await visit(open, visitor, {}, { origin: 'https://firm.example' });
  expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([204, 'https://firm.example']);
  const { lead } = await captured(journey, quiet, { email: `${unique('q')}@client.example`, _visitor: visitor });
  expect((await touchesOf(lead.personId)).items.map(({ kind }) => kind)).toEqual(['request']);
});

test('R22 what is no visit is refused with what is wrong, and too many are too many', async () => {
  const form = await newForm(journey, { track: true, limitPerMinute: 8 });
  await journey.inForce();
  for (const change of [{ visitor: 'short' }, { visitor: undefined }, { campaign: { other: 'x' } }, { page: 1 }])
    expect([change, (await visit(form, newVisitor(), change)).status]).toEqual([change, 400]);
  const many = await Promise.all(Array.from({ length: 20 }, () => visit(form, newVisitor())));
  expect(many.some(({ status }) => status === 429)).toBe(true);
});
