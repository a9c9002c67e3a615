import { createHash } from 'node:crypto';
import { ACCOUNT, REGION } from '../contract.ts';

/** How a type is named: the property that names it, its ARN, what Ref gives (the name unless told) and its attributes. */
type Naming = {
  property?: string;
  /** Longest physical name AWS takes. */
  longest?: number;
  lower?: boolean;
  arn(name: string, props: Props): string;
  ref?: 'arn' | ((name: string) => string);
  attributes?: Record<string, (name: string, arn: string) => string>;
};
export type Props = Record<string, unknown>;
/** What only the running cloud knows. */
export type Addresses = { issuer: string; userPool: string; userPoolClient: string };

const regional = (service: string, path: (name: string, props: Props) => string) => ({
  arn: (name: string, props: Props) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${path(name, props)}`,
});
const last = (text: string): string => text.split(/[:/]/).at(-1) ?? text;

const table: Naming = {
  property: 'TableName',
  ...regional('dynamodb', (name) => `table/${name}`),
  attributes: { StreamArn: (_, arn) => `${arn}/stream/local`, TableId: (name) => name },
};

const NAMINGS: Readonly<Record<string, Naming>> = {
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::DynamoDB::Table': table,
  'AWS::Lambda::Function': {
    property: 'FunctionName',
    longest: 64,
    ...regional('lambda', (name) => `function:${name}`),
  },
  'AWS::S3::Bucket': {
    property: 'BucketName',
    longest: 63,
    lower: true,
    arn: (name) => `arn:aws:s3:::${name}`,
    attributes: {
      DomainName: (name) => `${name}.s3.amazonaws.com`,
      RegionalDomainName: (name) => `${name}.s3.${REGION}.amazonaws.com`,
      WebsiteURL: (name) => `http://${name}.s3-website-${REGION}.amazonaws.com`,
    },
  },
  'AWS::SQS::Queue': {
    property: 'QueueName',
    longest: 80,
    ...regional('sqs', (name) => name),
    ref: (name) => `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}`,
    attributes: {
      QueueName: (name) => name,
      QueueUrl: (name) => `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}`,
    },
  },
  'AWS::SNS::Topic': {
    property: 'TopicName',
    ...regional('sns', (name) => name),
    ref: 'arn',
    attributes: { TopicName: (name) => name, TopicArn: (_, arn) => arn },
  },
  'AWS::StepFunctions::StateMachine': {
    property: 'StateMachineName',
    longest: 80,
    ...regional('states', (name) => `stateMachine:${name}`),
    ref: 'arn',
    attributes: { Name: (name) => name },
  },
  'AWS::Events::EventBus': {
    property: 'Name',
    ...regional('events', (name) => `event-bus/${name}`),
    attributes: { Name: (name) => name },
  },
  'AWS::Events::Rule': {
    property: 'Name',
    longest: 64,
    ...regional('events', (name, { EventBusName: bus }) =>
      typeof bus === 'string' && last(bus) !== 'default' ? `rule/${last(bus)}/${name}` : `rule/${name}`,
    ),
  },
  'AWS::Scheduler::ScheduleGroup': {
    property: 'Name',
    longest: 64,
    ...regional('scheduler', (name) => `schedule-group/${name}`),
  },
  'AWS::Scheduler::Schedule': {
    property: 'Name',
    longest: 64,
    ...regional(
      'scheduler',
      (name, { GroupName: group }) => `schedule/${typeof group === 'string' ? group : 'default'}/${name}`,
    ),
  },
  'AWS::IAM::Role': {
    property: 'RoleName',
    longest: 64,
    arn: (name) => `arn:aws:iam::${ACCOUNT}:role/${name}`,
    attributes: { RoleId: (name) => `AROA${digest(name).slice(0, 17).toUpperCase()}` },
  },
  'AWS::IAM::Policy': { property: 'PolicyName', arn: (name) => `arn:aws:iam::${ACCOUNT}:policy/${name}` },
  'AWS::IAM::ManagedPolicy': {
    property: 'ManagedPolicyName',
    arn: (name) => `arn:aws:iam::${ACCOUNT}:policy/${name}`,
    ref: 'arn',
    attributes: { PolicyArn: (_, arn) => arn },
  },
  'AWS::SecretsManager::Secret': {
    property: 'Name',
    ...regional('secretsmanager', (name) => `secret:${name}-${digest(name).slice(0, 6)}`),
    ref: 'arn',
    attributes: { Id: (_, arn) => arn },
  },
  'AWS::ApiGatewayV2::Api': {
    arn: (name) => `arn:aws:apigateway:${REGION}::/apis/${name}`,
    attributes: {
      ApiId: (name) => name,
      ApiEndpoint: (name) => `https://${name}.execute-api.${REGION}.amazonaws.com`,
    },
  },
  'AWS::Cognito::UserPool': {
    ...regional('cognito-idp', (name) => `userpool/${name}`),
    attributes: { UserPoolId: (name) => name },
  },
  'AWS::Cognito::UserPoolClient': {
    ...regional('cognito-idp', (name) => `client/${name}`),
    attributes: { ClientId: (name) => name },
  },
  'AWS::SES::ConfigurationSet': { property: 'Name', ...regional('ses', (name) => `configuration-set/${name}`) },
  'AWS::SES::EmailIdentity': {
    property: 'EmailIdentity',
    ...regional('ses', (name) => `identity/${name}`),
    attributes: Object.fromEntries(
      [1, 2, 3].flatMap((n) => [
        [`DkimDNSTokenName${n}`, (name: string) => `local${n}._domainkey.${name}`],
        [`DkimDNSTokenValue${n}`, () => `local${n}.dkim.amazonses.com`],
      ]),
    ),
  },
  'AWS::Logs::LogGroup': { property: 'LogGroupName', ...regional('logs', (name) => `log-group:${name}:*`) },
  'AWS::CloudFront::Distribution': {
    arn: (name) => `arn:aws:cloudfront::${ACCOUNT}:distribution/${name}`,
    attributes: { DomainName: (name) => `${name.toLowerCase()}.cloudfront.net`, Id: (name) => name },
  },
};

const PLAIN: Naming = { arn: (name) => `arn:aws:local:${REGION}:${ACCOUNT}:${name}` };
const namingOf = (type: string): Naming => NAMINGS[type] ?? PLAIN;
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The property of a type that holds its physical name. */
export const nameProperty = (type: string): string | undefined => namingOf(type).property;

/** A physical name that is the same at every boot: the one declared, else stack and logical id, cut to what AWS takes. */
export function physicalName(
  type: string,
  stack: string,
  id: string,
  given: string | undefined,
  known: Addresses,
): string {
  if (type === 'AWS::Cognito::UserPool') return known.userPool;
  if (type === 'AWS::Cognito::UserPoolClient') return known.userPoolClient;
  if (given !== undefined) return given;
  if (type === 'AWS::ApiGatewayV2::Api') return digest(`${stack}/${id}`).slice(0, 10);
  const { longest = 128, lower = false } = namingOf(type);
  const whole = `${stack}-${id}`;
  const name = whole.length <= longest ? whole : `${whole.slice(0, longest - 9)}-${digest(whole).slice(0, 8)}`;
  return lower ? name.toLowerCase() : name;
}

export const arnOf = (type: string, name: string, props: Props): string => namingOf(type).arn(name, props);

/** What Ref gives. */
export function refOf(type: string, name: string, props: Props): string {
  const { ref } = namingOf(type);
  if (ref === 'arn') return arnOf(type, name, props);
  return ref ? ref(name) : name;
}

/** What GetAtt gives, or undefined for an attribute that is not known here. */
export function attributeOf(
  type: string,
  name: string,
  attribute: string,
  props: Props,
  known: Addresses,
): string | undefined {
  if (type === 'AWS::Cognito::UserPool' && attribute === 'ProviderURL') return known.issuer;
  if (type === 'AWS::Cognito::UserPool' && attribute === 'ProviderName')
    return known.issuer.replace(/^https?:\/\//, '');
  const arn = arnOf(type, name, props);
  const made = namingOf(type).attributes?.[attribute];
  if (made) return made(name, arn);
  return attribute === 'Arn' && type in NAMINGS ? arn : undefined;
}

/** The id CloudFormation gives a stack, with a GUID that stays the same. */
export function stackId(stack: string): string {
  const hash = digest(`stack ${stack}`);
  const guid = [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)].join(
    '-',
  );
  return `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/${stack}/${guid}`;
}
