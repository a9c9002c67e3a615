import { captureLead } from '#functions/leads/capture.ts';
import { asUser } from '#functions/auth/caller.ts';
import { allows, holds, reaches } from '#functions/auth/rights.ts';
import { identities, users } from '#functions/auth/store.ts';
import type { Account } from '#functions/auth/account.ts';
import { UserAdded } from '#functions/auth/account.ts';
import { routes } from '#functions/api.ts';
import { routes as publicRoutes } from '#functions/public.ts';
import { useSecret } from '#shared/aws/secret.ts';
import { commit, run } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { serve } from '#shared/http/serve.ts';
import { newId } from '#shared/id.ts';
import { Role, type User } from '#shared/user.ts';
import { apiGateway } from '#local/http/gateway.ts';
import type { Answer, Request, Send } from './fuzz.ts';

const apiRoutes = await routes();

/**
 * The two doors of the product in this process, behind the local gateway, over the table the environment names. Instead of
 * tokens there are names of roles: `Bearer seller`. `capture` does what listeners do with a request that came in.
 */
export async function openProduct(): Promise<{
  send: Send;
  capture(rawId: string): Promise<void>;
  people: Record<string, string>;
  ids: Record<string, string>;
}> {
  useSecret('a secret of this test');
  // Addresses are signed without asking anybody; no file is read or written in this process.
  Object.assign(process.env, { FILES_BUCKET: 'files', AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9' });
  const people = await addUsers();
  const doorkeeper = {
    allows,
    holds,
    reaches,
    authenticate: async (header: (name: string) => string | undefined): Promise<User> => {
      const found = people.get(header('authorization') ?? '');
      if (!found) throw refuse('unauthorized', { why: 'nobody has this name' });
      return found;
    },
  };
  const doors = {
    api: serve(apiRoutes, '/api', doorkeeper),
    public: serve(publicRoutes, '/public', undefined),
  };
  const gateway = apiGateway({
    apiId: 'test',
    routes: [
      { key: 'ANY /api/{proxy+}', fn: 'api' },
      { key: 'ANY /public/{proxy+}', fn: 'public' },
    ],
    clock: { now: Date.now } as never,
    invoke: (async (name: 'api' | 'public', event: never) =>
      doors[name](event, { getRemainingTimeInMillis: () => 20_000 } as never)) as never,
    log: () => {},
  });
  let asked = 0;
  const send = async ({ method, path, headers, body }: Request): Promise<Answer> => {
    const answer = await gateway({
      method,
      url: path,
      headers: Object.entries(headers),
      body: body ?? Buffer.alloc(0),
      sourceIp: `203.0.113.${(asked += 1) % 200}`,
    });
    const named = Object.entries(answer.headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
    return {
      status: answer.status,
      headers: Object.fromEntries(named) as Record<string, string>,
      body: answer.body.toString(),
    };
  };
  const names = [...people.keys()].map((name) => [name.slice('Bearer '.length), name]);
  const ids = [...people].map(([name, { id }]) => [name.slice('Bearer '.length), id]);
  return { send, capture, people: Object.fromEntries(names), ids: Object.fromEntries(ids) };
}

async function capture(rawId: string): Promise<void> {
  const now = new Date().toISOString();
  const decide = await captureLead({ rawId, now, newId: (prefix) => newId(prefix, Date.now()) });
  if (decide)
    await run(commit(decide), {
      now,
      by: { kind: 'system', id: 'test' },
      requestId: 'test',
      deadline: Date.now() + 5000,
    });
}

async function addUsers(): Promise<Map<string, User>> {
  const now = new Date().toISOString();
  const all = Role.options.map((role): Account => {
    const id = newId('user', Date.now());
    return {
      id,
      version: 1,
      name: `The ${role}`,
      email: `${role}@sdelka.test`,
      roles: [role],
      locale: 'en',
      zone: 'Europe/Moscow',
      active: true,
      createdAt: now,
    };
  });
  const added = commit(async () => {
    const writes = all.map((one) => users.create(one));
    const claims = all.map(({ email, id }) => identities.create({ kind: 'login', value: email, owner: id, at: now }));
    return { writes: [...writes, ...claims], events: writes.map((write) => UserAdded.of(write, {})) };
  });
  await run(added, { now, by: { kind: 'system', id: 'test' }, requestId: 'test', deadline: Date.now() + 5000 });
  const people = all.map(
    async (account) => [`Bearer ${account.roles[0]}`, await asUser({ account, colleagues: [account.id] })] as const,
  );
  return new Map(await Promise.all(people));
}
