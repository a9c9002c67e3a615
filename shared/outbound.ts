import { lookup, type LookupAddress } from 'node:dns';
import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import { isAllowed, urlFault, type Networks } from './outbound-address.ts';

/** Asks what a name stands for; the machine's resolver unless a test brings another. */
type Resolve = (host: string) => Promise<LookupAddress[]>;
export type Outgoing = {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
  networks: Networks;
  /** A certificate authority beyond the usual ones, in PEM. */
  authority?: string | undefined;
  timeoutMs?: number;
  resolve?: Resolve;
};
/** What came back, or why nothing did; `body` is its beginning. */
export type Answered = {
  status: number | undefined;
  body: string;
  error: string | undefined;
  retryAfter: string | undefined;
};

const TIMEOUT_MS = 10_000;
const KEPT_BYTES = 1024;

/**
 * Posts to an address that a user typed, and to nothing else: every address its name stands for is checked, and the connection
 * goes to one of these, never to what a second question might answer. Redirects are answers like others: nobody follows them.
 * Never throws for what the other side does.
 */
export async function post(outgoing: Outgoing): Promise<Answered> {
  const { url, networks } = outgoing;
  const fault = urlFault(url, networks);
  if (fault !== undefined) return nothing(`This address is not called: ${fault}.`);
  try {
    return await answerOf(await sent(outgoing));
  } catch (error) {
    return nothing(said(error));
  }
}

const nothing = (error: string): Answered => ({ status: undefined, body: '', error, retryAfter: undefined });

/** Node tells of several tries to connect in one error without words of its own. */
function said(error: unknown): string {
  if (error instanceof AggregateError) return [...new Set(error.errors.map(said))].join('; ');
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'It did not answer in time.';
  return error.message;
}

function sent({ url, headers, body, networks, authority, timeoutMs = TIMEOUT_MS, resolve = resolved }: Outgoing) {
  return new Promise<IncomingMessage>((done, failed) => {
    request(url, {
      method: 'POST',
      agent: false,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      lookup: checked(resolve, networks),
      signal: AbortSignal.timeout(timeoutMs),
      ...(authority ? { ca: [...rootCertificates, authority] } : {}),
    })
      .once('response', done)
      .once('error', failed)
      .end(body);
  });
}

const resolved: Resolve = (host) =>
  new Promise((done, failed) => {
    lookup(host, { all: true }, (error, found) => (error ? failed(error) : done(found)));
  });

/** What the socket asks for addresses: one that must not be called spoils all of them. */
const checked =
  (resolve: Resolve, networks: Networks): LookupFunction =>
  (host, options, answer) => {
    resolve(host).then(
      (found) => {
        const wrong = found.find(({ address }) => !isAllowed(address, networks));
        const [first] = found;
        if (wrong || !first) {
          const why = wrong ? 'is not an address of the open internet' : 'stands for no address';
          answer(new Error(`This address is not called: ${host} ${why}.`), []);
        } else if (options.all) answer(null, found);
        else answer(null, first.address, first.family);
      },
      (error: Error) => answer(error, []),
    );
  };

/** Status and the beginning of the answer; the rest is never read. */
async function answerOf(response: IncomingMessage): Promise<Answered> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= KEPT_BYTES) break;
  }
  const { statusCode, headers } = response;
  return {
    status: statusCode,
    body: Buffer.concat(chunks).subarray(0, KEPT_BYTES).toString('utf8'),
    error: undefined,
    retryAfter: headers['retry-after'],
  };
}
