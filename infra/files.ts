import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, type BucketProps } from 'aws-cdk-lib/aws-s3';
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

/** Where Lambda itself writes in such a bucket. */
export const lambdaRecords = (bucket: Bucket): string => bucket.arnForObjects('aws/lambda/*');
