import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { doorkeeper } from '#functions/auth/doorkeeper.ts';
import { identities, users } from '#functions/auth/store.ts';
import type { Refusal } from '#shared/errors.ts';
import { transact } from '#shared/table/transact.ts';
import { putItem } from '#shared/table/write.ts';
import { idOf } from '#test/support/deal.ts';
import { NOW } from '#test/support/note.ts';
import { freshTable } from '#test/support/table.ts';

process.env['POWERTOOLS_LOG_LEVEL'] = 'SILENT';
const { privateKey, publicKey } = await generateKeyPair('RS256');
const jwk = { ...(await exportJWK(publicKey)), alg: 'RS256', kid: 'one' };
let answers = true;
const server = createServer((request, response) => {
  const { port } = server.address() as AddressInfo;
  if (!answers) {
    response.writeHead(503).end('away');
    return;
  }
  const said = request.url?.endsWith('keys') ? { keys: [jwk] } : { jwks_uri: `http://127.0.0.1:${port}/keys` };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(said));
});
let issuer = '';
const door = doorkeeper(() => ({ issuer, clientId: 'console', adminEmail: undefined }));
const enter = async (token: string) =>
  door.authenticate((name) => (name === 'authorization' ? `Bearer ${token}` : undefined));
const refusalOf = async (token: string) =>
  enter(token).then(
    () => undefined,
    (error: Refusal) => [error.status, error.code],
  );
const claims = () => ({ iss: issuer, sub: 'anna', client_id: 'console', token_use: 'access' });
const signed = (change: object = {}, expires = '5m') => {
  const token = new SignJWT({ ...claims(), ...change }).setProtectedHeader({ alg: 'RS256', kid: 'one' });
  return (expires === 'never' ? token : token.setExpirationTime(expires)).sign(privateKey);
};

beforeAll(async () => {
  await freshTable();
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const id = idOf('user', 'ANNA');
  const user = users.create({
    id,
    version: 1,
    name: 'Anna',
    email: 'anna@firm.example',
    roles: ['seller'],
    locale: 'ru',
    zone: 'Europe/Moscow',
    active: true,
    createdAt: NOW,
  });
  const bound = identities.create({
    kind: 'sub',
    value: createHash('sha256').update('anna').digest('base64url'),
    owner: id,
    at: NOW,
  });
  await transact([putItem(user.put), putItem(bound.put)]);
});
afterAll(() => void server.close());

it('says that it is busy while the issuer does not answer, and lets in as soon as it does', async () => {
  answers = false;
  expect(await refusalOf(await signed())).toEqual([503, 'busy']);
  answers = true;
  expect(await enter(await signed())).toMatchObject({ name: 'Anna', roles: ['seller'] });
});

it.each([
  ['that never ends', {}, 'never'],
  ['that has ended', {}, '-1m'],
  ['of another issuer', { iss: 'https://other.example' }, '5m'],
  ['for another client', { client_id: 'other' }, '5m'],
  ['that is an id token', { token_use: 'id' }, '5m'],
  ['that names nobody', { sub: undefined }, '5m'],
])('refuses a token %s', async (_, change, expires) => {
  expect(await refusalOf(await signed(change, expires))).toEqual([401, 'unauthorized']);
});
