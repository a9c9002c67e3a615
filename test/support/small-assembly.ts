import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Inside the project, so that the handlers find its packages. */
const HOME = join(import.meta.dirname, '..', '..', '.build');

const HANDLERS = `
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses';

export const take = async (event) => {
  const { id, wait } = JSON.parse(Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8'));
  const address = event.headers['x-viewer-address'];
  const Item = { pk: { S: 'ORDER#' + id }, wait: { N: String(wait) }, address: { S: address } };
  await new DynamoDBClient({}).send(new PutItemCommand({ TableName: process.env.TABLE_NAME, Item }));
  return { statusCode: 202, body: JSON.stringify({ id, address, secret: event.headers['x-origin-secret'], base: process.env.BASE_URL }) };
};

export const tell = async ({ Records }) => {
  for (const { eventID, dynamodb: { NewImage } } of Records) {
    const input = JSON.stringify({ id: NewImage.pk.S, wait: Number(NewImage.wait.N) });
    await new SFNClient({}).send(new StartExecutionCommand({ stateMachineArn: process.env.MACHINE, name: eventID, input }));
  }
};

export const write = async ({ id }) => {
  const text = 'From: shop@example.com\\r\\nTo: anna@example.com\\r\\nSubject: ' + id + ' <b>&\\r\\nContent-Type: text/html\\r\\n\\r\\n' +
    '<p>Hello</p><script>alert(1)</script><a href="https://example.com/x?a=1&amp;b=2">link</a>';
  await new SESClient({}).send(new SendRawEmailCommand({ RawMessage: { Data: Buffer.from(text) } }));
  return { sent: id };
};
`;

const DEFINITION = {
  StartAt: 'Wait for the day',
  States: {
    'Wait for the day': { Type: 'Wait', SecondsPath: '$.wait', Next: 'Write the letter' },
    'Write the letter': {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: '${Write}', 'Payload.$': '$' },
      Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 3 }],
      End: true,
    },
  },
};

const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const allow = (Action: string | string[], Resource: unknown) => ({ Effect: 'Allow', Action, Resource });

function lambda(name: string, statements: unknown[], variables: Record<string, unknown> = {}) {
  const id = `${name[0]?.toUpperCase()}${name.slice(1)}`;
  return {
    [`${id}Role`]: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {} } },
    [`${id}Policy`]: {
      Type: 'AWS::IAM::Policy',
      Properties: { PolicyName: id, PolicyDocument: { Statement: statements }, Roles: [{ Ref: `${id}Role` }] },
    },
    [id]: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Runtime: 'nodejs24.x',
        Handler: `index.${name}`,
        Code: { S3Bucket: 'assets', S3Key: 'code.zip' },
        Role: arn(`${id}Role`),
        Timeout: 20,
        MemorySize: 256,
        Environment: { Variables: { BASE_URL: 'https://aws', ...variables } },
      },
    },
  };
}

const GUID = { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] };

const STREAM = { 'Fn::GetAtt': ['Main', 'StreamArn'] };

const RESOURCES = {
  Main: {
    Type: 'AWS::DynamoDB::GlobalTable',
    Properties: {
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
      Replicas: [{ Region: 'us-east-1' }],
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
    },
  },
  ...lambda('take', [allow('dynamodb:PutItem', arn('Main'))], { TABLE_NAME: { Ref: 'Main' } }),
  ...lambda('tell', [allow('states:StartExecution', { Ref: 'Machine' }), allow('dynamodb:*', STREAM)], {
    MACHINE: { Ref: 'Machine' },
  }),
  ...lambda('write', [allow('ses:SendRawEmail', '*')]),
  MachineRole: {
    Type: 'AWS::IAM::Role',
    Properties: {
      Policies: [{ PolicyName: 'x', PolicyDocument: { Statement: [allow('lambda:InvokeFunction', arn('Write'))] } }],
    },
  },
  Machine: {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: {
      RoleArn: arn('MachineRole'),
      DefinitionString: JSON.stringify(DEFINITION),
      DefinitionSubstitutions: { Write: arn('Write') },
    },
  },
  Mapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      FunctionName: { Ref: 'Tell' },
      EventSourceArn: STREAM,
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 10,
    },
  },
  Sender: { Type: 'AWS::SES::EmailIdentity', Properties: { EmailIdentity: 'shop@example.com' } },
  Pool: { Type: 'AWS::Cognito::UserPool' },
  Console: { Type: 'AWS::Cognito::UserPoolClient', Properties: { UserPoolId: { Ref: 'Pool' } } },
  Http: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'http', ProtocolType: 'HTTP' } },
  Integration: {
    Type: 'AWS::ApiGatewayV2::Integration',
    Properties: {
      ApiId: { Ref: 'Http' },
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: arn('Take'),
      PayloadFormatVersion: '2.0',
    },
  },
  Route: {
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: {
      ApiId: { Ref: 'Http' },
      RouteKey: 'ANY /public/{proxy+}',
      Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] },
    },
  },
  Site: {
    Type: 'AWS::CloudFront::Distribution',
    Properties: {
      DistributionConfig: {
        Origins: [
          {
            DomainName: { 'Fn::GetAtt': ['Nobody', 'Knows'] },
            OriginCustomHeaders: [{ HeaderName: 'X-Origin-Secret', HeaderValue: GUID }],
          },
        ],
      },
    },
  },
};

/**
 * Writes the smallest cloud assembly with the whole path: HTTP, Lambda, DynamoDB, stream, Lambda, workflow, letter.
 * `extra` adds resources. Answers its folder, which the caller removes.
 */
export function smallAssembly(extra: Record<string, unknown> = {}): string {
  mkdirSync(HOME, { recursive: true });
  const dir = mkdtempSync(join(HOME, 'small-'));
  mkdirSync(join(dir, 'code'));
  writeFileSync(join(dir, 'code', 'index.mjs'), HANDLERS);
  const write = (name: string, content: unknown): void => writeFileSync(join(dir, name), JSON.stringify(content));
  write('manifest.json', {
    artifacts: { Small: { type: 'aws:cloudformation:stack', properties: { templateFile: 'Small.template.json' } } },
  });
  write('Small.assets.json', {
    files: { x: { source: { path: 'code' }, destinations: { here: { objectKey: 'code.zip' } } } },
  });
  write('Small.template.json', { Resources: { ...RESOURCES, ...extra } });
  return dir;
}
