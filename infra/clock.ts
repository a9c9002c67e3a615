import { Aws } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/**
 * What functions need to make one-time schedules. It is there before the functions, `schedule` among them, which makes
 * some that call itself: so the target is known by its name.
 */
export type Clock = { group: CfnScheduleGroup; role: Role; target: string; dead: IQueue };

/** The function that one-time schedules call has a name of its own, so that its ARN needs no reference to it. */
export const clockTargetName = `${Aws.STACK_NAME}-schedule`;

/** A group of its own for the one-time schedules of this stack: they end with it. */
export function clock(scope: Construct, dead: IQueue): Clock {
  const group = new CfnScheduleGroup(scope, 'Due');
  const role = clockRole(scope, 'DueRole');
  const target = `arn:${Aws.PARTITION}:lambda:${Aws.REGION}:${Aws.ACCOUNT_ID}:function:${clockTargetName}`;
  return { group, role, target, dead };
}

/** A role that Scheduler takes on; what it may call is added when that is there. */
export const clockRole = (scope: Construct, id: string): Role =>
  new Role(scope, id, {
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  });

/** What a schedule could not call leaves a dead letter. */
export function mayCall(role: Role, called: readonly IFunction[], dead: IQueue): void {
  const arns = [...new Set(called.map(({ functionArn }) => functionArn))];
  role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: arns }));
  role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [dead.queueArn] }));
}
