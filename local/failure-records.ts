import { REGION } from './contract.ts';
import type { Files } from './files/files.ts';
import { ROOT } from './iam/identity.ts';
import type { OnFailure } from './lambda/destination.ts';

/** Puts failure records into the queues and buckets of the template, with the rights of the cloud itself. */
export const failureRecords =
  (files: () => Pick<Files, 'url' | 'sendMessage'>): OnFailure =>
  async (destination, record, key) => {
    const body = JSON.stringify(record);
    if (destination.startsWith('arn:aws:sqs:')) return files().sendMessage(destination, body);
    const Bucket = /^arn:aws:s3:::(.+)$/.exec(destination)?.[1];
    if (Bucket === undefined) throw new Error(`${destination} is neither a queue nor a bucket`);
    // Loaded only when something has failed: it is a large module.
    const { PutObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
    const client = new S3Client({
      region: REGION,
      endpoint: files().url,
      forcePathStyle: true,
      credentials: { accessKeyId: ROOT, secretAccessKey: 'local' },
    });
    try {
      await client.send(new PutObjectCommand({ Bucket, Key: key, Body: body, ContentType: 'application/json' }));
    } finally {
      client.destroy();
    }
  };
