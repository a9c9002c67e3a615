import middy from '@middy/core';
import headerNormalizer from '@middy/http-header-normalizer';
import router from '@middy/http-router';
import securityHeaders from '@middy/http-security-headers';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context as LambdaContext } from 'aws-lambda';
import { refuse, type Locale } from '#shared/errors.ts';
import type { Actor } from '#shared/events.ts';
import { log, logFor } from '#shared/log.ts';
import { anyRecord, whoseIs } from '#shared/owner.ts';
import { need } from '#shared/table/read.ts';
import type { Owned, User } from '#shared/user.ts';
import { answerOf, problemAnswer } from './answer.ts';
import { callOf, localeOf, partsOf } from './request.ts';
import { runHttp } from './run.ts';
import { run, type Command } from '#shared/command.ts';
import { systemNow } from '#shared/time.ts';
import { nameOf, type Route } from './route.ts';

/** Time kept for the answer after the last try of a command. */
const RESERVE_MS = 1500;
/**
 * What a page may do stands in its own answer: the first two would be written over it. A firm's other hosts under the same
 * domain are its own business: HTTPS is demanded of this one only.
 */
const HEADERS = {
  contentSecurityPolicy: false,
  crossOriginResourcePolicy: false,
  strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: false, preload: false },
} as const;

type Event = APIGatewayProxyEventV2;
type Result = APIGatewayProxyStructuredResultV2;

export type Doorkeeper = {
  /** Who sends the request; throws 401. */
  authenticate(header: (name: string) => string | undefined): Promise<User>;
  /** Whether his roles allow the right of a route. */
  allows(user: User, right: string): boolean;
  /** Whether his roles show him guarded fields such as cost. */
  holds(user: User, fieldRight: string): boolean;
  /** Whether his right reaches a record of such an owner. */
  reaches(user: User, right: string, owned: Owned): boolean;
};

/**
 * The handler of a set of routes. Signed routes ask the doorkeeper; without one every signed route answers 401.
 * `before` runs once per invocation, e.g. to load the secret.
 */
export function serve(
  routes: readonly Route[],
  prefix: string,
  doorkeeper: Doorkeeper | undefined,
  before: () => Promise<void> = async () => {},
) {
  const serving = async (route: Route, event: Event, context: LambdaContext, speaking: Speaking): Promise<Result> => {
    const call = callOf(event);
    logFor(call.requestId);
    await before();
    const user = route.rights === undefined ? undefined : await known(call.header, doorkeeper);
    const locale: Locale = call.locale ?? user?.locale ?? 'en';
    speaking.locale = locale;
    if (user && !doorkeeper?.allows(user, route.rights ?? '')) throw refuse('forbidden', { right: route.rights });
    const by = actorOf(user);
    const record = user && doorkeeper && (await reached(route, event.pathParameters?.['id'] ?? '', user, doorkeeper));
    const parts = partsOf(route, event, call.rawBody, locale, call.header);
    const deadline = systemNow() + context.getRemainingTimeInMillis() - RESERVE_MS;
    const perform = (command: Command, actor: Actor = by) =>
      run(command, { now: call.now, by: actor, requestId: call.requestId, via: nameOf(route), deadline });
    const request = { ...parts, ...call, locale, by, user: user as User, record, perform };
    const acted = await route.act(request as never);
    const done = await runHttp(acted, { route, request, user, deadline });
    return answerOf(route, done, (right) => user !== undefined && (doorkeeper?.holds(user, right) ?? false));
  };
  const handlers = routes.flatMap((route) => {
    const handler = async (event: Event, context: LambdaContext): Promise<Result> => {
      const speaking: Speaking = { locale: localeOf(event.headers['accept-language']) ?? 'en' };
      try {
        return await serving(route, event, context, speaking);
      } catch (error) {
        return refused(error, event, speaking.locale);
      }
    };
    const path = `${prefix}${route.path}`;
    return [
      { method: route.method, path, handler },
      ...(route.method === 'GET' ? [{ method: 'HEAD' as const, path, handler }] : []),
    ];
  });
  return middy<Event, Result>()
    .use(headerNormalizer())
    .use(securityHeaders(HEADERS))
    .onError((request) => {
      request.response = refused(
        request.error,
        request.event,
        localeOf(request.event.headers['accept-language']) ?? 'en',
      );
    })
    .handler(
      router<Event, Result>({
        routes: handlers,
        notFoundResponse: ({ path }) => {
          throw refuse('no_route', { path });
        },
      }),
    );
}

/** In which language this request is answered: known for good only when the caller is. */
type Speaking = { locale: Locale };

function refused(error: unknown, event: Event, locale: Locale): Result {
  const { refusal, result } = problemAnswer(error, event, locale);
  if (refusal.status >= 500) log().error('request failed', { error: error as Error });
  return result;
}

async function known(header: (name: string) => string | undefined, doorkeeper: Doorkeeper | undefined): Promise<User> {
  if (!doorkeeper) throw refuse('unauthorized', { why: 'this door has no doorkeeper' });
  return doorkeeper.authenticate(header);
}

/** Who acts, as events name him; also by which key another system acts in his name. */
const actorOf = (user: User | undefined): Actor =>
  user
    ? { kind: 'user', id: user.id, name: user.name, ...(user.key && { key: user.key }) }
    : { kind: 'public', id: 'public' };

/** The record a route is about, if the caller's right reaches it; else it is as if it were not there. */
async function reached({ of, party, rights }: Route, id: string, user: User, doorkeeper: Doorkeeper): Promise<unknown> {
  if (!of || rights === undefined) return undefined;
  const record = (await need(of, { id })) as Record<string, unknown>;
  if (party?.(record as never, user)) return record;
  const owned = await whoseIs(of === anyRecord ? String(record['type']) : of.name, record);
  // Of an owner that nobody knows any more: only whose right reaches everything gets it.
  if (doorkeeper.reaches(user, rights, owned ?? { ownerId: 'unknown' })) return record;
  throw refuse('not_found', { what: of.name, id });
}
