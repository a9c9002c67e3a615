import { createHmac, timingSafeEqual } from 'node:crypto';

const TOLERANCE = 300;

/** The three headers of Standard Webhooks 1.0.0 (standardwebhooks.com), names in lower case. */
export type WebhookHeaders = { 'webhook-id': string; 'webhook-timestamp': string; 'webhook-signature': string };

type WebhookError = 'missing-header' | 'stale' | 'bad-signature';
export type Verified = { ok: true; id: string } | { ok: false; error: WebhookError; message: string };

// The package `standardwebhooks` reads the machine's clock and turns the body into text first; both are arguments here.
function mac(secret: string, id: string, timestamp: string, body: Uint8Array | string): Buffer {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  if (key.length < 16) throw new RangeError('A webhook secret is "whsec_" and at least 16 bytes in base64');
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
}

/**
 * The headers of a signed message. Several secrets give several signatures, so a receiver may change over in his own
 * time. `now` is epoch milliseconds; `id` stays the same when a message is sent again.
 */
export function signWebhook(
  secrets: readonly string[],
  { id, body, now }: { id: string; body: Uint8Array | string; now: number },
): WebhookHeaders {
  if (secrets.length === 0) throw new RangeError('A webhook needs at least one secret to be signed with');
  const timestamp = String(Math.floor(now / 1000));
  const signatures = secrets.map((secret) => `v1,${mac(secret, id, timestamp, body).toString('base64')}`);
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

const refuse = (error: WebhookError, message: string): Verified => ({ ok: false, error, message });

/**
 * Checks a received message against every live secret. `body` is the bytes as received, before any parsing; header names
 * in any case; the timestamp may differ from `now` (epoch milliseconds) by five minutes. The caller still has to remember
 * `id`, for a message may come twice.
 */
export function verifyWebhook(
  secrets: readonly string[],
  {
    headers,
    body,
    now,
  }: { headers: Readonly<Record<string, string | undefined>>; body: Uint8Array | string; now: number },
): Verified {
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = lower;
  if (!id) return refuse('missing-header', 'The header webhook-id is missing.');
  if (!timestamp) return refuse('missing-header', 'The header webhook-timestamp is missing.');
  if (!signatures) return refuse('missing-header', 'The header webhook-signature is missing.');
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(Math.floor(now / 1000) - Number(timestamp)) > TOLERANCE) {
    return refuse(
      'stale',
      'webhook-timestamp must be the Unix time of sending in seconds, within five minutes of now.',
    );
  }
  const given = signatures
    .split(' ')
    .filter((signature) => signature.startsWith('v1,'))
    .map((signature) => Buffer.from(signature.slice(3), 'base64'));
  // Every pair is compared, so the time taken does not tell which secret fitted.
  const fits = secrets
    .map((secret) => mac(secret, id, timestamp, body))
    .flatMap((expected) => given.map((one) => one.length === expected.length && timingSafeEqual(one, expected)));
  if (fits.includes(true)) return { ok: true, id };
  return refuse('bad-signature', 'No v1 signature in webhook-signature fits the body and a secret of this source.');
}
