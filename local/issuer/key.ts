import type { DatabaseSync } from 'node:sqlite';
import { exportJWK, generateKeyPair, importJWK, type CryptoKey, type JWK } from 'jose';

export type SigningKey = { kid: string; sign: CryptoKey; verify: CryptoKey; jwks: { keys: JWK[] } };

/** The issuer's RS256 key; made once, so that tokens stay good over a restart. */
export async function signingKey(db: DatabaseSync): Promise<SigningKey> {
  db.exec('create table if not exists oidc_key (id integer primary key check (id = 1), jwk text)');
  const row = db.prepare('select jwk from oidc_key').get();
  const jwk = row ? (JSON.parse(String(row['jwk'])) as JWK) : await newKey(db);
  const { kty = '', n = '', e = '', kid = '' } = jwk;
  const open = { kty, n, e, kid, alg: 'RS256', use: 'sig' };
  return {
    kid,
    sign: await imported(jwk),
    verify: await imported(open),
    jwks: { keys: [open] },
  };
}

async function newKey(db: DatabaseSync): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid: crypto.randomUUID() };
  db.prepare('insert into oidc_key values (1, ?)').run(JSON.stringify(jwk));
  return jwk;
}

const imported = async (jwk: JWK): Promise<CryptoKey> => (await importJWK(jwk, 'RS256')) as CryptoKey;
