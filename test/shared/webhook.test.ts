import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { signWebhook, verifyWebhook } from '#shared/webhook.ts';

const secretOf = (fill: number): string => `whsec_${Buffer.alloc(24, fill).toString('base64')}`;
const [secret, next, other] = [secretOf(1), secretOf(2), secretOf(3)];
const now = Date.UTC(2026, 10, 23);
const body = Buffer.from('{"name":"Иван"}');
const signed = signWebhook([secret], { id: 'msg_1', body, now });
const verify = (change: Record<string, string | undefined>, at = now, bytes: Buffer = body, secrets = [secret]) =>
  verifyWebhook(secrets, { headers: { ...signed, ...change }, body: bytes, now: at });

describe('Standard Webhooks', () => {
  test('the signature is the one of the reference package, and each accepts the other', () => {
    const reference = new Webhook(secret);
    expect(signed['webhook-signature']).toBe(reference.sign('msg_1', new Date(now), body.toString()));
    const fresh = signWebhook([secret], { id: 'msg_2', body, now: Date.now() });
    expect(reference.verify(body, { ...fresh })).toEqual({ name: 'Иван' });
  });

  test('the worked example of the specification verifies', () => {
    const headers = {
      'Webhook-Id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'Webhook-Timestamp': '1614265330',
      'Webhook-Signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    };
    const example = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    expect(verifyWebhook([example], { headers, body: '{"test": 2432232314}', now: 1_614_265_330_000 })).toEqual({
      ok: true,
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    });
  });

  test.each([
    ['as sent', {}, now, true],
    ['five minutes late', {}, now + 300_000, true],
    ['five minutes early', {}, now - 300_000, true],
    ['among other signatures', { 'webhook-signature': `v1a,xx v1,AAAA ${signed['webhook-signature']}` }, now, true],
    ['later than that', {}, now + 301_000, 'stale'],
    ['earlier than that', {}, now - 301_000, 'stale'],
    ['with a time that is no number', { 'webhook-timestamp': '1e9' }, now, 'stale'],
    ['with another time', { 'webhook-timestamp': String(now / 1000 + 1) }, now, 'bad-signature'],
    ['with another id', { 'webhook-id': 'msg_2' }, now, 'bad-signature'],
    ['without an id', { 'webhook-id': undefined }, now, 'missing-header'],
    ['without a time', { 'webhook-timestamp': '' }, now, 'missing-header'],
    ['without a signature', { 'webhook-signature': undefined }, now, 'missing-header'],
    ['with an empty signature', { 'webhook-signature': 'v1,' }, now, 'bad-signature'],
    ['with rubbish', { 'webhook-signature': 'я v1,я v2,x' }, now, 'bad-signature'],
  ])('a message %s', (_name, change, at, expected) => {
    const result = verify(change, at);
    expect(result.ok ? true : result.error).toBe(expected);
  });

  test('another body or a body of other bytes is refused', () => {
    expect(verify({}, now, Buffer.from('{"name":"Иван" }'))).toMatchObject({ error: 'bad-signature' });
    const binary = Buffer.from([0xff, 0xfe, 0x00]);
    const headers = signWebhook([secret], { id: 'm', body: binary, now });
    expect(verifyWebhook([secret], { headers, body: binary, now }).ok).toBe(true);
    expect(verifyWebhook([secret], { headers, body: Buffer.from([0xfd, 0xfe, 0x00]), now }).ok).toBe(false);
  });

  test('old and new secret both count while they change over', () => {
    expect(verify({}, now, body, [next, secret]).ok).toBe(true);
    expect(verify({}, now, body, [next]).ok).toBe(false);
    expect(verify({}, now, body, []).ok).toBe(false);
    const both = signWebhook([secret, next], { id: 'm', body, now });
    expect(verifyWebhook([next], { headers: both, body, now }).ok).toBe(true);
    expect(verifyWebhook([other], { headers: both, body, now }).ok).toBe(false);
  });

  test('a secret that is too short is refused, not used', () => {
    expect(() => signWebhook(['whsec_'], { id: 'm', body, now })).toThrow(/at least 16 bytes/);
    expect(() => signWebhook([], { id: 'm', body, now })).toThrow(/at least one secret/);
  });
});
