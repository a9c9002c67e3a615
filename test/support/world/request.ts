export type Answer<T = Record<string, unknown>> = { status: number; body: T; version: number };
export type Asked = {
  body?: unknown;
  form?: string;
  who?: string;
  ifMatch?: number;
  key?: string;
  headers?: Record<string, string>;
};

/** A request as API Gateway hands it to a function (payload 2.0). */
export function eventOf(
  at: string,
  { body, form, ifMatch, key, headers = {} }: Asked,
  { token, address, id }: { token: string | undefined; address: string; id: string },
): object {
  const [method = '', url = ''] = at.split(' ');
  const { pathname, searchParams } = new URL(url, 'https://x');
  const text = form ?? (body === undefined ? '' : JSON.stringify(body));
  return {
    version: '2.0',
    rawPath: pathname,
    queryStringParameters: Object.fromEntries(searchParams),
    headers: {
      'content-type': form === undefined ? 'application/json' : 'application/x-www-form-urlencoded',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` }),
      ...(key !== undefined && { 'idempotency-key': key }),
      ...headers,
    },
    requestContext: { http: { method, path: pathname, sourceIp: address }, requestId: id },
    body: Buffer.from(text).toString('base64'),
    isBase64Encoded: true,
  };
}

/** What a function answered; pages have no body here. */
export function answerOf<T>(given: unknown): Answer<T> {
  const {
    statusCode,
    body = 'null',
    headers,
  } = given as {
    statusCode: number;
    body?: string;
    headers?: Record<string, string>;
  };
  const isJson = headers?.['content-type']?.includes('json') ?? body.startsWith('{');
  const parsed = (isJson ? JSON.parse(body) : {}) as T & { version?: number };
  return { status: statusCode, body: parsed, version: parsed.version ?? 0 };
}
