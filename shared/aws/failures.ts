import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { clientDefaults } from './defaults.ts';

let client: S3Client | undefined;
const s3 = (): S3Client => (client ??= new S3Client(clientDefaults()));

function bucket(): string {
  const name = process.env['FAILURES_BUCKET'];
  if (name === undefined) throw new Error('FAILURES_BUCKET is not set.');
  return name;
}

/** What could not be delivered, as AWS left it: the invocation record of a function or of a stream mapping. */
export async function* failures(): AsyncGenerator<{ key: string; text: string }> {
  let ContinuationToken: string | undefined;
  do {
    const page = await s3().send(new ListObjectsV2Command({ Bucket: bucket(), ContinuationToken }));
    for (const { Key } of page.Contents ?? []) {
      if (Key === undefined) continue;
      const { Body } = await s3().send(new GetObjectCommand({ Bucket: bucket(), Key }));
      yield { key: Key, text: (await Body?.transformToString()) ?? '' };
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
}

export const removeFailure = async (key: string): Promise<void> => {
  await s3().send(new DeleteObjectCommand({ Bucket: bucket(), Key: key }));
};
