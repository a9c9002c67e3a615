import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { UserAdded } from '#functions/auth/account.ts';
import { doorkeeper } from '#functions/auth/doorkeeper.ts';
import { identities, ownerOf, users } from '#functions/auth/store.ts';
import { commit, run } from '#shared/command.ts';
import type { Refusal } from '#shared/errors.ts';
import { asEvent, events } from '#shared/events.ts';
import { newId } from '#shared/id.ts';
import { list, need } from '#shared/table/read.ts';
import { transact } from '#shared/table/transact.ts';
import { putItem } from '#shared/table/write.ts';
import { systemNow } from '#shared/time.ts';
import { context, NOW } from '#test/support/note.ts';
import { freshTable } from '#test/support/table.ts';

const CLIENT = 'console';
let server: Server;
let url: string;
let key: CryptoKey;
/** What the issuer says of whom, and how often it was asked. */
const people = new Map<string, { email?: string; email_verified?: unknown; sub?: string }>();
const asked: string[] = [];

beforeAll(async () => {
  await freshTable();
  const pair = await generateKeyPair('RS256');
  key = pair.privateKey;
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'RS256' };
  server = createServer((request, response) => {
    const answers: Record<string, () => unknown> = {
      '/.well-known/openid-configuration': () => ({
        issuer: url,
        jwks_uri: `${url}/keys`,
        userinfo_endpoint: `${url}/me`,
      }),
      '/keys': () => ({ keys: [jwk] }),
      '/me': () => {
        const [, payload = ''] = (request.headers.authorization ?? '').split('.');
        const { sub } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: string };
        asked.push(sub);
        return { sub, ...people.get(sub) };
      },
    };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answers[request.url ?? '']?.() ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
afterEach(() => vi.useRealTimers());

const door = doorkeeper(() => ({ issuer: url, clientId: CLIENT, adminEmail: 'Boss@Firm.example' }));
type Claims = { sub: string; key?: CryptoKey; more?: Record<string, unknown> };
const tokenOf = async ({ sub, key: by = key, more = { client_id: CLIENT } }: Claims) =>
  new SignJWT({ token_use: 'access', ...more })
    .setProtectedHeader({ alg: 'RS256', kid: 'one' })
    .setIssuer(url)
    .setSubject(sub)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(by);
const enter = (token: string, scheme = 'Bearer') =>
  door.authenticate((name) => (name === 'authorization' ? `${scheme} ${token}` : undefined));
const enters = async (sub: string, email?: string, verified: unknown = true) => {
  people.set(sub, { ...(email !== undefined && { email }), email_verified: verified });
  return enter(await tokenOf({ sub }));
};
const why = async (entering: Promise<unknown>) => {
  const error = (await entering.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )) as Refusal | undefined;
  return error && [error.status, error.values['why']];
};
async function aUser(email: string, active = true): Promise<string> {
  const id = newId('user', systemNow());
  const write = users.create({
    id,
    version: 1,
    name: email,
    email,
    roles: ['seller'],
    locale: 'en',
    zone: 'UTC',
    active,
    createdAt: NOW,
  });
  const login = identities.create({ kind: 'login', value: email, owner: id, at: NOW });
  await run(
    commit(async () => ({ writes: [write, login], events: [UserAdded.of(write, {})] })),
    context(),
  );
  return id;
}
const eventsOf = async (recordId: string) =>
  (await list(events, 'item', { recordId }, { consistent: true })).items.map(asEvent).map(({ type }) => type);

describe('a first sign-in', () => {
  it('is bound to the user with its verified e-mail, in whatever letters', async () => {
    const id = await aUser('anna@firm.example');
    expect(await enters('sub-anna', 'Anna@FIRM.example')).toMatchObject({ id, roles: ['seller'] });
    expect(await eventsOf(id)).toEqual(['user.added', 'user.bound']);
  });

  it('with the admin’s e-mail makes the admin, once', async () => {
    const admin = await enters('sub-boss', 'boss@firm.example');
    expect(admin).toMatchObject({ roles: ['admin'], email: 'boss@firm.example' });
    // Another sign-in of the same person, e.g. after the issuer was changed.
    expect(await enters('sub-boss-2', 'boss@firm.example')).toMatchObject({ id: admin.id });
    expect(await eventsOf(admin.id)).toEqual(['user.added', 'user.bound']);
  });

  it.each([
    ['false', false],
    ['the text false', 'false'],
    ['nothing', undefined],
  ])('is refused when the e-mail is not verified: %s', async (_, verified) => {
    people.set('sub-eve', { email: 'boss@firm.example', email_verified: verified });
    const refused = await why(enter(await tokenOf({ sub: 'sub-eve' })));
    expect(refused).toEqual([401, 'the e-mail of this sign-in is not verified']);
  });

  it('takes the word true as Cognito writes it', async () => {
    const id = await aUser('text@firm.example');
    expect(await enters('sub-text', 'text@firm.example', 'true')).toMatchObject({ id });
  });

  it('is refused to whom nobody added, and leaves nothing', async () => {
    expect(await why(enters('sub-stranger', 'stranger@x.example'))).toEqual([
      401,
      'nobody here has the e-mail stranger@x.example: ask an admin to add you',
    ]);
    expect(await ownerOf('login', 'stranger@x.example')).toBeUndefined();
  });

  it('is refused where the issuer gives no e-mail, or speaks of somebody else', async () => {
    const says = 'the issuer does not say who this is: ask for the scopes openid and email';
    expect(await why(enters('sub-no-mail'))).toEqual([401, says]);
    people.set('sub-other', { email: 'boss@firm.example', email_verified: true, sub: 'sub-boss' });
    expect(await why(enter(await tokenOf({ sub: 'sub-other' })))).toEqual([401, says]);
  });

  it('is refused to a user who is switched off', async () => {
    await aUser('gone@firm.example', false);
    expect(await why(enters('sub-gone', 'gone@firm.example'))).toEqual([401, 'this user is switched off']);
  });

  it('of two requests at once is one', async () => {
    const id = await aUser('twice@firm.example');
    people.set('sub-twice', { email: 'twice@firm.example', email_verified: true });
    const token = await tokenOf({ sub: 'sub-twice' });
    const both = await Promise.all([enter(token), enter(token)]);
    expect(both.map((user) => user.id)).toEqual([id, id]);
    expect(await eventsOf(id)).toEqual(['user.added', 'user.bound']);
  });
});

it('makes one admin of the many requests a console begins with', async () => {
  const first = doorkeeper(() => ({ issuer: url, clientId: CLIENT, adminEmail: 'chief@firm.example' }));
  people.set('sub-chief', { email: 'chief@firm.example', email_verified: true });
  const token = `Bearer ${await tokenOf({ sub: 'sub-chief' })}`;
  const all = await Promise.all(Array.from({ length: 5 }, () => first.authenticate(() => token)));
  expect(new Set(all.map(({ id }) => id)).size).toBe(1);
  expect(await eventsOf(all[0]?.id ?? '')).toEqual(['user.added']);
});

describe('a known user', () => {
  it('is asked for at the issuer once, and read again after half a minute', async () => {
    const id = await aUser('known@firm.example');
    await enters('sub-known', 'known@firm.example');
    const account = await need(users, { id });
    await transact([putItem(users.save(account, { roles: ['head'] }).put)]);
    const token = await tokenOf({ sub: 'sub-known' });
    expect((await enter(token)).roles).toEqual(['seller']);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 });
    expect((await enter(token)).roles).toEqual(['head']);
    expect(asked.filter((sub) => sub === 'sub-known')).toHaveLength(1);
  });

  it('is kept out within half a minute after he was switched off', async () => {
    const id = await aUser('off@firm.example');
    await enters('sub-off', 'off@firm.example');
    await transact([putItem(users.save(await need(users, { id }), { active: false }).put)]);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 });
    expect(await why(enter(await tokenOf({ sub: 'sub-off' })))).toEqual([401, 'this user is switched off']);
  });
});

describe('a token', () => {
  it('is refused: one that somebody else signed, was changed, or is not signed at all', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const token = await tokenOf({ sub: 'sub-anna' });
    const [head = '', , seal = ''] = token.split('.');
    const text = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = text({ sub: 'sub-boss', iss: url, client_id: CLIENT, exp: 4_000_000_000 });
    for (const bad of [
      await tokenOf({ sub: 'sub-anna', key: privateKey }),
      `${head}.${claims}.${seal}`,
      `${text({ alg: 'none' })}.${claims}.AAAA`,
    ])
      expect((await why(enter(bad)))?.[0]).toBe(401);
  });

  it.each([
    ['nothing', '', ''],
    ['another scheme', 'Basic', 'a.b.c'],
    ['a word', 'Bearer', 'secret'],
  ])('is wanted: %s is none', async (_, scheme, token) => {
    expect(await why(enter(token, scheme))).toEqual([401, 'send Authorization: Bearer <token>']);
  });

  it('may name its client as audience, as other issuers do', async () => {
    const id = await aUser('aud@firm.example');
    people.set('sub-aud', { email: 'aud@firm.example', email_verified: true });
    const token = await tokenOf({ sub: 'sub-aud', more: { aud: ['other', CLIENT] } });
    expect(await enter(token)).toMatchObject({ id });
  });
});
