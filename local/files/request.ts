import type { Access } from '../contract.ts';
import type { Call } from '../front.ts';

/** One request of S3's REST protocol, path style. `keys` are the objects it is about (none: the bucket itself). */
export type FileRequest = { action: string; bucket: string; keys: readonly string[]; query: URLSearchParams };

type Head = Pick<Call, 'method' | 'path' | 'headers' | 'body'>;

export function fileRequest({ method, path, headers, body }: Head): FileRequest {
  const { pathname, searchParams: query } = new URL(path, 'http://s3');
  const [bucket = '', ...rest] = pathname.slice(1).split('/');
  const key = decodeURIComponent(rest.join('/'));
  const action = actionOf(method, key, query, headers);
  const keys = action === 'DeleteObjects' ? keysIn(body) : key ? [key] : [];
  return { action, bucket, keys, query };
}

function actionOf(method: string, key: string, query: URLSearchParams, headers: Call['headers']): string {
  const [upload, start] = [query.has('uploadId'), query.has('uploads')];
  switch (`${method} ${key ? 'object' : 'bucket'}`) {
    case 'GET object':
      return upload ? 'ListParts' : 'GetObject';
    case 'HEAD object':
      return 'HeadObject';
    case 'PUT object':
      if (upload) return 'UploadPart';
      return headers['x-amz-copy-source'] ? 'CopyObject' : 'PutObject';
    case 'POST object':
      return start ? 'CreateMultipartUpload' : 'CompleteMultipartUpload';
    case 'DELETE object':
      return upload ? 'AbortMultipartUpload' : 'DeleteObject';
    case 'GET bucket':
      return start ? 'ListMultipartUploads' : query.get('list-type') === '2' ? 'ListObjectsV2' : 'ListObjects';
    case 'HEAD bucket':
      return 'HeadBucket';
    case 'POST bucket':
      return query.has('delete') ? 'DeleteObjects' : 'PostObject';
    default:
      return `${method}Bucket`;
  }
}

/** The permission each action needs, where it has another name. */
const PERMISSION: Readonly<Record<string, string>> = {
  HeadObject: 'GetObject',
  CopyObject: 'PutObject',
  UploadPart: 'PutObject',
  CreateMultipartUpload: 'PutObject',
  CompleteMultipartUpload: 'PutObject',
  PostObject: 'PutObject',
  DeleteObjects: 'DeleteObject',
  ListParts: 'ListMultipartUploadParts',
  ListObjects: 'ListBucket',
  ListObjectsV2: 'ListBucket',
  HeadBucket: 'ListBucket',
  ListMultipartUploads: 'ListBucketMultipartUploads',
};

/** What a request asks leave for; a copy needs the source too. */
export function fileAccesses({ action, bucket, keys, query }: FileRequest, headers: Call['headers']): Access[] {
  const permission = `s3:${PERMISSION[action] ?? action}`;
  const arn = `arn:aws:s3:::${bucket}`;
  const source = decodeURIComponent(String(headers['x-amz-copy-source'] ?? '')).replace(/^\//, '');
  const prefix = query.get('prefix');
  return [
    ...(keys.length
      ? keys.map((key) => ({ action: permission, resource: `${arn}/${key}` }))
      : [{ action: permission, resource: arn, ...(prefix === null ? {} : { context: { 's3:prefix': [prefix] } }) }]),
    ...(source ? [{ action: 's3:GetObject', resource: `arn:aws:s3:::${source}` }] : []),
  ];
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

const keysIn = (body: Buffer): string[] =>
  [...body.toString().matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) =>
    key.replaceAll(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => ENTITIES[name] ?? ''),
  );
