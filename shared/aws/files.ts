import type { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { downloadAs } from '#shared/file-name.ts';
import { clientDefaults } from './defaults.ts';

/** Seconds a presigned address is good for. */
const GOOD_FOR = 900;

let client: S3Client | undefined;

/** S3's client is heavy and few calls need it: the doors start without it. Large files take longer than other calls. */
async function s3() {
  const sdk = await import('@aws-sdk/client-s3');
  const defaults = clientDefaults();
  client ??= new sdk.S3Client({
    ...defaults,
    requestHandler: { ...defaults.requestHandler, requestTimeout: 60_000 },
  });
  return { ...sdk, client };
}

function at(Key: string): { Bucket: string; Key: string } {
  const Bucket = process.env['FILES_BUCKET'];
  if (Bucket === undefined) throw new Error('FILES_BUCKET is not set.');
  return { Bucket, Key };
}

type Bytes = Uint8Array | string | { stream: Readable; size: number };

/**
 * Keeps a file. Keys begin with the folder that says how long it is kept: `uploads/` and `results/` 30 days, `copy/` 14
 * days, `kept/` for good. A stream is read once, so a write that fails on the way is the caller's to repeat.
 */
export async function putFile(key: string, body: Bytes, type: string): Promise<void> {
  const { client: files, PutObjectCommand } = await s3();
  const content =
    typeof body === 'object' && 'stream' in body ? { Body: body.stream, ContentLength: body.size } : { Body: body };
  await files.send(new PutObjectCommand({ ...at(key), ...content, ContentType: type }));
}

/** A file as a stream, with its size in bytes and media type; undefined when there is none. */
export async function openFile(key: string): Promise<{ stream: Readable; size: number; type: string } | undefined> {
  const { client: files, GetObjectCommand, NoSuchKey } = await s3();
  try {
    const { Body, ContentLength = 0, ContentType = '' } = await files.send(new GetObjectCommand(at(key)));
    return { stream: Body as Readable, size: ContentLength, type: ContentType };
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}

/** A whole file in memory; undefined when there is none. */
export async function getFile(key: string): Promise<Buffer | undefined> {
  const found = await openFile(key);
  return found && Buffer.concat(await found.stream.toArray());
}

/** Files whose keys begin with a prefix, in the order of keys, with the bytes of each. */
export async function* listFiles(prefix: string): AsyncGenerator<{ key: string; size: number }> {
  const { client: files, ListObjectsV2Command } = await s3();
  const { Bucket } = at(prefix);
  let ContinuationToken: string | undefined;
  do {
    const page = await files.send(new ListObjectsV2Command({ Bucket, Prefix: prefix, ContinuationToken }));
    for (const { Key, Size = 0 } of page.Contents ?? []) if (Key !== undefined) yield { key: Key, size: Size };
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
}

/** A form a browser posts a file with, its fields first and then `file`: of this media type, and no more bytes than that. */
export async function presignedUpload(
  key: string,
  { maxBytes, type }: { maxBytes: number; type: string },
): Promise<{ url: string; fields: Record<string, string> }> {
  const { client: files } = await s3();
  const { createPresignedPost } = await import('@aws-sdk/s3-presigned-post');
  return createPresignedPost(files, {
    ...at(key),
    Fields: { 'Content-Type': type },
    Conditions: [
      ['content-length-range', 1, maxBytes],
      ['eq', '$Content-Type', type],
    ],
    Expires: GOOD_FOR,
  });
}

/** An address that saves a file under this name and never shows it as a page; good for a quarter of an hour. */
export async function presignedDownload(key: string, name: string): Promise<string> {
  const { client: files, GetObjectCommand } = await s3();
  const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner');
  const command = new GetObjectCommand({ ...at(key), ResponseContentDisposition: downloadAs(name) });
  return getSignedUrl(files, command, { expiresIn: GOOD_FOR });
}
