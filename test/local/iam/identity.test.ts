import { describe, expect, it } from 'vitest';
import { AccessDenied, type Access, type Resource } from '#local/contract.ts';
import { identityPolicies } from '#local/iam/identity.ts';

const role = (props: Record<string, unknown> = {}): Resource => ({
  id: 'ApiRole',
  type: 'AWS::IAM::Role',
  name: 'api-role',
  arn: 'arn:aws:iam::000000000000:role/api-role',
  props,
});
const policy = (statements: readonly object[], id = 'ApiPolicy'): Resource => ({
  id,
  type: 'AWS::IAM::Policy',
  name: id,
  arn: '',
  props: { Roles: ['api-role'], PolicyDocument: { Version: '2012-10-17', Statement: statements } },
});
const apiFunction: Resource = {
  id: 'Api',
  type: 'AWS::Lambda::Function',
  name: 'api',
  arn: '',
  props: { Role: role().arn },
};
const may = (statements: readonly object[], access: Access): boolean => {
  try {
    identityPolicies([role(), policy(statements)])('ApiRole', access);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(AccessDenied);
    return false;
  }
};

const table = 'arn:aws:dynamodb:us-east-1:000000000000:table/main';
const put = (context?: Access['context'], resource = table): Access => ({
  action: 'dynamodb:PutItem',
  resource,
  ...(context ? { context } : {}),
});
const allow = (more: object = {}): object => ({
  Effect: 'Allow',
  ...('NotAction' in more ? {} : { Action: 'dynamodb:*' }),
  ...('NotResource' in more ? {} : { Resource: table }),
  ...more,
});
const deny = (more: object = {}): object => ({ ...allow(more), Effect: 'Deny' });
const when = (condition: object): object => allow({ Condition: condition });
const keys = (...values: string[]): Access => put({ 'dynamodb:LeadingKeys': values });
const within = (value: string): Access => put({ 'dynamodb:EnclosingOperation': [value] });
const passed = (value: string): Access => put({ 'iam:PassedToService': [value] });

describe('a role may do', () => {
  const cases: readonly [string, boolean, readonly object[], Access][] = [
    ['nothing without a statement', false, [], put()],
    ['what a statement allows', true, [allow()], put()],
    ['nothing on another resource', false, [allow()], put(undefined, `${table}/index/gsi1`)],
    ['what a * in the resource covers, slashes and colons too', true, [allow({ Resource: '*main/index/*' })], put({}, `${table}/index/a:b`)],
    ['what a ? in the resource covers', true, [allow({ Resource: table.replace('main', 'm?in') })], put()],
    ['nothing where a ? would stand for no character', false, [allow({ Resource: `${table}?` })], put()],
    ['nothing where a dot stands for itself', false, [allow({ Resource: table.replace('main', 'm.in') })], put()],
    ['actions whatever their case', true, [allow({ Action: ['s3:*', 'DynamoDB:put*'] })], put()],
    ['no other action', false, [allow({ Action: 'dynamodb:PutItems' })], put()],
    ['what NotAction leaves', true, [allow({ NotAction: 'dynamodb:Get*' })], put()],
    ['nothing that NotAction names', false, [allow({ NotAction: 'dynamodb:Put*' })], put()],
    ['what NotResource leaves', true, [allow({ NotResource: 'arn:aws:s3:::*' })], put()],
    ['nothing that NotResource names', false, [allow({ NotResource: '*:table/*' })], put()],
    ['nothing denied, whatever the order', false, [deny(), allow()], put()],
    ['nothing denied after it was allowed', false, [allow(), deny({ Action: 'dynamodb:PutItem' })], put()],
    ['what a denial of another condition leaves', true, [allow(), deny({ Condition: { 'ForAnyValue:StringLike': { 'dynamodb:LeadingKeys': 'EVENT#*' } } })], keys('DEAL#1')],
    ['nothing when one key meets the denial', false, [allow(), deny({ Condition: { 'ForAnyValue:StringLike': { 'dynamodb:LeadingKeys': 'EVENT#*' } } })], keys('DEAL#1', 'EVENT#2')],
    ['StringEquals: the value', true, [when({ StringEquals: { 'dynamodb:EnclosingOperation': 'TransactWriteItems' } })], within('TransactWriteItems')],
    ['StringEquals: one of several', true, [when({ StringEquals: { 'dynamodb:enclosingoperation': ['A', 'B'] } })], within('B')],
    ['StringEquals: no wildcard in it', false, [when({ StringEquals: { 'dynamodb:EnclosingOperation': 'Trans*' } })], within('TransactWriteItems')],
    ['StringEquals: no value at all', false, [when({ StringEquals: { 'dynamodb:EnclosingOperation': 'A' } })], put()],
    ['StringEqualsIfExists: no value at all', true, [when({ StringEqualsIfExists: { 'dynamodb:EnclosingOperation': 'A' } })], put()],
    ['StringEqualsIfExists: another value', false, [when({ StringEqualsIfExists: { 'dynamodb:EnclosingOperation': 'A' } })], within('B')],
    ['StringLike', true, [when({ StringLike: { 'dynamodb:EnclosingOperation': 'Trans*' } })], within('TransactWriteItems')],
    ['StringNotEquals: none of several', true, [when({ StringNotEquals: { 'dynamodb:EnclosingOperation': ['A', 'B'] } })], within('C')],
    ['StringNotEquals: one of several', false, [when({ StringNotEquals: { 'dynamodb:EnclosingOperation': ['A', 'B'] } })], within('B')],
    ['StringNotEquals: no value at all', true, [when({ StringNotEquals: { 'dynamodb:EnclosingOperation': 'A' } })], put()],
    ['StringNotLike', false, [when({ StringNotLike: { 'dynamodb:EnclosingOperation': 'T*' } })], within('TransactGetItems')],
    ['ForAllValues:StringLike: all keys fit', true, [when({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['DEAL#*', 'ID#*'] } })], keys('DEAL#1', 'ID#2')],
    ['ForAllValues:StringLike: one key does not', false, [when({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': 'DEAL#*' } })], keys('DEAL#1', 'ORDER#2')],
    ['ForAllValues: no key at all passes, as on AWS', true, [when({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': 'DEAL#*' } })], put()],
    ['ForAllValues with Null: no key at all', false, [when({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': 'DEAL#*' }, Null: { 'dynamodb:LeadingKeys': 'false' } })], put()],
    ['ForAllValues:StringEquals', false, [when({ 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': 'DEAL#*' } })], keys('DEAL#1')],
    ['ForAnyValue:StringEquals', true, [when({ 'ForAnyValue:StringEquals': { 'dynamodb:LeadingKeys': 'A' } })], keys('B', 'A')],
    ['ForAnyValue: no key at all', false, [when({ 'ForAnyValue:StringEquals': { 'dynamodb:LeadingKeys': 'A' } })], put()],
    ['all parts of a condition', false, [when({ StringEquals: { 'dynamodb:EnclosingOperation': 'A' }, StringLike: { 'iam:PassedToService': 's*' } })], within('A')],
    ['Bool', true, [when({ Bool: { 'iam:PassedToService': true } })], passed('TRUE')],
    ['ArnLike', true, [when({ ArnLike: { 'iam:PassedToService': 'arn:aws:*:*:*:table/ma*' } })], passed(table)],
    ['ArnEquals: a * does not reach over a colon', false, [when({ ArnEquals: { 'iam:PassedToService': 'arn:*:table/main' } })], passed(table)],
  ]; // prettier-ignore
  it.each(cases)('%s', (_title, expected, statements, access) => {
    expect(may(statements, access)).toBe(expected);
  });
});

it('takes inline, attached and managed policies of a role', () => {
  const statement = (Action: string) => ({ Effect: 'Allow', Action, Resource: '*' });
  const own = { ...policy([statement('c:Do')], 'Overflow'), type: 'AWS::IAM::ManagedPolicy', arn: 'arn:overflow' };
  own.props = { ...own.props, Roles: [] };
  const authorize = identityPolicies([
    role({
      Policies: [{ PolicyName: 'inline', PolicyDocument: { Statement: statement('a:Do') } }],
      ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole', 'arn:overflow'],
    }),
    policy([statement('b:Do')]),
    own,
  ]);
  for (const action of ['a:Do', 'b:Do', 'c:Do', 'logs:PutLogEvents']) authorize('ApiRole', { action, resource: 'x' });
  expect(() => authorize('ApiRole', { action: 'd:Do', resource: 'x' })).toThrow(AccessDenied);
});

it('names role, function, action, resource and keys in the refusal, and why', () => {
  const authorize = identityPolicies([role(), apiFunction, policy([deny({ Action: 'dynamodb:UpdateItem' })])]);
  expect(() => authorize('ApiRole', keys('DEAL#1', 'ID#2'))).toThrow(
    `User: role ApiRole (function api) is not authorized to perform: dynamodb:PutItem on resource: ${table} ` +
      'because no identity-based policy allows the dynamodb:PutItem action (dynamodb:LeadingKeys: DEAL#1, ID#2)',
  );
  expect(() => authorize('ApiRole', { action: 'dynamodb:UpdateItem', resource: table })).toThrow(
    /with an explicit deny/,
  );
  expect(() => authorize('Nobody', put())).toThrow(/role Nobody, which the template does not have/);
});

it('lets the cloud itself do everything', () => {
  expect(identityPolicies([])('local-root', put())).toBeUndefined();
});

describe('refuses at boot, naming policy and element,', () => {
  const cases: readonly [string, readonly Resource[], RegExp][] = [
    ['an unknown element', [role(), policy([allow({ Sid: 'Odd', Principal: '*' })])], /policy ApiPolicy, statement Odd: element Principal/],
    ['an unknown operator', [role(), policy([when({ IpAddress: { 's3:prefix': '10.0.0.0/8' } })])], /ApiPolicy, statement 1: condition operator IpAddress/],
    ['a key no front supplies', [role(), policy([when({ StringEquals: { 'aws:PrincipalTag/team': 'x' } })])], /condition key aws:PrincipalTag\/team/],
    ['a many-valued key without a set operator', [role(), policy([when({ StringLike: { 'dynamodb:LeadingKeys': 'x' } })])], /write ForAllValues or ForAnyValue/],
    ['a policy variable', [role(), policy([allow({ Resource: 'arn:${aws:username}' })])], /Resource: the policy variable/],
    ['an intrinsic left over', [role(), policy([allow({ Resource: { 'Fn::If': [] } })])], /is not text/],
    ['an effect in other words', [role(), policy([allow({ Effect: 'allow' })])], /element Effect: "allow"/],
    ['both Action and NotAction', [role(), policy([{ ...allow(), NotAction: 'x' }])], /one of Action and NotAction/],
    ['another managed policy', [role({ ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] })], /role ApiRole: managed policy .*AdministratorAccess/],
    ['a permissions boundary', [role({ PermissionsBoundary: 'arn' })], /role ApiRole: element PermissionsBoundary/],
  ]; // prettier-ignore
  it.each(cases)('%s', (_title, resources, message) => {
    expect(() => identityPolicies(resources)).toThrow(message);
  });
});
