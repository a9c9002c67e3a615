/** What came back: status, parsed body (JSON or text), version of the record and id of its event. */
export type Got<T = Record<string, unknown>> = {
  status: number;
  body: T;
  version: number | undefined;
  eventId: string | undefined;
  headers: Headers;
};
export type Ask = {
  body?: unknown;
  ifMatch?: number | undefined;
  key?: string | undefined;
  headers?: Record<string, string>;
};

/** Somebody who talks to a running installation over HTTP only: signed in with a token, or nobody in particular. */
export function personAt(url: string, token?: string) {
  return async <T = Record<string, unknown>>(
    call: string,
    { body, ifMatch, key, headers }: Ask = {},
  ): Promise<Got<T>> => {
    const [method = 'GET', path = '/'] = call.split(' ');
    const answer = await fetch(`${url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` }),
        ...(key !== undefined && { 'idempotency-key': key }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const version = /^"(\d+)"$/.exec(answer.headers.get('etag') ?? '')?.[1];
    return {
      status: answer.status,
      body: (answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text) as T,
      version: version === undefined ? undefined : Number(version),
      eventId: answer.headers.get('x-event-id') ?? undefined,
      headers: answer.headers,
    };
  };
}
export type Person = ReturnType<typeof personAt>;
