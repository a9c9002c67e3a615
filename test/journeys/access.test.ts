import { createHmac, generateKeyPairSync } from 'node:crypto';
import { SignJWT, type JWTPayload } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULTS } from '#functions/auth/rights.ts';
import { Role } from '#shared/user.ts';
import { openJourney } from '#test/support/journey.ts';
import { operationsOf, type Document, type Operation } from '#test/support/openapi-request.ts';
import { personAt } from '#local/person.ts';

let journey: Awaited<ReturnType<typeof openJourney>>;
let signed: Operation[];

beforeAll(async () => {
  journey = await openJourney();
  const { body } = await journey.visitor<Document>('GET /api/openapi.json');
  signed = operationsOf(body).filter(({ right }) => right !== undefined);
  for (const role of Role.options) {
    const body = { name: role, email: `${role}@roles.example`, roles: [role], locale: 'en', zone: 'Europe/Moscow' };
    expect((await journey.admin('POST /api/users', { body })).status).toBe(201);
  }
});
afterAll(() => journey.stop());

/** The operation on a record that is not there: whoever may, learns only that. */
const callOf = ({ method, path }: Operation): string => `${method} ${path.replaceAll(/\{\w+\}/g, 'nothing-here')}`;
const anyBody = ({ method }: Operation): { body?: unknown } => (method === 'GET' ? {} : { body: {} });

describe('who may what', () => {
  test('every operation needs a token', async () => {
    expect(signed.length).toBeGreaterThan(60);
    for (const operation of signed) {
      const { status, headers, body } = await journey.visitor(callOf(operation), anyBody(operation));
      expect([callOf(operation), status, body['code']]).toEqual([callOf(operation), 401, 'unauthorized']);
      expect(headers.get('www-authenticate')).toBe('Bearer');
    }
  });

  test.each(Role.options)(
    '%s is refused with 403 exactly what the table of rights does not give that role',
    async (role) => {
      const person = personAt(journey.url, await journey.control.token({ email: `${role}@roles.example` }));
      for (const operation of signed) {
        // The starter set would be loaded again, which is harmless but long.
        const got = await person(callOf(operation), anyBody(operation));
        const may = role in (DEFAULTS.rights[operation.right ?? ''] ?? {});
        expect(`${callOf(operation)} ${got.status === 403}`).toBe(`${callOf(operation)} ${!may}`);
        if (got.status === 403)
          expect(got.body).toMatchObject({
            code: 'forbidden',
            detail: expect.stringContaining(operation.right ?? '?'),
          });
      }
    },
  );

  test('a guarded field is shown to the roles of its field right and to nobody else', async () => {
    const [product] = (await journey.admin<{ items: { id: string }[] }>('GET /api/products?category=pumps')).body.items;
    for (const role of Role.options) {
      const person = personAt(journey.url, await journey.control.token({ email: `${role}@roles.example` }));
      const { body } = await person(`GET /api/products/${product?.id}`);
      expect([role, 'cost' in body]).toEqual([role, !['seller', 'marketer'].includes(role)]);
    }
  });
});

const SAMPLE = ['GET /api/me', 'POST /api/products', 'GET /api/leads', 'PUT /api/settings/channels/site'];
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const plain = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Tokens that look right and are not. */
async function forged(): Promise<Record<string, string>> {
  const good = await journey.control.token({ role: 'admin' });
  const [head = '', claims = '', seal = ''] = good.split('.');
  const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as { alg: string; kid: string };
  const payload = JSON.parse(Buffer.from(claims, 'base64url').toString()) as JWTPayload;
  const jwks = await (await fetch(`${journey.url}/oidc/.well-known/jwks.json`)).text();
  const sign = (change: JWTPayload, protectedHeader: object = {}) =>
    new SignJWT({ ...payload, ...change }).setProtectedHeader({ ...header, ...protectedHeader }).sign(other.privateKey);
  const shared = (text: string): string => createHmac('sha256', jwks).update(text).digest('base64url');
  const swapped = `${plain({ ...header, alg: 'HS256' })}.${claims}`;
  return {
    'no algorithm': `${plain({ ...header, alg: 'none' })}.${claims}.`,
    'no algorithm, oddly written': `${plain({ ...header, alg: 'nOnE' })}.${claims}.x`,
    'no seal': `${head}.${claims}.`,
    'another text under a good seal': `${head}.${plain({ ...payload, sub: 'somebody' })}.${seal}`,
    'the public key as a shared secret': `${swapped}.${shared(swapped)}`,
    'a key of his own': await sign({}),
    'a key of his own in the header': await sign({}, { jwk: other.publicKey.export({ format: 'jwk' }) }),
    'a key named by a path': await sign({}, { kid: '../../../../dev/null' }),
    'a key named by an address': await sign({}, { jku: 'https://evil.example/jwks.json' }),
    'a critical extension': await sign({}, { kid: 'x', typ: 'JWT' }),
    'no token at all': 'undefined',
    'three dots': '..',
    'a very long one': `${head}.${'a'.repeat(6000)}.${seal}`,
  };
}

/** Tokens the issuer did sign, for another purpose. */
async function misused(): Promise<Record<string, string>> {
  const answer = await fetch(`${journey.url}/oidc/.well-known/openid-configuration`);
  const { token_endpoint: tokens, authorization_endpoint: authorize } = (await answer.json()) as Record<string, string>;
  const { sub } = JSON.parse(
    Buffer.from((await journey.control.token({ role: 'admin' })).split('.')[1] ?? '', 'base64url').toString(),
  ) as { sub: string };
  const verifier = 'v'.repeat(64);
  const challenge = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(verifier))).toString('base64url');
  const redirect = `${journey.url}/`;
  const asked = {
    response_type: 'code',
    client_id: 'local-console',
    redirect_uri: redirect,
    scope: 'openid email',
    state: 's',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    sub,
  };
  const chosen = await fetch(authorize ?? '', {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(asked),
  });
  const code = new URL(chosen.headers.get('location') ?? redirect).searchParams.get('code') ?? '';
  const got = await fetch(tokens ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: 'local-console',
      redirect_uri: redirect,
      code,
      code_verifier: verifier,
    }),
  });
  const { id_token: idToken = '', refresh_token: refresh = '' } = (await got.json()) as Record<string, string>;
  return { 'an id token': idToken, 'a refresh token': refresh };
}

describe('what is taken for a token', () => {
  test('the real one opens the door, so that what follows means something', async () => {
    expect((await journey.admin('GET /api/me')).status).toBe(200);
  });

  test('no forged token opens any door', async () => {
    for (const [name, token] of Object.entries(await forged())) {
      for (const call of SAMPLE) {
        const { status } = await personAt(journey.url, token)(call, call.startsWith('GET') ? {} : { body: {} });
        expect([name, call, status]).toEqual([name, call, 401]);
      }
    }
  });

  test('a token of the issuer for another use opens none either', async () => {
    const tokens = await misused();
    expect(tokens['an id token']).toMatch(/^ey/);
    for (const [name, token] of Object.entries(tokens)) {
      const { status, body } = await personAt(journey.url, token)('GET /api/me');
      expect([name, status, body['code']]).toEqual([name, 401, 'unauthorized']);
    }
  });

  test('a token that has run out opens none, and a new one does', async () => {
    const token = await journey.control.token({ role: 'admin' });
    await journey.control.advance('61m');
    expect((await personAt(journey.url, token)('GET /api/me')).status).toBe(401);
    expect((await journey.admin('GET /api/me')).status).toBe(200);
  });
});
