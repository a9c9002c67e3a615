import { randomUUID } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import type { Clock } from '../contract.ts';
import type { SigningKey } from './key.ts';

/** A person who may sign in. */
export type DemoUser = { sub: string; email: string; name: string; roles: readonly string[] };

export type SignIn = { user: DemoUser; clientId: string; scope: string; nonce?: string | undefined };
export type Tokens = { access_token: string; id_token: string; token_type: 'Bearer'; expires_in: number };

const LIFETIME_S = 3600;

/** Signs tokens in Cognito's shape: the access token names its client in `client_id` and has no audience. */
export function tokenSigner(issuer: string, key: SigningKey, clock: Clock) {
  const seconds = (): number => Math.floor(clock.now() / 1000);
  const sign = (sub: string, claims: Record<string, unknown>): Promise<string> =>
    new SignJWT({ ...claims, auth_time: seconds() })
      .setProtectedHeader({ alg: 'RS256', kid: key.kid })
      .setIssuer(issuer)
      .setSubject(sub)
      .setJti(randomUUID())
      .setIssuedAt(seconds())
      .setExpirationTime(seconds() + LIFETIME_S)
      .sign(key.sign);
  return {
    tokens: async ({ user: { sub, email, name }, clientId, scope, nonce }: SignIn): Promise<Tokens> => {
      const access = { token_use: 'access', client_id: clientId, scope, username: sub, version: 2 };
      const person = { email, email_verified: true, name, 'cognito:username': sub };
      return {
        access_token: await sign(sub, access),
        id_token: await sign(sub, { token_use: 'id', aud: clientId, ...person, ...(nonce ? { nonce } : {}) }),
        token_type: 'Bearer',
        expires_in: LIFETIME_S,
      };
    },
    /** The `sub` of a valid access token. @throws when it is not ours, or expired by our clock */
    subject: async (accessToken: string): Promise<string> => {
      const { payload } = await jwtVerify(accessToken, key.verify, { issuer, currentDate: new Date(clock.now()) });
      if (payload['token_use'] !== 'access') throw new Error('not an access token');
      return payload.sub ?? '';
    },
  };
}
