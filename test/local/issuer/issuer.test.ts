import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openIssuer, type Issuer } from '#local/issuer/issuer.ts';
import { handClock } from '#test/support/front.ts';

const client = {
  id: 'Web',
  type: 'AWS::Cognito::UserPoolClient',
  name: 'web',
  arn: 'arn:web',
  props: { CallbackURLs: ['https://crm.example/back'], LogoutURLs: ['https://crm.example/'] },
};
const anna = { sub: 'u1', email: 'anna@firm.example', name: 'Анна <b>"Главная"</b>', roles: ['head'] };
const boris = { sub: 'u2', email: 'boris@firm.example', name: 'Борис', roles: ['seller', 'marketer'] };
const db = new DatabaseSync(':memory:');
const clock = handClock('2026-11-23T10:00:00Z');
const users = [anna, boris];
let server: Server;
let issuer: Issuer;
let url: string;
const open = () => openIssuer({ url, resources: [client], db, clock, users: () => Promise.resolve(users) });
beforeAll(async () => {
  server = createServer((request, response) => {
    void issuer.handle(request, response).then((served) => served || response.writeHead(404).end('not mine'));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/oidc`;
  issuer = await open();
});
afterAll(() => void server.close());

const verifier = 'v'.repeat(43);
const request = (more: Record<string, string> = {}) => ({
  response_type: 'code',
  client_id: 'web',
  redirect_uri: 'https://crm.example/back',
  scope: 'openid email',
  state: 's&1',
  nonce: 'n1',
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  code_challenge_method: 'S256',
  ...more,
});
const ask = (query: Record<string, string>, language = 'en') =>
  fetch(`${url}/oauth2/authorize?${new URLSearchParams(query)}`, {
    redirect: 'manual',
    headers: { 'accept-language': language },
  });
const choose = (sub: string, more: Record<string, string> = {}) =>
  fetch(`${url}/oauth2/authorize`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ ...request(more), sub }),
  });
const codeFor = async (sub: string) =>
  new URL((await choose(sub)).headers.get('location') ?? '').searchParams.get('code') ?? '';
type Tokens = { access_token: string; id_token: string; refresh_token: string; expires_in: number; error: string };
const token = async (fields: Record<string, string>) => {
  const body = new URLSearchParams({ client_id: 'web', ...fields });
  const answer = await fetch(`${url}/oauth2/token`, { method: 'POST', body });
  return { status: answer.status, ...((await answer.json()) as Tokens) };
};
const exchange = (code: string, more: Record<string, string> = {}) =>
  token({
    grant_type: 'authorization_code',
    code,
    redirect_uri: request().redirect_uri,
    code_verifier: verifier,
    ...more,
  });
const verify = async (jwt: string) => {
  const { jwks_uri: keys } = (await (await fetch(`${url}/.well-known/openid-configuration`)).json()) as {
    jwks_uri: string;
  };
  const options = { issuer: url, currentDate: new Date(clock.now()) };
  return (await jwtVerify(jwt, createRemoteJWKSet(new URL(keys)), options)).payload;
};
const userInfo = (accessToken: string) =>
  fetch(`${url}/oauth2/userInfo`, { headers: { authorization: `Bearer ${accessToken}` } });

it('shows the users in the language of the reader, escaped, without script', async () => {
  const english = await (await ask(request())).text();
  expect(english).toContain('Who do you want to be?');
  expect(english).toContain('Анна &lt;b&gt;&quot;Главная&quot;&lt;/b&gt;');
  expect(english).toContain('name="state" value="s&amp;1"');
  expect(english).not.toMatch(/<b>"|<script/);
  expect(await (await ask(request(), 'ru-RU,ru;q=0.9')).text()).toContain('<html lang="ru">');
  expect(await (await ask(request({ ui_locales: 'ru' }))).text()).toContain('Кем вы хотите войти?');
});

it('goes back with a code for the chosen user, which gives tokens in Cognito’s shape', async () => {
  const location = new URL((await choose('u2')).headers.get('location') ?? '');
  expect([location.origin + location.pathname, location.searchParams.get('state')]).toEqual([
    'https://crm.example/back',
    's&1',
  ]);
  const issued = await exchange(location.searchParams.get('code') ?? '');
  const now = clock.now() / 1000;
  const times = { iat: now, exp: now + 3600, iss: url, sub: 'u2' };
  const access = await verify(issued.access_token);
  expect(access).toMatchObject({ ...times, token_use: 'access', client_id: 'web', scope: 'openid email' });
  expect(access.aud).toBeUndefined();
  const id = { token_use: 'id', aud: 'web', email: 'boris@firm.example', email_verified: true, nonce: 'n1' };
  expect(await verify(issued.id_token)).toMatchObject({ ...times, ...id });
  const info = await userInfo(issued.access_token);
  expect(await info.json()).toMatchObject({ sub: 'u2', email: 'boris@firm.example', email_verified: 'true' });
  expect((await userInfo(issued.id_token)).status).toBe(401);
});

it.each<[string, () => Promise<{ status: number; error: string }>]>([
  ['a code nobody got', () => exchange('x')],
  ['a code with another verifier', async () => exchange(await codeFor('u1'), { code_verifier: 'w'.repeat(43) })],
  ['a code for another address', async () => exchange(await codeFor('u1'), { redirect_uri: 'https://crm.example/' })],
  ['a code of another client', async () => exchange(await codeFor('u1'), { client_id: 'other' })],
  ['a refresh token nobody got', () => token({ grant_type: 'refresh_token', refresh_token: 'x' })],
])('refuses %s', async (_title, attempt) => {
  expect(await attempt()).toMatchObject({ status: 400, error: 'invalid_grant' });
});

it('takes a code once, and only for five minutes', async () => {
  const code = await codeFor('u1');
  expect((await exchange(code)).status).toBe(200);
  expect((await exchange(code)).status).toBe(400);
  const late = await codeFor('u1');
  clock.moveTo(clock.now() + 300_001);
  expect((await exchange(late)).status).toBe(400);
});

it.each([
  ['an address that is not the client’s', request({ redirect_uri: 'https://evil.example/back' })],
  ['an unknown client', request({ client_id: 'other' })],
])('never redirects to %s', async (_title, query) => {
  const answer = await ask(query);
  expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
});

it('asks for PKCE, chooses nobody by a mere link, and lets pages of this machine sign in', async () => {
  const { code_challenge_method: _method, ...plain } = request();
  expect((await ask(plain)).headers.get('location')).toContain('error=invalid_request');
  expect((await ask({ ...request(), sub: 'u1' })).status).toBe(200);
  const local = await choose('u1', { redirect_uri: 'http://127.0.0.1:5173/back' });
  expect(local.headers.get('location')).toMatch(/^http:\/\/127\.0\.0\.1:5173\/back\?code=/);
});

it('refreshes over a restart with the same key, until the user is gone', async () => {
  const { refresh_token: refresh, access_token: before } = await exchange(await codeFor('u2'));
  issuer = await open();
  await verify(before);
  const again = await token({ grant_type: 'refresh_token', refresh_token: refresh });
  expect(await verify(again.access_token)).toMatchObject({ sub: 'u2', client_id: 'web' });
  users.pop();
  expect((await token({ grant_type: 'refresh_token', refresh_token: refresh })).error).toBe('invalid_grant');
  users.push(boris);
});

it('issues a token by e-mail for scripts, which ends by the movable clock', async () => {
  const { access_token: jwt } = await issuer.issue('Anna@firm.example');
  expect((await userInfo(jwt)).status).toBe(200);
  clock.moveTo(clock.now() + 3_600_001);
  expect((await userInfo(jwt)).status).toBe(401);
  await expect(issuer.issue('nobody@firm.example')).rejects.toThrow(/there are: anna@firm.example, boris@firm.example/);
});

it('leaves by logout to the client’s address only, and leaves other paths to others', async () => {
  const logout = (uri: string) =>
    fetch(`${url}/logout?${new URLSearchParams({ client_id: 'web', logout_uri: uri })}`, { redirect: 'manual' });
  expect((await logout('https://crm.example/')).headers.get('location')).toBe('https://crm.example/');
  expect((await logout('https://evil.example/')).status).toBe(200);
  expect(await (await fetch(url.replace('/oidc', '/other'))).text()).toBe('not mine');
});
