import type { DatabaseSync } from 'node:sqlite';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import type { Clock, Resource } from '../contract.ts';
import type { Answer } from '../front.ts';
import { signInPages, type Client } from './authorize.ts';
import { json, tokenEndpoints } from './endpoint.ts';
import { grantStore } from './grant.ts';
import { signingKey } from './key.ts';
import { tokenSigner, type DemoUser, type Tokens } from './token.ts';

export type IssuerOptions = {
  /** The issuer's name and base address, like `http://127.0.0.1:4000/oidc`. */
  url: string;
  resources: readonly Resource[];
  db: DatabaseSync;
  clock: Clock;
  /** Who may be chosen on the sign-in page. */
  users(): Promise<readonly DemoUser[]>;
};

export type Issuer = {
  url: string;
  /** Serves a request under the issuer's path; false when the path is not its own. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /** Tokens of a user without the page, for scripts and tests. @throws when nobody has this e-mail */
  issue(email: string): Promise<Tokens>;
};

/** An OpenID Connect issuer with Cognito's paths and token shapes, where one chooses who to be. */
export async function openIssuer(options: IssuerOptions): Promise<Issuer> {
  const { url, db, clock, users } = options;
  const clients = clientsOf(options.resources);
  const key = await signingKey(db);
  const signer = tokenSigner(url, key, clock);
  const grants = grantStore(db, clock);
  const pages = signInPages({ clients, users, grants });
  const base = new URL(url).pathname.replace(/\/$/, '');

  const { tokens, userInfo } = tokenEndpoints(signer, grants, users);
  const serve = router({
    'GET /.well-known/openid-configuration': () => json(discovery(url)),
    'GET /.well-known/jwks.json': () => json(key.jwks),
    'GET /oauth2/authorize': ({ query, language }) => pages.authorize(withoutChoice(query), language),
    'POST /oauth2/authorize': ({ form, language }) => pages.authorize(form, language),
    'POST /oauth2/token': ({ form }) => tokens(form),
    'GET /oauth2/userInfo': ({ authorization }) => userInfo(authorization),
    'GET /logout': ({ query, language }) => pages.logout(query, language),
  });

  return {
    url,
    handle: async (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', url);
      if (!pathname.startsWith(`${base}/`)) return false;
      const { status, headers, body } = await serve(pathname.slice(base.length), searchParams, request);
      response.writeHead(status, { ...CORS, 'cache-control': 'no-store', ...headers }).end(body);
      return true;
    },
    issue: async (email) => {
      const list = await users();
      const user = list.find((one) => one.email.toLowerCase() === email.toLowerCase());
      if (!user)
        throw new Error(`Nobody has the e-mail ${email}; there are: ${list.map((one) => one.email).join(', ')}.`);
      return signer.tokens({ user, clientId: clients[0]?.id ?? 'local', scope: 'openid email profile' });
    },
  };
}

type Asked = {
  query: URLSearchParams;
  form: URLSearchParams;
  language: string | undefined;
  authorization: string | undefined;
};
type Endpoint = (asked: Asked) => Answer | Promise<Answer>;

const router =
  (endpoints: Readonly<Record<string, Endpoint>>) =>
  async (path: string, query: URLSearchParams, request: IncomingMessage): Promise<Answer> => {
    const { method = 'GET', headers } = request;
    const endpoint = endpoints[`${method === 'HEAD' ? 'GET' : method} ${path}`];
    if (!endpoint) return json({ error: 'not_found' }, method === 'OPTIONS' ? 200 : 404);
    const form = new URLSearchParams(method === 'POST' ? await textOf(request) : '');
    return endpoint({ query, form, language: headers['accept-language'], authorization: headers.authorization });
  };

/** A link that opens the page must not choose: only the button does, by POST. */
function withoutChoice(query: URLSearchParams): URLSearchParams {
  const rest = new URLSearchParams(query);
  rest.delete('sub');
  return rest;
}

const clientsOf = (resources: readonly Resource[]): Client[] =>
  resources
    .filter(({ type }) => type === 'AWS::Cognito::UserPoolClient')
    .map(({ name, props }) => ({
      id: name,
      callbacks: (props['CallbackURLs'] ?? []) as string[],
      logouts: (props['LogoutURLs'] ?? []) as string[],
    }));

const discovery = (url: string): object => ({
  issuer: url,
  authorization_endpoint: `${url}/oauth2/authorize`,
  token_endpoint: `${url}/oauth2/token`,
  userinfo_endpoint: `${url}/oauth2/userInfo`,
  end_session_endpoint: `${url}/logout`,
  jwks_uri: `${url}/.well-known/jwks.json`,
  response_types_supported: ['code'],
  grant_types_supported: ['authorization_code', 'refresh_token'],
  code_challenge_methods_supported: ['S256'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
  scopes_supported: ['openid', 'email', 'profile'],
  token_endpoint_auth_methods_supported: ['none'],
});

/** A console under development is served from another port. */
const CORS = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'authorization, content-type' };
