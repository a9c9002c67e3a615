import { Duration, Size } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  CfnEventInvokeConfig,
  Code,
  Function as Lambda,
  LoggingFormat,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Needs } from '#shared/needs.ts';
import { acceptWildcards, objectsIn } from './acknowledge.ts';
import { lambdaRecords } from './files.ts';
import { logGroup } from './logs.ts';

type EntryProps = {
  needs: Needs;
  /** Folder with `index.mjs`. */
  folder: string;
  environment: Record<string, string>;
  statements: readonly PolicyStatement[];
  logDays: number;
  /** Only where others must know the name before the function is there. */
  functionName?: string | undefined;
};

/** One Lambda with a role of its own that may do what it is given here and nothing else. */
export class EntryFunction extends Lambda {
  constructor(scope: Construct, id: string, props: EntryProps) {
    const { needs, folder, environment, statements, logDays, functionName } = props;
    const logs = logGroup(scope, `${id}Logs`, logDays);
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    super(scope, id, {
      description: needs.what,
      code: Code.fromAsset(folder),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: Duration.seconds(needs.timeout),
      memorySize: needs.memory,
      ...(needs.storage !== undefined && { ephemeralStorageSize: Size.mebibytes(needs.storage) }),
      ...(functionName !== undefined && { functionName }),
      environment: { NODE_OPTIONS: '--enable-source-maps', ...environment },
      logGroup: logs,
      loggingFormat: LoggingFormat.JSON,
      role,
    });
    for (const statement of [
      new PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logs.logGroupArn] }),
      ...statements,
    ])
      this.addToRolePolicy(statement);
  }

  /** Asynchronous calls are tried three times in all; then the whole call is kept in `failures`. */
  keepFailures(failures: Bucket): void {
    new CfnEventInvokeConfig(this, 'AsyncCalls', {
      functionName: this.functionName,
      qualifier: '$LATEST',
      maximumRetryAttempts: 2,
      destinationConfig: { onFailure: { destination: failures.bucketArn } },
    });
    this.mayKeep(failures);
  }

  /** Lambda delivers to a bucket with the rights of the function. */
  mayKeep(failures: Bucket): void {
    this.addToRolePolicy(new PolicyStatement({ actions: ['s3:PutObject'], resources: [lambdaRecords(failures)] }));
    this.addToRolePolicy(new PolicyStatement({ actions: ['s3:ListBucket'], resources: [failures.bucketArn] }));
    acceptWildcards(this.role, 'Lambda chooses the names of the failure records.', objectsIn(failures, 'aws/lambda/*'));
  }
}
