import { createHash, randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../contract.ts';

/** What a code or a refresh token stands for. */
export type Grant = {
  sub: string;
  clientId: string;
  scope: string;
  redirectUri?: string;
  challenge?: string;
  nonce?: string | undefined;
};

const CODE_MS = 300_000;
const REFRESH_MS = 30 * 86_400_000;

/** Codes (once, five minutes) and refresh tokens (thirty days), kept as hashes. */
export function grantStore(db: DatabaseSync, clock: Clock) {
  db.exec('create table if not exists oidc_grant (hash text primary key, kind text, value text, expires integer)');
  const issue = (kind: 'code' | 'refresh', grant: Grant, lifetime: number): string => {
    db.prepare('delete from oidc_grant where expires <= ?').run(clock.now());
    const secret = randomBytes(32).toString('base64url');
    db.prepare('insert into oidc_grant values (?, ?, ?, ?)').run(
      sha256(secret),
      kind,
      JSON.stringify(grant),
      clock.now() + lifetime,
    );
    return secret;
  };
  const parse = (row: Record<string, unknown> | undefined): Grant | undefined =>
    row && (JSON.parse(String(row['value'])) as Grant);
  return {
    issueCode: (grant: Grant): string => issue('code', grant, CODE_MS),
    issueRefresh: ({ sub, clientId, scope }: Grant): string => issue('refresh', { sub, clientId, scope }, REFRESH_MS),
    /** The grant of a code, which is then used up. */
    takeCode: (code: string): Grant | undefined =>
      parse(
        db
          .prepare("delete from oidc_grant where hash = ? and kind = 'code' and expires > ? returning value")
          .get(sha256(code), clock.now()),
      ),
    refresh: (token: string): Grant | undefined =>
      parse(
        db
          .prepare("select value from oidc_grant where hash = ? and kind = 'refresh' and expires > ?")
          .get(sha256(token), clock.now()),
      ),
  };
}

/** PKCE's S256 is the same hash: base64url of SHA-256. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');
