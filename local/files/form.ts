import { AwsError } from '../front.ts';

/** A browser's upload by form (presigned POST): its object, who signed it, and the file with its media type. */
export type UploadForm = { key: string; caller: string; body: Buffer; type: string };

type Condition = Record<string, string> | readonly [string, string | number, string | number];

/**
 * Reads the form and checks its policy: expiry, length and fields, as S3 does. The signature is not checked here.
 * @throws AwsError 403 or 400 with S3's code
 */
export async function uploadForm(body: Buffer, contentType: string, bucket: string, now: number): Promise<UploadForm> {
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } })
    .formData()
    .catch(() => {
      throw new AwsError(
        'MalformedPOSTRequest',
        'The body of your POST request is not well-formed multipart/form-data.',
      );
    });
  const file = form.get('file');
  const fields = new Map<string, string>([['bucket', bucket]]);
  for (const [name, value] of form) if (typeof value === 'string') fields.set(name.toLowerCase(), value);
  const name = file instanceof File ? file.name : '';
  const key = (fields.get('key') ?? '').replaceAll('${filename}', name);
  fields.set('key', key);
  checkPolicy(fields, file instanceof File ? file.size : 0, now);
  return {
    key,
    caller: fields.get('x-amz-credential')?.split('/')[0] ?? 'anonymous',
    body: file instanceof File ? Buffer.from(await file.arrayBuffer()) : Buffer.alloc(0),
    type: fields.get('content-type') ?? 'binary/octet-stream',
  };
}

function checkPolicy(fields: ReadonlyMap<string, string>, size: number, now: number): void {
  const text = Buffer.from(fields.get('policy') ?? '', 'base64').toString();
  if (!text) throw new AwsError('AccessDenied', 'The form has no policy.', 403);
  const policy = JSON.parse(text) as { expiration: string; conditions: readonly Condition[] };
  if (Date.parse(policy.expiration) < now) {
    throw new AwsError('AccessDenied', 'Invalid according to Policy: Policy expired.', 403);
  }
  for (const condition of policy.conditions) {
    const parts = Array.isArray(condition) ? condition : ['eq', ...(Object.entries(condition)[0] ?? ['', ''])];
    const [operator, name, wanted] = parts as [string, string, string];
    if (operator === 'content-length-range') checkLength(size, Number(name), Number(wanted));
    else checkField(fields, operator, name.replace(/^\$/, '').toLowerCase(), wanted);
  }
}

function checkLength(size: number, from: number, to: number): void {
  if (size > to) throw new AwsError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size');
  if (size < from)
    throw new AwsError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size');
}

function checkField(fields: ReadonlyMap<string, string>, operator: string, name: string, wanted: string): void {
  const value = fields.get(name) ?? '';
  const fits = operator === 'starts-with' ? value.startsWith(wanted) : value === wanted;
  if (fits) return;
  const failed = `["${operator}", "$${name}", "${wanted}"]`;
  throw new AwsError('AccessDenied', `Invalid according to Policy: Policy Condition failed: ${failed}`, 403);
}
