import { createHash } from 'node:crypto';
import { createRemoteJWKSet, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { refuse } from '#shared/errors.ts';
import type { Doorkeeper } from '#shared/http/serve.ts';
import { log } from '#shared/log.ts';
import { get } from '#shared/table/read.ts';
import { instantOf, systemNow } from '#shared/time.ts';
import type { User } from '#shared/user.ts';
import { asUser, withTeam, type Colleague } from './caller.ts';
import { holderOf, isKey, mustBeOpen, type Holder } from './key-door.ts';
import { through } from './key.ts';
import { allows, holds, reaches } from './rights.ts';
import type { Account } from './account.ts';
import { bind, type Issuer } from './sign-in.ts';
import { ownerOf, users } from './store.ts';

/** A user's roles and the people of his team are read again after this long. */
const CACHE_MS = 30_000;
const known = new Map<string, { until: number; colleague: Colleague }>();
let keys: Promise<JWTVerifyGetKey> | undefined;

/** Verifies OpenID Connect tokens of one issuer and finds the user they belong to. */
export const doorkeeper = (issuerOf: () => Issuer): Doorkeeper => ({
  allows,
  holds,
  reaches,
  async authenticate(header) {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+|sk_[\w-]+)$/.exec(header('authorization') ?? '')?.[1];
    if (token === undefined) throw refuse('unauthorized', { why: 'send Authorization: Bearer <token>' });
    if (isKey(token)) return byKey(token);
    const issuer = issuerOf();
    const { sub } = await verified(token, issuer);
    const cached = known.get(sub);
    if (cached && cached.until > systemNow()) return asUser(cached.colleague);
    const colleague = await withTeam((await accountOf(sub)) ?? (await bind(token, sub, issuer)));
    known.set(sub, { until: systemNow() + CACHE_MS, colleague });
    return asUser(colleague);
  },
});

const held = new Map<string, { until: number; holder: Holder }>();

/** Another system, in the name of whoever made its key. */
async function byKey(token: string): Promise<User> {
  const now = instantOf(systemNow());
  const cached = held.get(token);
  const fresh = cached && cached.until > systemNow() ? cached.holder : await holderOf(token, now);
  if (fresh !== cached?.holder) held.set(token, { until: systemNow() + CACHE_MS, holder: fresh });
  mustBeOpen(fresh.key, now);
  return through(await asUser(fresh.maker), fresh.key);
}

async function verified(token: string, { issuer, clientId }: Issuer): Promise<JWTPayload & { sub: string }> {
  const found = await keysOf(issuer);
  try {
    const rules = { issuer, algorithms: ['RS256', 'ES256'], requiredClaims: ['exp'] };
    const { payload } = await jwtVerify(token, found, rules);
    const audience = payload['client_id'] ?? payload.aud;
    if (![audience].flat().includes(clientId)) throw new Error('it was issued for another client');
    if (payload['token_use'] === 'id') throw new Error('it is an id token: send the access token');
    if (payload.sub === undefined) throw new Error('it names nobody');
    return { ...payload, sub: payload.sub };
  } catch (error) {
    throw refuse('unauthorized', {
      why: `the token does not hold (${error instanceof Error ? error.message : 'unreadable'})`,
    });
  }
}

/** The issuer's keys. Nobody is signed out because the issuer does not answer: the caller may try again. */
async function keysOf(issuer: string): Promise<JWTVerifyGetKey> {
  try {
    return await (keys ??= loadKeys(issuer));
  } catch (error) {
    keys = undefined;
    log().error('the issuer does not answer', { issuer, error: error as Error });
    throw refuse('busy');
  }
}

async function loadKeys(issuer: string): Promise<JWTVerifyGetKey> {
  const answer = await fetch(`${issuer}/.well-known/openid-configuration`, { signal: AbortSignal.timeout(5000) });
  const { jwks_uri: uri } = (await answer.json()) as { jwks_uri: string };
  return createRemoteJWKSet(new URL(uri));
}

async function accountOf(sub: string): Promise<Account | undefined> {
  const owner = await ownerOf('sub', subjectKey(sub));
  const account = owner === undefined ? undefined : await get(users, { id: owner });
  if (account && !account.active) throw refuse('unauthorized', { why: 'this user is switched off' });
  return account;
}

/** Subjects of foreign issuers may be long or hold anything. */
const subjectKey = (sub: string): string => createHash('sha256').update(sub).digest('base64url');
