import { createHash } from 'node:crypto';
import * as z from 'zod';
import { commit, run } from '#shared/command.ts';
import { normaliseEmail } from '#shared/email.ts';
import { refuse } from '#shared/errors.ts';
import { newId } from '#shared/id.ts';
import { instantOf, systemNow } from '#shared/time.ts';
import { UserAdded, UserSignedIn, type Account } from './account.ts';
import { identities, ownerOf, users } from './store.ts';

/** Who signs people in here, and for which client; whose first sign-in makes the first admin. */
export type Issuer = { issuer: string; clientId: string; adminEmail: string | undefined };

const UserInfo = z.looseObject({
  sub: z.string(),
  email: z.string(),
  email_verified: z.union([z.boolean(), z.stringbool()]).optional(),
});

/** First sign-in: the issuer is asked for the verified e-mail, and the sign-in is bound to the user with that e-mail. */
export async function bind(token: string, sub: string, issuer: Issuer): Promise<Account> {
  const email = await verifiedEmail(token, sub, issuer);
  const now = systemNow();
  const at = instantOf(now);
  const value = createHash('sha256').update(sub).digest('base64url');
  let bound: Account | undefined;
  const binding = commit(async (read) => {
    // Two first requests at once: the other one may have bound it by now.
    const there = await ownerOf('sub', value);
    const owner = there ?? (await ownerOf('login', email));
    const account = owner === undefined ? undefined : await read.get(users, { id: owner });
    if (there !== undefined) {
      bound = account;
      return undefined;
    }
    const claim = identities.create({ kind: 'sub', value, owner: owner ?? '', at });
    if (account) {
      bound = account;
      const write = users.save(account, {});
      return { writes: [write, claim], events: [UserSignedIn.of(write, {})] };
    }
    if (issuer.adminEmail === undefined || email !== normaliseEmail(issuer.adminEmail)) {
      throw refuse('unauthorized', { why: `nobody here has the e-mail ${email}: ask an admin to add you` });
    }
    bound = {
      id: newId('user', now),
      version: 1,
      name: email,
      email,
      roles: ['admin'],
      locale: 'ru',
      zone: 'Europe/Moscow',
      active: true,
      createdAt: at,
    };
    const write = users.create(bound);
    const login = identities.create({ kind: 'login', value: email, owner: bound.id, at });
    return {
      writes: [write, login, identities.create({ kind: 'sub', value, owner: bound.id, at })],
      events: [UserAdded.of(write, {})],
    };
  });
  await run(binding, { now: at, by: { kind: 'system', id: 'sign-in' }, requestId: 'sign-in', deadline: now + 3000 });
  if (!bound?.active) throw refuse('unauthorized', { why: 'this user is switched off' });
  return bound;
}

async function verifiedEmail(token: string, sub: string, { issuer }: Issuer): Promise<string> {
  const configuration = await fetch(`${issuer}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(5000),
  });
  const { userinfo_endpoint: endpoint } = (await configuration.json()) as { userinfo_endpoint: string };
  const answer = await fetch(endpoint, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(5000),
  });
  const info = UserInfo.safeParse(answer.ok ? await answer.json() : undefined);
  if (!info.success || info.data.sub !== sub)
    throw refuse('unauthorized', { why: 'the issuer does not say who this is: ask for the scopes openid and email' });
  const email = normaliseEmail(info.data.email);
  if (email === undefined || info.data.email_verified !== true)
    throw refuse('unauthorized', { why: 'the e-mail of this sign-in is not verified' });
  return email;
}
