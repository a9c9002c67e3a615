import { AccessDenied, type Authorize } from '../contract.ts';
import { AwsError, type Answer, type Call } from '../front.ts';
import type { FileRequest } from './request.ts';

/** @throws AwsError 403 when a presigned address is used after its time */
export function checkExpiry(query: URLSearchParams, now: number): void {
  const [date, seconds] = [query.get('X-Amz-Date'), query.get('X-Amz-Expires')];
  if (!date || !seconds) return;
  const signed = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (signed + Number(seconds) * 1000 < now) throw new AwsError('AccessDenied', 'Request has expired', 403);
}

/**
 * If-None-Match: * (only when absent) and If-Match (only this version) on writes.
 * @throws AwsError 412, or 404 for If-Match on what is not there
 */
export async function checkPreconditions(
  { headers }: Call,
  { action, bucket, keys: [key = ''] }: FileRequest,
  head: (bucket: string, key: string) => Promise<Answer>,
): Promise<void> {
  const [none, match] = [headers['if-none-match'], headers['if-match']];
  if ((!none && !match) || (action !== 'PutObject' && action !== 'CompleteMultipartUpload')) return;
  const found = await head(bucket, key);
  if (match && found.status === 404) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
  const plain = (etag: string | undefined) => etag?.replaceAll('"', '');
  const failed = match ? plain(match) !== plain(found.headers?.['etag']) : found.status === 200;
  if (!failed) return;
  throw new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
}

/** Who may not list a bucket learns nothing about what is absent: S3 answers 403, not 404. */
export function hideAbsence(authorize: Authorize, caller: string, { action, bucket }: FileRequest): void {
  if (action !== 'GetObject' && action !== 'HeadObject') return;
  authorize(caller, { action: 's3:ListBucket', resource: `arn:aws:s3:::${bucket}` });
}

/** Headers of the answer that a presigned address may set. */
export const overrides = (query: URLSearchParams): Record<string, string> =>
  Object.fromEntries(
    [...query]
      .filter(([name]) => /^response-(content-(type|language|disposition|encoding)|expires|cache-control)$/.test(name))
      .map(([name, value]) => [name.slice('response-'.length), value]),
  );

/** Names and statuses of S3 for the general errors of a front. */
const CODES: Readonly<Record<string, [code: string, status: number]>> = {
  [new AccessDenied().name]: ['AccessDenied', 403],
  ThrottlingException: ['SlowDown', 503],
  InternalServerError: ['InternalError', 500],
};

export function xmlError({ type, message, status }: AwsError): Answer {
  const [code, codeStatus] = CODES[type] ?? [type, status];
  const text = message.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return {
    status: codeStatus,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${text}</Message></Error>`,
  };
}
