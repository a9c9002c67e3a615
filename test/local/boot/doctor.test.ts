import {
  CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
  ListStackResourcesCommand,
} from '@aws-sdk/client-cloudformation';
import { DescribeContinuousBackupsCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetAccountSettingsCommand, LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import { GetAccountCommand, GetEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, expect, test } from 'vitest';
import { functionFindings, mailFindings, stackFindings, tableFindings } from '#local/doctor/account.ts';
import { type Deployed, readDeployed } from '#local/doctor/deployed.ts';
import type { Finding } from '#local/doctor/finding.ts';

// The files of this project share one module graph: what is replaced here is put back at the end.
const cloudFormation = mockClient(CloudFormationClient);
const dynamo = mockClient(DynamoDBClient);
const lambda = mockClient(LambdaClient);
const ses = mockClient(SESv2Client);
afterEach(() => {
  for (const client of [cloudFormation, dynamo, lambda, ses]) client.reset();
});

afterAll(() => {
  for (const client of [cloudFormation, dynamo, lambda, ses]) client.restore();
});

const deployed = (change: Partial<Deployed> = {}): Deployed => ({
  status: 'UPDATE_COMPLETE',
  terminationProtection: true,
  outputs: {},
  ids: (type) =>
    ({ 'AWS::SES::EmailIdentity': ['firm.example'], 'AWS::Lambda::Function': ['Sdelka-Api1', 'Sdelka-Relay2'] })[
      type
    ] ?? [],
  certificate: 'arn:aws:acm:us-east-1:1:certificate/c',
  ...change,
});
const states = (findings: Finding[]): string[] => findings.map(({ state }) => state);

test('the stack is read from CloudFormation: outputs, resources by type, the certificate of the distribution', async () => {
  cloudFormation
    .on(DescribeStacksCommand)
    .resolves({
      Stacks: [
        {
          StackName: 'Sdelka',
          CreationTime: undefined,
          StackStatus: 'CREATE_COMPLETE',
          Outputs: [{ OutputKey: 'BaseUrl', OutputValue: 'https://x' }],
        },
      ],
    })
    .on(ListStackResourcesCommand)
    .resolvesOnce({ NextToken: 'more', StackResourceSummaries: [resource('AWS::DynamoDB::GlobalTable', 'table-1')] })
    .resolves({ StackResourceSummaries: [resource('AWS::SES::EmailIdentity', 'firm.example')] })
    .on(GetTemplateCommand)
    .resolves({
      TemplateBody: JSON.stringify({
        Resources: {
          Site: {
            Type: 'AWS::CloudFront::Distribution',
            Properties: { DistributionConfig: { ViewerCertificate: { AcmCertificateArn: 'arn:c' } } },
          },
        },
      }),
    });
  const read = await readDeployed('Sdelka');
  expect(read).toMatchObject({ outputs: { BaseUrl: 'https://x' }, terminationProtection: false, certificate: 'arn:c' });
  expect(read.ids('AWS::DynamoDB::GlobalTable')).toEqual(['table-1']);
  expect(read.ids('AWS::SES::EmailIdentity')).toEqual(['firm.example']);
});
const resource = (ResourceType: string, PhysicalResourceId: string) => ({
  ResourceType,
  PhysicalResourceId,
  LogicalResourceId: 'x',
  LastUpdatedTimestamp: new Date(0),
  ResourceStatus: 'CREATE_COMPLETE' as const,
});

test('a stack that was rolled back, may be deleted, or has its certificate elsewhere is told', () => {
  expect(states(stackFindings(deployed()))).toEqual(['ok', 'ok', 'ok']);
  const wrong = deployed({
    status: 'UPDATE_ROLLBACK_COMPLETE',
    terminationProtection: false,
    certificate: 'arn:aws:acm:eu-central-1:1:certificate/c',
  });
  expect(states(stackFindings(wrong))).toEqual(['fail', 'warn', 'fail']);
  expect(states(stackFindings(deployed({ certificate: undefined })))).toEqual(['ok', 'ok', 'warn']);
});

test('a table without recovery, protection or stream is told', async () => {
  dynamo.on(DescribeTableCommand).resolves({ Table: {} }).on(DescribeContinuousBackupsCommand).resolves({});
  expect(states(await tableFindings('t'))).toEqual(['fail', 'fail', 'fail']);
  dynamo
    .on(DescribeTableCommand)
    .resolves({
      Table: {
        DeletionProtectionEnabled: true,
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
      },
    })
    .on(DescribeContinuousBackupsCommand)
    .resolves({
      ContinuousBackupsDescription: {
        ContinuousBackupsStatus: 'ENABLED',
        PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'ENABLED' },
      },
    });
  expect(states(await tableFindings('t'))).toEqual(['ok', 'ok', 'ok']);
});

test('a new account’s ten functions at once are a warning; a relay that stands still is a failure', async () => {
  lambda
    .on(GetAccountSettingsCommand)
    .resolves({ AccountLimit: { UnreservedConcurrentExecutions: 10 } })
    .on(ListEventSourceMappingsCommand, { FunctionName: 'Sdelka-Relay2' })
    .resolves({ EventSourceMappings: [{ State: 'Disabled', StateTransitionReason: 'User action' }] });
  const findings = await functionFindings(deployed());
  expect(states(findings)).toEqual(['warn', 'fail']);
  expect(findings[1]?.what).toBe('relay: Disabled, User action');
});

test('the sandbox is a warning, an unverified sender a failure that names the records to set', async () => {
  ses
    .on(GetAccountCommand)
    .resolves({
      SendingEnabled: true,
      ProductionAccessEnabled: false,
      SendQuota: { Max24HourSend: 200, MaxSendRate: 1 },
    })
    .on(GetEmailIdentityCommand, { EmailIdentity: 'firm.example' })
    .resolves({ VerifiedForSendingStatus: false, DkimAttributes: { Status: 'PENDING' } });
  const findings = await mailFindings(deployed());
  expect(states(findings)).toEqual(['ok', 'warn', 'fail']);
  expect(findings[2]?.mend).toContain('Dkim1');
});
