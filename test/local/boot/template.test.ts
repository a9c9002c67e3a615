import { expect, test } from 'vitest';
import { resolveStack } from '#local/template/assembly.ts';
import type { Declared, Document } from '#local/template/document.ts';

const known = { issuer: 'http://127.0.0.1:4000/oidc', userPool: 'local-pool', userPoolClient: 'console' };
const ARN = (service: string, path: string) => `arn:aws:${service}:us-east-1:000000000000:${path}`;

/** Resources of a stack with one of each thing the cases refer to. */
function resolve(resources: Record<string, Declared>, document: Partial<Document> = {}) {
  const base: Record<string, Declared> = {
    Main: { Type: 'AWS::DynamoDB::GlobalTable' },
    Files: { Type: 'AWS::S3::Bucket' },
    Dead: { Type: 'AWS::SQS::Queue' },
    Fn: { Type: 'AWS::Lambda::Function' },
    Route: { Type: 'AWS::StepFunctions::StateMachine' },
    Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'things' } },
    Secret: { Type: 'AWS::SecretsManager::Secret' },
    Topic: { Type: 'AWS::SNS::Topic' },
    Pool: { Type: 'AWS::Cognito::UserPool' },
    Client: { Type: 'AWS::Cognito::UserPoolClient' },
    Role: { Type: 'AWS::IAM::Role' },
  };
  const stack = { name: 'Shop', document: { ...document, Resources: { ...base, ...resources } }, assets: new Map() };
  return new Map(resolveStack(stack, known).map((resource) => [resource.id, resource]));
}

const valueOf = (value: unknown, document: Partial<Document> = {}) =>
  resolve({ It: { Type: 'AWS::IAM::Role', Properties: { Value: value } } }, document).get('It')?.props['Value'];

test.each([
  ['Ref of a table is its name', { Ref: 'Main' }, 'Shop-Main'],
  ['Ref of a bucket is its name in lower case', { Ref: 'Files' }, 'shop-files'],
  ['Ref of a queue is its address', { Ref: 'Dead' }, 'https://sqs.us-east-1.amazonaws.com/000000000000/Shop-Dead'],
  ['Ref of a state machine is its ARN', { Ref: 'Route' }, ARN('states', 'stateMachine:Shop-Route')],
  ['Ref of a bus is its declared name', { Ref: 'Bus' }, 'things'],
  ['Ref of a topic is its ARN', { Ref: 'Topic' }, ARN('sns', 'Shop-Topic')],
  ['Ref of a user pool client is the one of the issuer', { Ref: 'Client' }, 'console'],
  ['GetAtt of a table', { 'Fn::GetAtt': ['Main', 'Arn'] }, ARN('dynamodb', 'table/Shop-Main')],
  ['GetAtt of a stream', { 'Fn::GetAtt': ['Main', 'StreamArn'] }, ARN('dynamodb', 'table/Shop-Main/stream/local')],
  ['GetAtt of a bucket', { 'Fn::GetAtt': ['Files', 'Arn'] }, 'arn:aws:s3:::shop-files'],
  ['GetAtt of a queue', { 'Fn::GetAtt': ['Dead', 'Arn'] }, ARN('sqs', 'Shop-Dead')],
  ['GetAtt as text', { 'Fn::GetAtt': 'Fn.Arn' }, ARN('lambda', 'function:Shop-Fn')],
  ['GetAtt of a role', { 'Fn::GetAtt': ['Role', 'Arn'] }, 'arn:aws:iam::000000000000:role/Shop-Role'],
  ['GetAtt of the pool', { 'Fn::GetAtt': ['Pool', 'ProviderURL'] }, known.issuer],
  ['Join', { 'Fn::Join': [':', ['a', { Ref: 'AWS::Region' }, 'b']] }, 'a:us-east-1:b'],
  [
    'Sub with resources',
    { 'Fn::Sub': '${AWS::Partition} ${Main} ${Fn.Arn} ${!kept}' },
    `aws Shop-Main ${ARN('lambda', 'function:Shop-Fn')} \${kept}`,
  ],
  ['Sub with own values', { 'Fn::Sub': ['${x}-${Bus}', { x: { Ref: 'AWS::AccountId' } }] }, '000000000000-things'],
  ['Select of Split', { 'Fn::Select': [1, { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
  ['Base64', { 'Fn::Base64': 'hello' }, 'aGVsbG8='],
  ['NoValue in a list', ['a', { Ref: 'AWS::NoValue' }, 'b'], ['a', 'b']],
  ['NoValue in an object', { a: { Ref: 'AWS::NoValue' }, b: 1 }, { b: 1 }],
  [
    'a policy condition is no function',
    { Condition: { StringEquals: { a: { Ref: 'Bus' } } } },
    { Condition: { StringEquals: { a: 'things' } } },
  ],
])('%s', (_, value, expected) => {
  expect(valueOf(value)).toEqual(expected);
});

test('the id of the stack holds the same GUID at every boot', () => {
  const guid = { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] };
  expect(valueOf(guid)).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(valueOf(guid)).toBe(valueOf(guid));
});

test('conditions choose values, and drop resources', () => {
  const document = {
    Parameters: { Stage: { Default: 'trial' } },
    Conditions: {
      Trial: { 'Fn::Equals': [{ Ref: 'Stage' }, 'trial'] },
      Real: { 'Fn::Not': [{ Condition: 'Trial' }] },
      Never: { 'Fn::And': [{ Condition: 'Trial' }, { Condition: 'Real' }] },
      Always: { 'Fn::Or': [{ Condition: 'Trial' }, { Condition: 'Real' }] },
    },
  };
  expect(valueOf({ 'Fn::If': ['Trial', 'yes', { 'Fn::GetAtt': ['Nobody', 'Looks'] }] }, document)).toBe('yes');
  expect(valueOf({ 'Fn::If': ['Never', 'yes', 'no'] }, document)).toBe('no');
  const found = resolve(
    { Gone: { Type: 'AWS::SQS::Queue', Condition: 'Real' }, There: { Type: 'AWS::SQS::Queue', Condition: 'Always' } },
    document,
  );
  expect([found.has('Gone'), found.has('There')]).toEqual([false, true]);
});

test('mappings are looked up', () => {
  const document = { Mappings: { Sizes: { 'us-east-1': { memory: 512 } } } };
  expect(valueOf({ 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'memory'] }, document)).toBe(512);
});

test.each([
  [
    'a resource that is not there',
    { Ref: 'Nobody' },
    /It \(AWS::IAM::Role\), property Value: there is no resource Nobody/,
  ],
  [
    'an attribute nobody knows',
    { a: [{ 'Fn::GetAtt': ['Main', 'Colour'] }] },
    /property Value\.a\[0\]: .*attribute Colour of Main/,
  ],
  ['a function nobody knows', { 'Fn::ImportValue': 'x' }, /property Value: .*Fn::ImportValue/],
  ['a parameter without a default', { Ref: 'Asked' }, /parameter Asked has no default/],
])('%s is refused by resource and property', (_, value, message) => {
  expect(() => valueOf(value, { Parameters: { Asked: {} } })).toThrow(message);
});

test('a name that is made of itself is refused', () => {
  const loop = { Type: 'AWS::SQS::Queue', Properties: { QueueName: { Ref: 'Loop' } } };
  expect(() => resolve({ Loop: loop })).toThrow(/name of Loop refers to itself/);
});

test('what only AWS needs is passed through, even when it cannot be resolved here', () => {
  const alarm = { Type: 'AWS::CloudWatch::Alarm', Properties: { Dimensions: { 'Fn::GetAtt': ['Main', 'Colour'] } } };
  expect(resolve({ Alarm: alarm }).get('Alarm')?.props).toEqual(alarm.Properties);
});

test('physical names are the same at every boot, and not longer than AWS takes', () => {
  const id = `Fn${'x'.repeat(100)}`;
  const make = () =>
    resolve({
      [id]: { Type: 'AWS::Lambda::Function' },
      Named: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: { 'Fn::Join': ['-', ['shop', 'api']] } } },
    });
  expect(make().get(id)?.name).toHaveLength(64);
  expect(make().get(id)?.name).toBe(make().get(id)?.name);
  expect(make().get('Named')?.arn).toBe(ARN('lambda', 'function:shop-api'));
});
