import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, type BucketProps, HttpMethods } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

/** A private bucket that outlives the stack. */
export function privateBucket(scope: Construct, id: string, props: BucketProps = {}): Bucket {
  const bucket = new Bucket(scope, id, {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    removalPolicy: RemovalPolicy.RETAIN,
    ...props,
  });
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason: 'Only this stack reaches the bucket; a log of its reads would cost more than the bucket.',
  });
  return bucket;
}

/**
 * What could not be delivered, whole: batches of the stream and asynchronous calls after their last retry.
 * `schedule` delivers them again and removes them; the events themselves lie in the table for good.
 */
export const failuresBucket = (scope: Construct): Bucket =>
  privateBucket(scope, 'Failures', { lifecycleRules: [{ expiration: Duration.days(365) }] });

/**
 * Everything that is a file: `uploads/` on their way in, `results/` of jobs, `kept/` on records, `copy/` of the read side.
 * Any page may ask by a presigned address, which is the proof; there are no cookies here to misuse.
 */
export const filesBucket = (scope: Construct): Bucket =>
  privateBucket(scope, 'Files', {
    lifecycleRules: [
      { abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ...Object.entries(PASSING).map(([folder, days]) => ({ prefix: `${folder}/`, expiration: Duration.days(days) })),
    ],
    cors: [
      {
        allowedOrigins: ['*'],
        allowedMethods: [HttpMethods.GET, HttpMethods.HEAD, HttpMethods.POST],
        allowedHeaders: ['*'],
        exposedHeaders: ['Content-Disposition', 'ETag'],
        maxAge: 3600,
      },
    ],
  });

/** Days after which a file of a folder is gone; what lies elsewhere stays. */
const PASSING = { uploads: 30, results: 30, copy: 14 };

/** Where Lambda itself writes in such a bucket. */
export const lambdaRecords = (bucket: Bucket): string => bucket.arnForObjects('aws/lambda/*');
