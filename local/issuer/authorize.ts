import type { Answer } from '../front.ts';
import type { grantStore } from './grant.ts';
import { languageOf, refusalPage, signedOutPage, signInPage } from './page.ts';
import type { DemoUser } from './token.ts';

/** An application that may ask for sign-ins; addresses of this machine are allowed besides its own. */
export type Client = { id: string; callbacks: readonly string[]; logouts: readonly string[] };

type Parts = {
  clients: readonly Client[];
  users(): Promise<readonly DemoUser[]>;
  grants: ReturnType<typeof grantStore>;
};

const LOCAL = /^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?\//;

/** The two pages of the issuer: choosing who to be, and having left. */
export function signInPages({ clients, users, grants }: Parts) {
  const mayReturn = (uri: string, clientId: string | null, list: 'callbacks' | 'logouts'): boolean => {
    const client = clients.find(({ id }) => id === clientId);
    return client !== undefined && (LOCAL.test(uri) || client[list].includes(uri));
  };

  /** GET shows the page, POST (with `sub`) goes back with a code. A wrong client or address never redirects. */
  const authorize = async (query: URLSearchParams, accepted: string | undefined): Promise<Answer> => {
    const language = languageOf(query.get('ui_locales') ?? query.get('lang'), accepted);
    const [redirectUri, clientId] = [query.get('redirect_uri') ?? '', query.get('client_id')];
    if (!mayReturn(redirectUri, clientId, 'callbacks')) {
      return html(refusalPage(language, `redirect_uri ${redirectUri}, client_id ${clientId}`), 400);
    }
    const problem = problemOf(query);
    if (problem) return back(redirectUri, query, { error: 'invalid_request', error_description: problem });
    const list = await users();
    const user = list.find(({ sub }) => sub === query.get('sub'));
    if (!user) return html(signInPage(language, list, query));
    const code = grants.issueCode({
      sub: user.sub,
      clientId: clientId ?? '',
      scope: query.get('scope') ?? 'openid email',
      redirectUri,
      challenge: query.get('code_challenge') ?? '',
      nonce: query.get('nonce') ?? undefined,
    });
    return back(redirectUri, query, { code });
  };

  const logout = (query: URLSearchParams, accepted: string | undefined): Answer => {
    const uri = query.get('logout_uri') ?? query.get('post_logout_redirect_uri') ?? '';
    if (mayReturn(uri, query.get('client_id'), 'logouts')) return redirect(uri);
    return html(signedOutPage(languageOf(query.get('ui_locales'), accepted)));
  };
  return { authorize, logout };
}

function problemOf(query: URLSearchParams): string | undefined {
  if (query.get('response_type') !== 'code') return 'response_type must be code';
  if (query.get('code_challenge_method') !== 'S256') return 'code_challenge_method must be S256';
  return query.get('code_challenge') ? undefined : 'code_challenge is missing';
}

function back(uri: string, query: URLSearchParams, answer: Record<string, string>): Answer {
  const target = new URL(uri);
  const state = query.get('state');
  for (const [name, value] of Object.entries({ ...answer, ...(state === null ? {} : { state }) })) {
    target.searchParams.set(name, value);
  }
  return redirect(target.href);
}

const redirect = (location: string): Answer => ({ status: 302, headers: { location }, body: '' });

const html = (body: string, status = 200): Answer => ({
  status,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    'referrer-policy': 'no-referrer',
  },
  body,
});
