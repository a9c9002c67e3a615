import { Aws, Stack } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { workflowVariable } from '#shared/aws/workflows.ts';
import type { Use } from '#shared/needs.ts';
import { objectsIn } from './acknowledge.ts';
import type { Clock } from './clock.ts';
import { lambdaRecords } from './files.ts';
import type { SignIn } from './identity.ts';
import type { Mail } from './mail.ts';
import type { Site } from './site.ts';

/** What there is beside the table. */
export type Around = {
  secret: Secret;
  bus: EventBus;
  /** By the names of their files; they call `tasks`, so they exist only after it. */
  workflows: Readonly<Record<string, StateMachine>>;
  mail: Mail;
  signIn: SignIn;
  site: Site;
  failures: Bucket;
  files: Bucket;
  clock: Clock;
};
/** `wild`: wildcards in the statements, as cdk-nag names them, with the reason. */
export type Grant = {
  environment: Record<string, string>;
  statements: PolicyStatement[];
  wild?: readonly [reason: string, ...wildcards: string[]];
};

const may = (actions: string[], ...resources: string[]) => new PolicyStatement({ actions, resources });

const GRANTS: Readonly<Record<Use, (around: Around) => Grant>> = {
  secret: ({ secret: { secretArn } }) => ({
    environment: { SECRET_ARN: secretArn },
    statements: [may(['secretsmanager:GetSecretValue'], secretArn)],
  }),
  bus: ({ bus }) => ({
    environment: { BUS_NAME: bus.eventBusName },
    statements: [may(['events:PutEvents'], bus.eventBusArn)],
  }),
  workflows: ({ workflows }) => {
    const arns = Object.values(workflows).map(({ stateMachineArn }) => stateMachineArn);
    return {
      environment: Object.fromEntries(
        Object.entries(workflows).map(([name, { stateMachineArn }]) => [workflowVariable(name), stateMachineArn]),
      ),
      statements: arns.length > 0 ? [may(['states:StartExecution', 'states:SendTaskSuccess'], ...arns)] : [],
    };
  },
  mail: ({ mail }) => ({
    environment: {
      SENDER: mail.sender,
      CONFIGURATION_SET: mail.transactional.configurationSetName,
      MAILINGS_CONFIGURATION_SET: mail.mailings.configurationSetName,
    },
    statements: [
      may(['ses:SendRawEmail'], ...mail.arns),
      may(['ses:GetSendQuota', 'ses:GetAccount', 'ses:ListSuppressedDestinations'], '*'),
    ],
  }),
  issuer: ({ signIn }) => ({
    environment: { ISSUER: signIn.issuer, CLIENT_ID: signIn.clientId, ADMIN_EMAIL: signIn.adminEmail },
    statements: [],
  }),
  address: ({ site }) => ({ environment: { BASE_URL: site.baseUrl }, statements: [] }),
  origin: ({ site }) => ({ environment: { ORIGIN_SECRET: site.originSecret }, statements: [] }),
  failures: ({ failures }) => ({
    environment: { FAILURES_BUCKET: failures.bucketName },
    statements: [
      may(['s3:ListBucket'], failures.bucketArn),
      may(['s3:GetObject', 's3:DeleteObject'], lambdaRecords(failures)),
    ],
  }),
  // Nothing beyond the open internet and its usual authorities.
  outbound: () => ({ environment: { OUTBOUND_NETWORKS: '', OUTBOUND_AUTHORITY: '' }, statements: [] }),
  files: ({ files }) => fileGrant(files, 'uploads', 'results', 'kept'),
  copy: ({ files }) => fileGrant(files, 'copy'),
  clock: ({ clock }) => ({
    environment: {
      SCHEDULE_GROUP: clock.group.ref,
      SCHEDULE_ROLE_ARN: clock.role.roleArn,
      SCHEDULE_TARGET_ARN: clock.target,
      SCHEDULE_DEAD_ARN: clock.dead.queueArn,
    },
    statements: [
      may(
        ['CreateSchedule', 'UpdateSchedule', 'DeleteSchedule'].map((action) => `scheduler:${action}`),
        inGroup(clock),
      ),
      new PolicyStatement({
        actions: ['iam:PassRole'],
        resources: [clock.role.roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
      }),
    ],
    wild: ['One-time schedules are named by what is due, in one group.', schedulesNamed(clock)],
  }),
};

/** Who may see names in the bucket learns that a file is not there; who may not is refused without a reason. */
const fileGrant = (files: Bucket, ...folders: string[]): Grant => ({
  environment: { FILES_BUCKET: files.bucketName },
  statements: [
    may(['s3:ListBucket'], files.bucketArn),
    may(['s3:GetObject', 's3:PutObject'], ...folders.map((folder) => files.arnForObjects(`${folder}/*`))),
  ],
  wild: [
    'Files are named by their ids, in folders of one bucket.',
    ...folders.map((one) => objectsIn(files, `${one}/*`)),
  ],
});

const inGroup = ({ group }: Clock): string =>
  `arn:${Aws.PARTITION}:scheduler:${Aws.REGION}:${Aws.ACCOUNT_ID}:schedule/${group.ref}/*`;
const schedulesNamed = ({ group }: Clock): string =>
  `Resource::arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/<${Stack.of(group).getLogicalId(group)}>/*`;

/** Environment and permissions for everything a function uses. */
export function grantsFor(
  uses: readonly Use[],
  around: Around,
): Omit<Grant, 'wild'> & { wild: NonNullable<Grant['wild']>[] } {
  const grants = uses.map((use) => GRANTS[use](around));
  return {
    environment: Object.assign({}, ...grants.map(({ environment }) => environment)) as Record<string, string>,
    statements: grants.flatMap(({ statements }) => statements),
    wild: grants.flatMap(({ wild }) => (wild ? [wild] : [])),
  };
}
