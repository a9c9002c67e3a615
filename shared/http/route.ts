import * as z from 'zod';
import type { Command, Outcome } from '#shared/command.ts';
import type { Locale } from '#shared/errors.ts';
import type { Actor } from '#shared/events.ts';
import type { User } from '#shared/user.ts';

type Slot<P> = P extends `${string}{${infer Name}}${infer Rest}` ? Name | Slot<Rest> : never;
export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS';

/** What every `act` gets besides the parsed parts of the request. */
export type Call = {
  now: string;
  requestId: string;
  locale: Locale;
  /** Who acts, as events name him. */
  by: Actor;
  newId(prefix: string): string;
  /** The version the caller changes, from If-Match; present when the route declares `ifMatch`. */
  ifMatch: number;
  header(name: string): string | undefined;
  /** The address the request came from; behind the distribution only that is believed. */
  address: string;
  rawBody: Buffer;
  /**
   * Runs a command at once, for routes whose answer is not the record; most return `commit(…)` instead. `by` where the
   * route knows better who acts, e.g. the holder of a link.
   */
  perform(command: Command, by?: Actor): Promise<Outcome>;
};
type Parts<P extends string, B, Q> = { params: Record<Slot<P>, string>; body: B; query: Q };

/** A kind of record that is found by its id alone. */
type Kept<T> = {
  name: string;
  key(fields: { id: string }): { pk: string; sk: string };
  decode(item: Record<string, unknown>): T;
};
/** What `act` gets besides on a signed-in route: who asks, and the record the path names. */
export type Asking<T> = { user: User; record: T };

/** An answer that is not a record: a page, a redirect, an empty 204. */
export class Reply {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, body: string, headers: Readonly<Record<string, string>> = {}) {
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

type Declared<B extends z.ZodType, Q extends z.ZodObject, R extends z.ZodType> = {
  summary: string;
  body?: B;
  query?: Q;
  returns: R;
  /** Status of a good answer; 200 unless said. */
  status?: number;
  /** Answers 201 instead when there was no such record yet. */
  creates?: true;
  /** Does its work at every call: a repeat is harmless here, so an Idempotency-Key is not described. */
  repeatable?: true;
  /** The caller must say which version he changes. */
  ifMatch?: true;
  /** Other media types a body may have; such a route reads `rawBody` itself. */
  consumes?: readonly string[];
  produces?: string;
};
/** A route that takes no query. */
type NoQuery = z.ZodObject<z.core.$ZodShape>;
type Signed<T> = {
  rights: string;
  /**
   * The kind of the record that `{id}` in the path names (`anyRecord`: of any kind). It is read before all else and handed
   * to `act` as `record`; one that is beyond the reach of the caller's right is answered as if it were not there.
   */
  of?: Kept<T>;
  /** Who reaches the record whoever owns it, e.g. whom it asks to decide. */
  party?: (record: T, user: User) => boolean;
};

export type Route = {
  method: Method;
  path: string;
  summary: string;
  /** The right a signed-in user needs; none for public routes. */
  rights: string | undefined;
  of: Kept<unknown> | undefined;
  party: ((record: never, user: User) => boolean) | undefined;
  body: z.ZodType | undefined;
  query: z.ZodObject | undefined;
  returns: z.ZodType;
  status: number;
  creates: boolean;
  repeatable: boolean;
  ifMatch: boolean;
  consumes: readonly string[];
  produces: string;
  act(request: Parts<string, never, never> & Call & Asking<unknown>): Promise<unknown>;
};

/** As people and programs name an operation: `PUT /leads/{id}`. */
export const nameOf = ({ method, path }: Pick<Route, 'method' | 'path'>): string => `${method} ${path}`;

function declare<P extends string>(
  at: `${Method} ${P}`,
  declared: Declared<z.ZodType, z.ZodObject, z.ZodType>,
  signed: Signed<never> | undefined,
  act: unknown,
): Route {
  const [method, path] = at.split(' ') as [Method, string];
  const {
    summary,
    body,
    query,
    returns,
    status = 200,
    creates = false,
    repeatable = false,
    ifMatch = false,
    consumes = [],
    produces = 'application/json',
  } = declared;
  return {
    method,
    path,
    summary,
    rights: signed?.rights,
    of: signed?.of,
    party: signed?.party,
    body,
    query,
    returns,
    status,
    creates,
    repeatable,
    ifMatch,
    consumes,
    produces,
    act: act as Route['act'],
  };
}

/**
 * One operation of `/api` for signed-in users: who may, what comes in, what goes out, and what happens.
 * `act` returns a value, or `commit(decide)` for anything that writes.
 */
export const route = <
  P extends string,
  R extends z.ZodType,
  B extends z.ZodType = z.ZodUndefined,
  Q extends z.ZodObject = NoQuery,
  T = undefined,
>(
  at: `${Method} ${P}`,
  declared: Declared<B, Q, R> & Signed<T>,
  act: (request: Parts<P, z.output<B>, z.output<Q>> & Call & Asking<T>) => Promise<z.output<R> | Command | Reply>,
): Route => declare(at, declared, declared as unknown as Signed<never>, act);

/** One operation open to everybody, under `/public`. It may write intake and what a token opens, nothing else. */
export const publicRoute = <
  P extends string,
  R extends z.ZodType,
  B extends z.ZodType = z.ZodUndefined,
  Q extends z.ZodObject = NoQuery,
>(
  at: `${Method} ${P}`,
  declared: Declared<B, Q, R>,
  act: (request: Parts<P, z.output<B>, z.output<Q>> & Call) => Promise<z.output<R> | Command | Reply>,
): Route => declare(at, declared, undefined, act);
