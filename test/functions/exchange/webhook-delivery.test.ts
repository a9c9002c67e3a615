import { describe, expect, test } from 'vitest';
import { deliveryOf, isHopeless, nextTry, tried, type Try } from '#functions/exchange/webhook-delivery.ts';
import { addTo, epochOf } from '#shared/time.ts';
import { anEvent } from '#test/support/event.ts';

const now = '2026-11-23T10:00:00.000Z';
const secondsTo = (at: string | undefined): number | undefined =>
  at === undefined ? undefined : (epochOf(at) - epochOf(now)) / 1000;
const pause = (failures: number, retryAfter?: string, random = 0) =>
  secondsTo(nextTry(failures, { now, retryAfter, random }));

describe('R64 when a delivery is tried again', () => {
  test('after pauses that grow to a day, ten tries in all over more than three days', () => {
    const pauses = Array.from({ length: 10 }, (_, at) => pause(at + 1));
    expect(pauses).toEqual([5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400, undefined]);
    const whole = pauses.reduce<number>((sum, one) => sum + (one ?? 0), 0);
    expect(isHopeless(now, addTo(now, { seconds: whole }))).toBe(true);
  });

  test('a little later by chance, never earlier', () => {
    expect([pause(2, undefined, 0.5), pause(2, undefined, 1)]).toEqual([315, 330]);
  });

  test.each([
    ['7200', 7200],
    ['1', 300],
    ['999999999', 86_400],
    ['Mon, 23 Nov 2026 12:00:00 GMT', 7200],
    ['Mon, 23 Nov 2020 12:00:00 GMT', 300],
    ['soon', 300],
    ['-5', 300],
  ])('Retry-After %s makes %d seconds of five minutes', (retryAfter, seconds) => {
    expect(pause(2, retryAfter)).toBe(seconds);
  });
});

describe('R64 what is sent', () => {
  const payload = (change: Parameters<typeof anEvent>[2]) =>
    deliveryOf(anEvent('deal_1', 3, change), { webhookId: 'webhook_1', link: 'https://x/api/deals/deal_1', now });

  test('is thin: who by number, and values of changes only as far as they fit into 20 kB', () => {
    const small = payload({
      by: { kind: 'user', id: 'user_1', name: 'Анна' },
      changes: [{ field: 'stage', from: 'a', to: 'b' }],
    });
    expect(JSON.parse(small.payload)).toMatchObject({
      data: { by: { kind: 'user', id: 'user_1' }, changes: [{ field: 'stage', from: 'a', to: 'b' }] },
    });
    expect(small.payload).not.toContain('Анна');
    const large = payload({
      changes: [
        { field: 'lines', from: 'ж'.repeat(20_000), to: 'x' },
        { field: 'name', personal: true },
      ],
    });
    expect(JSON.parse(large.payload)).toMatchObject({
      data: { changes: [{ field: 'lines' }, { field: 'name', personal: true }] },
    });
    const huge = payload({
      data: { text: 'x'.repeat(30_000) },
      changes: Array.from({ length: 3000 }, (_, at) => ({ field: `field${at}` })),
    });
    for (const { payload: text } of [small, large, huge]) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(20_000);
  });

  test('has one delivery for each webhook and event, however often it is heard', () => {
    const ids = ['webhook_1', 'webhook_2', 'webhook_1'].map(
      (webhookId) => deliveryOf(anEvent('deal_1', 3), { webhookId, link: undefined, now }).id,
    );
    expect([ids[0] === ids[2], ids[0] === ids[1]]).toEqual([true, false]);
  });

  test('forgets the oldest of very many tries, and its failures once it arrived', () => {
    const one: Try = { at: now, ms: 1, status: 500, answer: '' };
    const delivery = payload({});
    for (let at = 0; at < 40; at += 1) Object.assign(delivery, tried(delivery, { ...one, ms: at }, now));
    expect([delivery.tries.length, delivery.tries.at(-1)?.ms, delivery.failures]).toEqual([30, 39, 40]);
    expect(tried(delivery, one, undefined)).toMatchObject({ state: 'failed', dueAt: undefined, failedAt: now });
    expect(tried(delivery, { ...one, status: 202 }, now)).toMatchObject({ state: 'delivered', dueAt: undefined });
  });
});
