import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Resource } from '#local/contract.ts';
import { meets } from './glob.ts';
import { type PublishedAction, publishedActions, publishedType, unknownProperties } from './published.ts';
import { type Kept, keptOf, losses } from './released.ts';
import { assemblyOf, type Declared, plainStack, SYNTH_MS } from './synth.ts';

let declared: Record<string, Declared>;
let resolved: readonly Resource[];
beforeAll(async () => {
  const { template, outdir } = await plainStack();
  declared = (template.toJSON() as { Resources: Record<string, Declared> }).Resources;
  resolved = assemblyOf(outdir).resources;
  publishedType('AWS::S3::Bucket');
}, SYNTH_MS);

describe('resources', () => {
  it('are of types that AWS has, with properties these have, at any depth', () => {
    const unknown = Object.entries(declared).flatMap(([id, { Type, Properties }]) =>
      unknownProperties(Type, Properties).map((path) => `${id}: ${path}`),
    );
    expect(unknown).toEqual([]);
  });

  it('are found out when they are not', () => {
    const rule = { Filters: [{ Patern: '{}' }] };
    expect(unknownProperties('AWS::Lambda::EventSourceMapping', { FilterCriteria: rule, Batch: 1 })).toEqual([
      'AWS::Lambda::EventSourceMapping.FilterCriteria.Filters[].Patern',
      'AWS::Lambda::EventSourceMapping.Batch',
    ]);
    expect(unknownProperties('AWS::Lambda::Funktion', {})).toEqual(['AWS::Lambda::Funktion itself']);
    expect(unknownProperties('AWS::S3::Bucket', { BucketName: { Ref: 'Other' } })).toEqual([]);
  });
});

type Statement = {
  Action: string | string[];
  Resource?: string | string[];
  Condition?: Record<string, Record<string, unknown>>;
};
const inside = (document: unknown): Statement[] => (document as { Statement: Statement[] }).Statement;

/** Every statement of every policy, with the resource it lies in. */
function statements(): { id: string; statement: Statement }[] {
  return resolved.flatMap(({ id, type, props }) => {
    const inline = (type === 'AWS::IAM::Role' ? (props['Policies'] ?? []) : []) as { PolicyDocument: unknown }[];
    const documents = [
      props['PolicyDocument'],
      props['AssumeRolePolicyDocument'],
      ...inline.map((one) => one.PolicyDocument),
    ];
    return documents
      .filter((one) => one !== undefined)
      .flatMap((one) => inside(one).map((statement) => ({ id, statement })));
  });
}

/** Condition keys that hold for every request; their names are fixed by IAM itself. */
const GLOBAL = /^aws:/i;

/** What AWS's data says against a statement: each action must be there, and be of use; so must each resource. */
async function faultsOf({ Action, Resource = '*', Condition = {} }: Statement): Promise<string[]> {
  const keys = Object.values(Condition)
    .flatMap((tests) => Object.keys(tests))
    .filter((key) => !GLOBAL.test(key));
  const named = [Resource].flat();
  const granted = await Promise.all(
    [Action].flat().map(async (pattern) => ({ pattern, actions: await publishedActions(pattern) })),
  );
  const covers = ({ arns }: PublishedAction, arn: string): boolean =>
    arn === '*' || arns.some((pattern) => meets(arn, pattern));
  const about = granted.flatMap(({ pattern, actions }) => [
    ...(actions.length === 0 ? [`there is no action ${pattern}`] : []),
    ...keys
      .filter((key) => actions.length > 0 && !actions.some((one) => one.keys.has(key.toLowerCase())))
      .map((key) => `${pattern} knows no ${key}`),
    ...(actions.length > 0 && !actions.some((one) => named.some((arn) => covers(one, arn)))
      ? [`${pattern} is never asked about ${named.join()}`]
      : []),
  ]);
  const all = granted.flatMap(({ actions }) => actions);
  const useless = named.filter((arn) => all.length > 0 && !all.some((one) => covers(one, arn)));
  return [...about, ...useless.map((arn) => `nothing granted is ever asked about ${arn}`)];
}

describe('policies', () => {
  it('name actions that AWS has, with conditions these know and resources they are asked about', async () => {
    const faults = await Promise.all(
      statements().map(async ({ id, statement }) => (await faultsOf(statement)).map((fault) => `${id}: ${fault}`)),
    );
    expect(faults.length).toBeGreaterThan(50);
    expect([...new Set(faults.flat())]).toEqual([]);
  });

  it('are found out when they do not', async () => {
    expect(await faultsOf({ Action: 's3:GetObjects', Resource: 'arn:aws:s3:::b/*' })).toEqual([
      'there is no action s3:GetObjects',
    ]);
    const folder = 'arn:aws:s3:::b/folder/*';
    expect(await faultsOf({ Action: ['s3:GetObject', 's3:ListBucket'], Resource: folder })).toEqual([
      `s3:ListBucket is never asked about ${folder}`,
    ]);
    expect(await faultsOf({ Action: 's3:ListBucket', Resource: ['arn:aws:s3:::b', folder] })).toEqual([
      `nothing granted is ever asked about ${folder}`,
    ]);
    const Condition = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['LEAD#*'] } };
    const table = 'arn:aws:dynamodb:us-east-1:123456789012:table/t';
    expect(await faultsOf({ Action: 'dynamodb:GetItem', Resource: table, Condition })).toEqual([]);
    expect(await faultsOf({ Action: 'dynamodb:ListStreams', Resource: '*', Condition })).toEqual([
      'dynamodb:ListStreams knows no dynamodb:LeadingKeys',
    ]);
  });
});

describe('an update of the last release', () => {
  const released = JSON.parse(readFileSync(new URL('released.json', import.meta.url), 'utf8')) as Kept;

  it('replaces and loses nothing that holds data or is known outside', () => {
    expect(losses(released, keptOf(declared))).toEqual([]);
  });

  it('starts from all there is to keep: after a release `npm run released` writes it down', () => {
    expect(Object.keys(released)).toEqual(Object.keys(keptOf(declared)));
    expect(Object.values(released).map(({ type }) => type)).toEqual(
      expect.arrayContaining(['AWS::DynamoDB::GlobalTable', 'AWS::S3::Bucket', 'AWS::Cognito::UserPool']),
    );
  });

  it('is stopped when another key, another name or a missing bucket would lose something', () => {
    const changed = structuredClone(declared);
    const table = Object.keys(changed).find((id) => changed[id]?.Type === 'AWS::DynamoDB::GlobalTable') ?? '';
    const bucket = Object.keys(changed).find((id) => id.startsWith('Files')) ?? '';
    Object.assign(changed[table]?.Properties ?? {}, {
      TableName: 'mine',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    });
    Object.assign(changed[table]?.Properties ?? {}, { BillingMode: 'PROVISIONED' });
    delete changed[bucket];
    expect(losses(released, keptOf(changed)).sort()).toEqual([
      `${bucket} (AWS::S3::Bucket) is gone: its name changed, or it was taken out`,
      `${table} (AWS::DynamoDB::GlobalTable) would be replaced by an empty one: KeySchema changed`,
      `${table} (AWS::DynamoDB::GlobalTable) would be replaced by an empty one: TableName changed`,
    ]);
  });
});
