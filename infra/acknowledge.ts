import { type CfnResource, Stack, Validations } from 'aws-cdk-lib';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';

/** Accepts wildcards in the policies of a role, each by name as cdk-nag finds it (`Resource::*`), with the reason. */
export function acceptWildcards(role: IConstruct | undefined, reason: string, ...wildcards: string[]): void {
  if (role === undefined) return;
  Validations.of(role).acknowledge(...wildcards.map((wildcard) => ({ id: `AwsSolutions-IAM5[${wildcard}]`, reason })));
}

/** How cdk-nag names objects of a bucket of this stack. */
export const objectsIn = (bucket: Bucket, path: string): string =>
  `Resource::<${Stack.of(bucket).getLogicalId(bucket.node.defaultChild as CfnResource)}.Arn>/${path}`;
