import { DescribeContinuousBackupsCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetAccountSettingsCommand, LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import { GetAccountCommand, GetEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import type { Deployed } from './deployed.ts';
import { fail, type Finding, ok, warn } from './finding.ts';

/** New accounts get 10; a busy firm with its forms, letters and workflows needs more than that at once. */
const ENOUGH_CONCURRENCY = 100;

export function stackFindings({ status, terminationProtection, certificate }: Deployed): Finding[] {
  const certificateRegion = certificate?.split(':')[3];
  return [
    /^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status)
      ? ok(`stack: ${status}`)
      : fail(`stack: ${status}`, 'Look at its events in CloudFormation, mend the cause and deploy again.'),
    terminationProtection
      ? ok('stack: protected against deletion')
      : warn('stack: may be deleted', 'Deploy again, or switch termination protection on in CloudFormation.'),
    certificateRegion === undefined
      ? warn('certificate: CloudFront’s own name only', 'For a domain of your own: -c domain=… -c certificateArn=…')
      : certificateRegion === 'us-east-1'
        ? ok('certificate: in us-east-1')
        : fail(
            `certificate: in ${certificateRegion}`,
            'CloudFront takes certificates from us-east-1 only: ask for one there.',
          ),
  ];
}

/** `tableName`: the one of the stack, or a restored one. */
export async function tableFindings(tableName: string): Promise<Finding[]> {
  const client = new DynamoDBClient({});
  const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
  const { ContinuousBackupsDescription } = await client.send(
    new DescribeContinuousBackupsCommand({ TableName: tableName }),
  );
  const backups = ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
  return [
    backups === 'ENABLED'
      ? ok('table: can be restored to any second of 35 days')
      : fail('table: no point-in-time recovery', `Switch it on for ${tableName}.`),
    Table?.DeletionProtectionEnabled
      ? ok('table: protected against deletion')
      : fail('table: may be deleted', `Switch deletion protection on for ${tableName}.`),
    Table?.StreamSpecification?.StreamViewType === 'NEW_IMAGE'
      ? ok('table: its stream carries new images')
      : fail(
          'table: no stream of new images',
          'Without it nothing that is saved is told: switch it on, then deploy again.',
        ),
  ];
}

export async function functionFindings(deployed: Deployed): Promise<Finding[]> {
  const client = new LambdaClient({});
  const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}));
  const free = AccountLimit?.UnreservedConcurrentExecutions ?? 0;
  const relay = deployed.ids('AWS::Lambda::Function').find((id) => /Relay/.test(id));
  const { EventSourceMappings = [] } = await client.send(new ListEventSourceMappingsCommand({ FunctionName: relay }));
  return [
    free >= ENOUGH_CONCURRENCY
      ? ok(`functions: ${free} may run at once`)
      : warn(
          `functions: only ${free} may run at once`,
          'Ask for 1000 in Service Quotas (AWS Lambda, concurrent executions): it is free.',
        ),
    EventSourceMappings.length === 1 && EventSourceMappings[0]?.State === 'Enabled'
      ? ok('relay: follows the stream')
      : fail(
          `relay: ${EventSourceMappings.map(({ State, StateTransitionReason }) => `${State}, ${StateTransitionReason}`).join('; ') || 'follows no stream'}`,
          'Enable its event source mapping in Lambda; what it missed is fed by the sweep.',
        ),
  ];
}

export async function mailFindings(deployed: Deployed): Promise<Finding[]> {
  const client = new SESv2Client({});
  const { ProductionAccessEnabled, SendingEnabled, SendQuota } = await client.send(new GetAccountCommand({}));
  const [identity = ''] = deployed.ids('AWS::SES::EmailIdentity');
  const { DkimAttributes, VerifiedForSendingStatus } = await client.send(
    new GetEmailIdentityCommand({ EmailIdentity: identity }),
  );
  const { Max24HourSend = 0, MaxSendRate = 0 } = SendQuota ?? {};
  return [
    SendingEnabled
      ? ok(`mail: ${Max24HourSend} letters a day, ${MaxSendRate} a second`)
      : fail('mail: sending is switched off', 'Amazon paused it: read why in the SES console.'),
    ProductionAccessEnabled
      ? ok('mail: out of the sandbox')
      : warn(
          'mail: in the sandbox, only verified addresses get letters',
          'Request production access in the SES console.',
        ),
    VerifiedForSendingStatus && DkimAttributes?.Status === 'SUCCESS'
      ? ok(`mail: ${identity} is verified and signs with DKIM`)
      : fail(
          `mail: ${identity} is not verified (DKIM ${DkimAttributes?.Status ?? 'unknown'})`,
          'Set the three CNAME records of the outputs Dkim1 to Dkim3 in its DNS; SES looks for 72 hours.',
        ),
  ];
}
