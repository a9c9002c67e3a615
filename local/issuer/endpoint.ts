import type { Answer } from '../front.ts';
import { sha256, type Grant, type grantStore } from './grant.ts';
import type { DemoUser, tokenSigner } from './token.ts';

/** The two endpoints that a program calls: tokens for a code or a refresh token, and who a token is. */
export function tokenEndpoints(
  signer: ReturnType<typeof tokenSigner>,
  grants: ReturnType<typeof grantStore>,
  users: () => Promise<readonly DemoUser[]>,
) {
  const userBy = async (sub: string | undefined): Promise<DemoUser | undefined> =>
    (await users()).find((one) => one.sub === sub);

  const tokens = async (form: URLSearchParams): Promise<Answer> => {
    const grant = grantOf(form, grants);
    const user = await userBy(grant?.sub);
    if (!grant || !user) return json({ error: 'invalid_grant' }, 400);
    const issued = await signer.tokens({ ...grant, user });
    if (form.get('grant_type') === 'refresh_token') return json(issued);
    return json({ ...issued, refresh_token: grants.issueRefresh(grant) });
  };

  const userInfo = async (authorization = ''): Promise<Answer> => {
    const user = await userBy(await signer.subject(authorization.replace(/^Bearer /i, '')).catch(() => undefined));
    if (!user) return json({ error: 'invalid_token' }, 401);
    return json({ sub: user.sub, email: user.email, email_verified: 'true', name: user.name, username: user.sub });
  };
  return { tokens, userInfo };
}

function grantOf(form: URLSearchParams, grants: ReturnType<typeof grantStore>): Grant | undefined {
  const clientId = form.get('client_id');
  if (form.get('grant_type') === 'refresh_token') {
    const found = grants.refresh(form.get('refresh_token') ?? '');
    return found?.clientId === clientId ? found : undefined;
  }
  const found = grants.takeCode(form.get('code') ?? '');
  const fits =
    found?.clientId === clientId &&
    found.redirectUri === form.get('redirect_uri') &&
    found.challenge === sha256(form.get('code_verifier') ?? '');
  return fits ? found : undefined;
}

export const json = (value: object, status = 200): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});
