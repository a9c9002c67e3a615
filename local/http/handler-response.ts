/** `headers` may hold lists (set-cookie). */
export type HttpResponse = { status: number; headers: Record<string, string | string[]>; body: Buffer };

type Structured = {
  statusCode: unknown;
  headers?: Record<string, string | number | boolean | null | undefined> | null;
  cookies?: unknown;
  body?: unknown;
  isBase64Encoded?: unknown;
};

/** An answer of the gateway itself, like AWS's `{"message":"Not Found"}`. */
export function gatewayResponse(status: number, message: string): HttpResponse {
  const body = Buffer.from(JSON.stringify({ message }));
  return { status, headers: { 'content-type': 'application/json' }, body };
}

/**
 * What a handler returned, as a response: with `statusCode` it is one; without, it is the body of a 200.
 * @throws Error when it is neither, which the gateway answers with 500
 */
export function handlerResponse(result: unknown): HttpResponse {
  if (!isStructured(result)) {
    const text = typeof result === 'string' ? result : JSON.stringify(result);
    return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(text) };
  }
  const status = Number(result.statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599)
    throw new Error(`statusCode is ${JSON.stringify(result.statusCode)}; it must be a whole number from 100 to 599`);
  const { body, cookies } = result;
  if (body !== undefined && body !== null && typeof body !== 'string')
    throw new Error(`the body of the response is ${typeof body}; it must be a string (JSON.stringify it)`);
  const headers: HttpResponse['headers'] = { 'content-type': 'text/plain; charset=utf-8' };
  for (const [name, value] of Object.entries(result.headers ?? {}))
    if (value !== undefined && value !== null) headers[name.toLowerCase()] = String(value);
  if (Array.isArray(cookies) && cookies.length > 0) headers['set-cookie'] = cookies.map(String);
  return { status, headers, body: Buffer.from(body ?? '', result.isBase64Encoded === true ? 'base64' : 'utf8') };
}

function isStructured(result: unknown): result is Structured {
  return typeof result === 'object' && result !== null && 'statusCode' in result;
}
