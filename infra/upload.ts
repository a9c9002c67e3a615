import { Duration, Stack, Validations } from 'aws-cdk-lib';
import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import type { Construct } from 'constructs';
import { acceptWildcards, objectsIn } from './acknowledge.ts';

/**
 * Puts the built console into its bucket. Hashed files are kept for a year and never pruned, so that a page opened
 * before a deployment still finds its parts; index.html is asked for anew each time.
 */
export function uploadConsole(scope: Construct, bucket: Bucket, folder: string): void {
  const destinationBucket = bucket as IBucket;
  const hashed = new BucketDeployment(scope, 'ConsoleParts', {
    sources: [Source.asset(folder)],
    destinationBucket,
    prune: false,
    exclude: ['index.html'],
    cacheControl: [CacheControl.setPublic(), CacheControl.maxAge(Duration.days(365)), CacheControl.immutable()],
  });
  const page = new BucketDeployment(scope, 'ConsolePage', {
    sources: [Source.asset(folder)],
    destinationBucket,
    prune: false,
    exclude: ['*'],
    include: ['index.html'],
    cacheControl: [CacheControl.noCache()],
  });
  page.node.addDependency(hashed);
  const uploader = Stack.of(scope).node.children.find(({ node }) => node.id.startsWith('Custom::CDKBucketDeployment'));
  if (uploader === undefined) return;
  const reason = "The CDK's own uploader: runs only during a deployment, and its role is not ours to write.";
  acceptWildcards(
    uploader,
    reason,
    ...['GetObject', 'GetBucket', 'List', 'DeleteObject', 'Abort'].map((action) => `Action::s3:${action}*`),
    'Resource::arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/*',
    objectsIn(bucket, '*'),
  );
  Validations.of(uploader).acknowledge(
    { id: 'AwsSolutions-L1', reason },
    {
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
      reason,
    },
  );
}
