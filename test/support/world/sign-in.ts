import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { vi } from 'vitest';

const ISSUER = 'https://issuer.example';

/** An issuer that answers `fetch`, and the tokens it gives; the subject is the e-mail. */
export async function openIssuer(): Promise<(email: string) => Promise<string>> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const key = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
  const documents: Record<string, (bearer: string) => unknown> = {
    '/.well-known/openid-configuration': () => ({ jwks_uri: `${ISSUER}/keys`, userinfo_endpoint: `${ISSUER}/me` }),
    '/keys': () => ({ keys: [key] }),
    '/me': (bearer) => {
      const { sub } = JSON.parse(Buffer.from(bearer.split('.')[1] ?? '', 'base64url').toString()) as { sub: string };
      return { sub, email: sub, email_verified: true };
    },
  };
  vi.stubGlobal('fetch', async (url: string | URL, init?: { headers?: Record<string, string> }) => {
    const { pathname } = new URL(url);
    return Response.json(documents[pathname]?.(init?.headers?.['authorization'] ?? '') ?? {});
  });
  Object.assign(process.env, { ISSUER, CLIENT_ID: 'console', ADMIN_EMAIL: 'admin@sdelka.example' });
  return (email) =>
    new SignJWT({ client_id: 'console' })
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .setIssuer(ISSUER)
      .setSubject(email)
      .setExpirationTime('10y')
      .sign(privateKey);
}
