import { createHash } from 'node:crypto';
import { html } from './html.ts';
import type { Page, Reader } from './layout.ts';

/** Not a secret: the one who signs in, the page and the issuer are the same machine. */
const VERIFIER = 'the-desk-of-the-local-cloud-needs-no-secret-here';
const RETURN = '/_local/signed-in';

/** Where somebody chooses who to be, when there is no console that would send him there. */
export function signInAddress(url: string, clientId: string | undefined): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId ?? '',
    redirect_uri: `${url}${RETURN}`,
    scope: 'openid email profile',
    state: 'desk',
    code_challenge_method: 'S256',
    code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
  });
  return `${url}/oidc/oauth2/authorize?${query}`;
}

/** Shows the token of who has just been chosen, to be used with the API. */
export async function signedInPage(
  { text, url: here }: Reader,
  url: string,
  clientId: string | undefined,
): Promise<Page> {
  const answer = await fetch(`${url}/oidc/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: clientId ?? '',
      redirect_uri: `${url}${RETURN}`,
      code: here.searchParams.get('code') ?? '',
      code_verifier: VERIFIER,
    }),
  });
  const { access_token: token } = (await answer.json()) as { access_token?: string };
  if (token === undefined)
    return { title: text.signIn, body: html`<p><a href="${signInAddress(url, clientId)}">${text.signIn}</a></p>` };
  return {
    title: text.signIn,
    body: html`<p>${text.yourToken}</p>
      <pre>${token}</pre>
      <pre>curl -H "authorization: Bearer …" ${url}/api/me</pre>`,
  };
}
