import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup, type LogGroupProps } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** Logs end after `days` (context `logDays`): nothing in them is the only copy of anything. */
export const logGroup = (scope: Construct, id: string, days: number, props: LogGroupProps = {}): LogGroup =>
  new LogGroup(scope, id, { retention: days, removalPolicy: RemovalPolicy.DESTROY, ...props });
