import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { PROJECTED } from '#shared/table/keys.ts';
import {
  code,
  expectCount,
  expectEach,
  expectOne,
  fresh,
  ofType,
  plainStack,
  synth,
  SYNTH_MS,
  type Declared,
} from './synth.ts';

let template: Template;
beforeAll(async () => {
  ({ template } = await plainStack());
}, SYNTH_MS);
const all = (): Record<string, Declared> => (template.toJSON() as { Resources: Record<string, Declared> }).Resources;
const custom = (made: Template): string[] =>
  Object.values((made.toJSON() as { Resources: Record<string, Declared> }).Resources)
    .map(({ Type }) => Type)
    .filter((type) => type.startsWith('Custom::'));

describe('what keeps', () => {
  it.each(['AWS::DynamoDB::GlobalTable', 'AWS::S3::Bucket', 'AWS::SecretsManager::Secret', 'AWS::Cognito::UserPool'])(
    '%s outlives the stack',
    (type) => {
      const kept = ofType(template, type);
      expect(kept.length).toBeGreaterThan(0);
      for (const one of kept) expect(one).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    },
  );

  it('the stack itself cannot be deleted by mistake', async () => {
    expect((await plainStack()).stack.terminationProtection).toBe(true);
  });

  it('the table has three indexes with fixed projections, a stream, expiry, recovery and protection', () => {
    const index = (name: string, Projection: object) => ({
      IndexName: name,
      KeySchema: [
        { AttributeName: `${name}pk`, KeyType: 'HASH' },
        { AttributeName: `${name}sk`, KeyType: 'RANGE' },
      ],
      Projection,
    });
    expectOne(template, 'AWS::DynamoDB::GlobalTable', {
      GlobalSecondaryIndexes: [
        index('gsi1', { ProjectionType: 'ALL' }),
        index('gsi2', { ProjectionType: 'INCLUDE', NonKeyAttributes: PROJECTED }),
        index('gsi3', { ProjectionType: 'KEYS_ONLY' }),
      ],
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      Replicas: [
        Match.objectLike({
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        }),
      ],
    });
    expect(PROJECTED.length).toBeLessThanOrEqual(20);
  });

  it('a restored table takes its place by name', async () => {
    const tableStreamArn = 'arn:aws:dynamodb:eu-central-1:123456789012:table/Restored/stream/2026-01-01T00:00:00.000';
    const { template: restored } = await synth({ context: { tableName: 'Restored', tableStreamArn } });
    expectCount(restored, 'AWS::DynamoDB::GlobalTable', 0);
    expectOne(restored, 'AWS::Lambda::EventSourceMapping', { EventSourceArn: tableStreamArn });
    expectEach(restored, 'AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ TABLE_NAME: 'Restored' }) },
    });
  });
});

describe('what works', () => {
  it('every function runs Node 24 on ARM with the time and memory its needs name, and no reserved concurrency', async () => {
    const { entries } = await code();
    expectCount(template, 'AWS::Lambda::Function', Object.keys(entries).length);
    for (const { needs } of Object.values(entries))
      expectOne(template, 'AWS::Lambda::Function', {
        Description: needs.what,
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Timeout: needs.timeout,
        MemorySize: needs.memory,
        EphemeralStorage: needs.storage === undefined ? Match.absent() : { Size: needs.storage },
        LoggingConfig: { LogFormat: 'JSON', LogGroup: Match.anyValue() },
        ReservedConcurrentExecutions: Match.absent(),
        TracingConfig: Match.absent(),
      });
  });

  it('functions have what they use in their environment', async () => {
    const variables = Object.fromEntries(
      ofType(template, 'AWS::Lambda::Function').map(({ Properties }) => [
        Properties['Description'],
        Object.keys((Properties['Environment'] as { Variables: object }).Variables).sort(),
      ]),
    );
    const { entries } = await code();
    const of = (entry: string) => variables[entries[entry]?.needs.what ?? ''];
    const always = ['NODE_OPTIONS', 'TABLE_NAME'];
    expect(of('relay')).toEqual(['BUS_NAME', ...always]);
    expect(of('public')).toEqual(['BASE_URL', 'NODE_OPTIONS', 'ORIGIN_SECRET', 'SECRET_ARN', 'TABLE_NAME']);
    expect(of('api')).toEqual(expect.arrayContaining(['ADMIN_EMAIL', 'CLIENT_ID', 'ISSUER', ...always]));
    expect(of('letters')).toEqual(expect.arrayContaining(['CONFIGURATION_SET', 'SENDER', ...always]));
    expect(of('events')).toEqual(expect.arrayContaining(workflowFiles().map(({ variable }) => variable)));
  });

  it('the template holds the very text of each workflow', () => {
    expectCount(template, 'AWS::StepFunctions::StateMachine', workflowFiles().length);
    for (const { text } of workflowFiles())
      expectOne(template, 'AWS::StepFunctions::StateMachine', {
        DefinitionString: text,
        DefinitionSubstitutions: {
          Partition: { Ref: 'AWS::Partition' },
          Tasks: Match.anyValue(),
          Imports: Match.anyValue(),
        },
        LoggingConfiguration: Match.objectLike({ Level: 'ERROR', IncludeExecutionData: false }),
      });
  });

  it('there may be no workflows, or new ones', async () => {
    const folder = fresh();
    const { template: none } = await synth({ workflowFolder: folder });
    expectCount(none, 'AWS::StepFunctions::StateMachine', 0);
    writeFileSync(join(folder, 'two-words.asl.json'), '{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}');
    const { template: one } = await synth({ workflowFolder: folder });
    expectOne(one, 'AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ WORKFLOW_TWO_WORDS: Match.anyValue() }) },
    });
  });

  it('logs end after the days of the context', async () => {
    const { template: week } = await synth({ context: { logDays: 7 } });
    expectEach(week, 'AWS::Logs::LogGroup', { RetentionInDays: 7 });
    expectEach(template, 'AWS::Logs::LogGroup', { RetentionInDays: 30 });
  });
});

describe('the whole', () => {
  it('has under 300 resources, of the 500 a template may have, and at most ten alarms', () => {
    expect(Object.keys(all()).length).toBeLessThan(300);
    expect(ofType(template, 'AWS::CloudWatch::Alarm').length).toBeLessThanOrEqual(10);
  });

  it('has no circle of resources that wait for each other, which only a deployment would show', () => {
    const resources = all();
    const open = new Set<string>();
    const done = new Set<string>();
    const visit = (id: string, way: readonly string[]): void => {
      expect(open.has(id) ? [...way, id] : []).toEqual([]);
      if (done.has(id)) return;
      open.add(id);
      for (const other of namesIn(resources[id]).filter((name) => name in resources)) visit(other, [...way, id]);
      open.delete(id);
      done.add(id);
    };
    for (const id of Object.keys(resources)) visit(id, []);
    expect(done.size).toBe(Object.keys(resources).length);
    expect(
      namesIn(resources[Object.keys(resources).find((id) => /^Api[0-9A-F]{8}$/.test(id)) ?? '']).length,
    ).toBeGreaterThan(5);
  });

  it('is the same template when it is made again', async () => {
    const again = await synth();
    expect(again.template.toJSON()).toEqual(template.toJSON());
  });

  it('needs no custom resources, and no Lambda that is not ours, but to upload a console', async () => {
    expect(custom(template)).toEqual([]);
    const consoleFolder = fresh();
    writeFileSync(join(consoleFolder, 'index.html'), '<!doctype html>');
    const { template: uploading } = await synth({ consoleFolder });
    expect(custom(uploading)).toHaveLength(2);
  });

  it('every alarm says what it costs the business and tells the admin', async () => {
    const { template: told } = await synth({ context: { adminEmail: 'boss@firm.example' } });
    for (const { Properties } of ofType(told, 'AWS::CloudWatch::Alarm')) {
      expect(String(Properties['AlarmDescription']).length).toBeGreaterThan(60);
      expect(Properties['AlarmActions']).toHaveLength(1);
    }
    expectOne(told, 'AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'boss@firm.example' });
    expectOne(told, 'AWS::Cognito::UserPoolUser', { Username: 'boss@firm.example' });
    expectCount(template, 'AWS::Cognito::UserPoolUser', 0);
  });

  it('the alarm of tampering watches the metric that relay writes', () => {
    expectOne(template, 'AWS::CloudWatch::Alarm', {
      Namespace: 'Sdelka',
      MetricName: 'EventsTamperedWith',
      Dimensions: [{ Name: 'service', Value: Match.anyValue() }],
      Threshold: 0,
    });
  });
});

function workflowFiles(): { text: string; variable: string }[] {
  const files = readdirSync('workflows').filter((file) => file.endsWith('.asl.json'));
  return files.map((file) => ({
    text: readFileSync(join('workflows', file), 'utf8'),
    variable: `WORKFLOW_${file.replace('.asl.json', '').replaceAll('-', '_').toUpperCase()}`,
  }));
}

/** Whatever a resource refers to, by Ref, GetAtt, Sub or DependsOn. */
function namesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref') return [String(inner)];
    if (key === 'Fn::GetAtt') return [String((inner as unknown[])[0])];
    if (key === 'DependsOn') return [inner].flat().map(String);
    if (key === 'Fn::Sub') return [...JSON.stringify(inner).matchAll(/\$\{(\w+)/g)].map(([, name]) => name ?? '');
    return namesIn(inner);
  });
}
