import { Webhook as Reference } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type * as z from 'zod';
import type { DeliveryView } from '#functions/exchange/webhook-delivery.ts';
import type { WebhookMade } from '#functions/exchange/webhook.ts';
import { verifyWebhook } from '#shared/webhook.ts';
import { ADMIN, good, openJourney, unique } from '#test/support/journey.ts';
import { AUTHORITY, openReceiver, type Received, type Receiver } from '#test/support/receiver.ts';
import { captured, newForm } from '#test/support/steps.ts';

type Webhook = z.input<typeof WebhookMade>;
type Delivery = z.input<typeof DeliveryView>;
type Payload = {
  type: string;
  timestamp: string;
  data: { id: string; record: { entity: string; id: string; version: number; link: string }; changes: unknown[] };
};

let journey: Awaited<ReturnType<typeof openJourney>>;
let receiver: Receiver;
let form: string;
beforeAll(async () => {
  receiver = await openReceiver();
  const environment = { OUTBOUND_NETWORKS: '127.0.0.0/8', OUTBOUND_AUTHORITY: AUTHORITY };
  journey = await openJourney({ environment });
  form = await newForm(journey, { welcome: undefined });
});
afterEach(async () => {
  receiver.says(() => ({}));
  receiver.received.length = 0;
  const { items } = good(await journey.admin<{ items: Webhook[] }>('GET /api/webhooks')).body;
  for (const { id, version, state } of items)
    if (state === 'active') good(await journey.admin(`POST /api/webhooks/${id}/disable`, { ifMatch: version }));
});
afterAll(async () => {
  await journey.stop();
  await receiver.stop();
});

/** A webhook to a path of its own at the receiver; it is in force everywhere when this answers. */
async function newWebhook(types: '*' | string[]) {
  const path = `/${unique('hook')}`;
  const body = { url: `https://localhost:${receiver.port}${path}`, types, description: path };
  const made = good(await journey.admin<Webhook>('POST /api/webhooks', { body }));
  await journey.inForce();
  return { ...made.body, path, version: made.version ?? 0 };
}
const at = (path: string): Received[] => receiver.received.filter((one) => one.path === path);
const payloadOf = ({ body }: Received): Payload => JSON.parse(body.toString()) as Payload;
/** What is due at some time is sent within the next minute. */
const later = async (span: string): Promise<void> => {
  await journey.control.advance(span);
  await journey.control.advance('2m');
};
const capture = () => captured(journey, form, { name: 'Ольга', email: `${unique('o')}@client.example` });
const deliveriesOf = async (id: string, query = ''): Promise<Delivery[]> =>
  good(await journey.admin<{ items: Delivery[] }>(`GET /api/webhooks/${id}/deliveries?limit=100${query}`)).body.items;
const webhookOf = async (id: string) => good(await journey.admin<Webhook>(`GET /api/webhooks/${id}`));

describe('R64 webhooks', () => {
  test('R64 each event of a chosen type arrives once, signed by the standard, thin and without personal values', async () => {
    const { id, path, secret = '' } = await newWebhook(['lead.*']);
    const { lead } = await capture();
    await journey.control.settle();
    const [one, ...more] = at(path);
    expect(more).toEqual([]);
    if (!one) throw new Error('nothing arrived');
    // The package of the standard itself takes it, but for the clock, which is moved here.
    const now = Number(one.headers['webhook-timestamp']) * 1000;
    const headers = one.headers as Record<string, string>;
    expect(verifyWebhook([secret], { headers, body: one.body, now })).toMatchObject({ ok: true });
    const [signed] = [new Reference(secret).sign(String(headers['webhook-id']), new Date(now), one.body.toString())];
    expect(headers['webhook-signature']).toBe(signed);
    const told = payloadOf(one);
    expect(told).toMatchObject({
      type: 'lead.captured',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      data: { record: { entity: 'lead', id: lead.id, version: 1, link: `${journey.url}/api/leads/${lead.id}` } },
    });
    expect((await journey.seller(`GET ${new URL(told.data.record.link).pathname}`)).status).toBe(200);
    for (const secretText of ['Ольга', '@client.example']) expect(one.body.toString()).not.toContain(secretText);
    const [delivery] = await deliveriesOf(id);
    expect(delivery).toMatchObject({ state: 'delivered', eventId: told.data.id, eventType: 'lead.captured' });
    expect(delivery?.tries).toEqual([expect.objectContaining({ status: 200, answer: 'ok', ms: expect.any(Number) })]);
    expect(delivery?.id).toBe(headers['webhook-id']);
  });

  test('R64 a webhook of everything hears of everything but of its own deliveries, and none hears what it did not choose', async () => {
    const all = await newWebhook('*');
    const some = await newWebhook(['deal.won']);
    await capture();
    await journey.control.settle();
    const types = at(all.path).map((one) => payloadOf(one).type);
    expect(types).toEqual(expect.arrayContaining(['intake.received', 'lead.captured', 'person.created']));
    expect(types.some((type) => type.startsWith('delivery.'))).toBe(false);
    expect(new Set(at(all.path).map((one) => payloadOf(one).data.id)).size).toBe(types.length);
    expect(at(some.path)).toEqual([]);
  });

  test('R64 a receiver that fails is asked again after growing pauses, always under the same id, and each try is listed', async () => {
    const { id, path } = await newWebhook(['lead.captured']);
    receiver.says(() => ({ status: 500, body: `Ошибка ${'x'.repeat(5000)}` }));
    await capture();
    await journey.control.settle();
    // At once and after five seconds.
    expect(at(path)).toHaveLength(2);
    await journey.control.advance('4m');
    expect(at(path)).toHaveLength(2);
    await later('3m');
    expect(at(path)).toHaveLength(3);
    receiver.says(() => ({ status: 503, headers: { 'retry-after': '7200' }, body: 'later' }));
    await later('40m');
    expect(at(path)).toHaveLength(4);
    const [waiting] = await deliveriesOf(id, '&state=waiting');
    expect(waiting?.tries.map(({ status }) => status)).toEqual([500, 500, 500, 503]);
    expect(waiting?.tries[0]?.answer.length).toBeLessThanOrEqual(1024);
    expect(Date.parse(waiting?.dueAt ?? '') - Date.parse(waiting?.tries.at(-1)?.at ?? '')).toBeGreaterThanOrEqual(
      7_200_000,
    );
    expect(new Set(at(path).map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    receiver.says(() => ({ status: 204, body: '' }));
    await later('3h');
    expect(at(path)).toHaveLength(5);
    expect(await deliveriesOf(id, '&state=waiting')).toEqual([]);
    const [delivered] = await deliveriesOf(id, '&state=delivered');
    expect(delivered).toMatchObject({ state: 'delivered', tries: { length: 5 } });
    expect((await webhookOf(id)).body.state).toBe('active');
  });

  test('R64 a receiver that is silent for three days is disabled, its maker is told by letter, and a replay brings what it missed', async () => {
    const { id, path } = await newWebhook(['lead.captured']);
    receiver.says(() => ({ status: 502 }));
    const first = await capture();
    await journey.control.advance('4d');
    const disabled = await webhookOf(id);
    expect(disabled.body).toMatchObject({ state: 'disabled', reason: 'silent', disabledAt: expect.any(String) });
    const letters = await journey.mail(ADMIN, path);
    expect(letters).toHaveLength(1);
    expect(letters[0]?.text).toContain(path);
    const tries = at(path).length;
    const missed = await capture();
    await journey.control.advance('1d');
    expect(at(path)).toHaveLength(tries);
    expect(
      (await journey.admin(`POST /api/webhooks/${id}/replay`, { body: { since: disabled.body.createdAt } })).status,
    ).toBe(409);
    receiver.says(() => ({}));
    receiver.received.length = 0;
    good(await journey.admin(`POST /api/webhooks/${id}/enable`, { ifMatch: disabled.version }));
    const job = good(
      await journey.admin<{ id: string }>(`POST /api/webhooks/${id}/replay`, {
        body: { since: disabled.body.createdAt },
      }),
    );
    await journey.control.settle();
    await journey.control.advance('2m');
    expect((await journey.admin(`GET /api/jobs/${job.body.id}`)).body).toMatchObject({ state: 'done', done: 2 });
    expect(
      at(path)
        .map((one) => payloadOf(one).data.record.id)
        .toSorted(),
    ).toEqual([first.lead.id, missed.lead.id].toSorted());
  });

  test('R64 a receiver that says it is gone is disabled at once', async () => {
    const { id, path } = await newWebhook(['lead.captured']);
    receiver.says(() => ({ status: 410 }));
    await capture();
    await journey.control.settle();
    expect((await webhookOf(id)).body).toMatchObject({ state: 'disabled', reason: 'gone' });
    expect(await journey.mail(ADMIN, path)).toHaveLength(1);
  });

  test('R64 a delivery is sent again when somebody asks, under its id, and a test message at once', async () => {
    const { id, path, secret = '' } = await newWebhook(['lead.captured']);
    const test = good(await journey.admin<Delivery>(`POST /api/webhooks/${id}/test`));
    await journey.control.settle();
    expect(at(path).map((one) => payloadOf(one).type)).toEqual(['webhook.test']);
    expect((await journey.admin<Delivery>(`GET /api/deliveries/${test.body.id}`)).body.state).toBe('delivered');
    await capture();
    await journey.control.settle();
    const [delivery] = await deliveriesOf(id);
    good(await journey.admin(`POST /api/deliveries/${delivery?.id}/replay`));
    await journey.control.settle();
    const sent = at(path).filter((one) => payloadOf(one).type === 'lead.captured');
    expect(new Set(sent.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([delivery?.id]));
    expect(sent).toHaveLength(2);
    expect(sent[0]?.body).toEqual(sent[1]?.body);
    expect(secret).toMatch(/^whsec_/);
  });

  test('R64 a new secret signs at once, the old one beside it for a day; neither is ever shown again', async () => {
    const made = await newWebhook(['lead.captured']);
    const rotated = good(
      await journey.admin<Webhook>(`POST /api/webhooks/${made.id}/rotate-secret`, { ifMatch: made.version }),
    );
    const [old = '', fresh = ''] = [made.secret, rotated.body.secret];
    expect(fresh).not.toBe(old);
    const verified = async (secret: string) => {
      receiver.received.length = 0;
      await capture();
      await journey.control.settle();
      const [one] = at(made.path);
      if (!one) throw new Error('nothing arrived');
      const headers = one.headers as Record<string, string>;
      return verifyWebhook([secret], { headers, body: one.body, now: Number(headers['webhook-timestamp']) * 1000 }).ok;
    };
    expect([await verified(old), await verified(fresh)]).toEqual([true, true]);
    await journey.control.advance('25h');
    expect([await verified(old), await verified(fresh)]).toEqual([false, true]);
    const shown = JSON.stringify([(await webhookOf(made.id)).body, (await journey.admin('GET /api/webhooks')).body]);
    expect(shown).not.toContain('whsec_');
  });

  test('R64 making one twice under one key makes one, and shows its secret once', async () => {
    const body = { url: 'https://firm.example/hook', types: ['deal.won'] };
    const key = unique('key');
    const [one, two] = [
      await journey.admin<Webhook>('POST /api/webhooks', { body, key }),
      await journey.admin<Webhook>('POST /api/webhooks', { body, key }),
    ];
    expect([one.status, two.status, one.body.id]).toEqual([201, 201, two.body.id]);
    expect([one.body.secret?.slice(0, 6), two.body.secret]).toEqual(['whsec_', undefined]);
  });

  test('R64 redirects are answers that are not followed', async () => {
    const [moved, inside] = [await newWebhook(['lead.captured']), `/${unique('inside')}`];
    const location = `https://localhost:${receiver.port}${inside}`;
    receiver.says(({ path }) => (path === moved.path ? { status: 302, headers: { location } } : {}));
    await capture();
    await journey.control.settle();
    expect([at(moved.path).length > 0, at(inside)]).toEqual([true, []]);
    const [redirected] = await deliveriesOf(moved.id);
    expect(redirected).toMatchObject({ state: 'waiting' });
    expect(redirected?.tries[0]).toMatchObject({ status: 302, error: expect.stringContaining('redirects') });
  });
});

describe('R64 what may be a webhook', () => {
  test.each([
    ['http://firm.example/', '/body/url'],
    ['https://user:secret@firm.example/', '/body/url'],
    ['https://169.254.169.254/latest/meta-data/', '/body/url'],
    ['https://2852039166/', '/body/url'],
    ['https://0xA9.0xFE.0xA9.0xFE/', '/body/url'],
    ['https://[::ffff:169.254.169.254]/', '/body/url'],
    ['https://10.0.0.1/', '/body/url'],
    ['https://firm.example:25/', '/body/url'],
    ['not an address', '/body/url'],
  ])('R64 %s is refused when it is typed', async (url, pointer) => {
    const { status, body } = await journey.admin<{ errors: { pointer: string }[] }>('POST /api/webhooks', {
      body: { url, types: '*' },
    });
    expect([status, body.errors.map((one) => one.pointer)]).toEqual([400, [pointer]]);
  });

  test('R64 types that no event has are refused by name, and sellers may not see or make any', async () => {
    const url = 'https://firm.example/hook';
    const wrong = await journey.admin<{ errors: { pointer: string; detail: string }[] }>('POST /api/webhooks', {
      body: { url, types: ['deal.won', 'deal.wonn', 'nothing.*', 'delivery.asked'] },
    });
    expect(wrong.body.errors.map(({ pointer }) => pointer)).toEqual([
      '/body/types/1',
      '/body/types/2',
      '/body/types/3',
    ]);
    expect((await journey.admin('POST /api/webhooks', { body: { url, types: [] } })).status).toBe(400);
    expect((await journey.seller('POST /api/webhooks', { body: { url, types: '*' } })).status).toBe(403);
    expect((await journey.seller('GET /api/webhooks')).status).toBe(403);
  });

  test('R64 a stale change is refused, and one that was made is in force', async () => {
    const { id, version } = await newWebhook(['deal.won']);
    const body = { url: 'https://firm.example/other', types: ['deal.moved'] };
    expect((await journey.admin(`PUT /api/webhooks/${id}`, { body })).status).toBe(428);
    expect((await journey.admin(`PUT /api/webhooks/${id}`, { body, ifMatch: version + 1 })).status).toBe(412);
    expect(
      good(await journey.admin<Webhook>(`PUT /api/webhooks/${id}`, { body, ifMatch: version })).body.types,
    ).toEqual(['deal.moved']);
  });
});
