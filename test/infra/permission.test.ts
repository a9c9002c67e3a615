import { beforeAll, describe, expect, it } from 'vitest';
import type { Authorize, Resource } from '#local/contract.ts';
import { identityPolicies } from '#local/iam/identity.ts';
import type { Needs } from '#shared/needs.ts';
import { leadingKey } from '#shared/table/keys.ts';
import { assemblyOf, code, plainStack, SYNTH_MS } from './synth.ts';

let authorize: Authorize;
let resources: readonly Resource[];
let needs: Record<string, Needs>;
const functions = (): string[] => Object.keys(needs);

beforeAll(async () => {
  resources = assemblyOf((await plainStack()).outdir).resources;
  authorize = identityPolicies(resources);
  const { entries } = await code();
  needs = Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, entry.needs]));
}, SYNTH_MS);

const functionOf = (name: string): Resource => {
  const found = resources.find(
    ({ id, type }) =>
      type === 'AWS::Lambda::Function' && id.toLowerCase().startsWith(name) && id.length === name.length + 8,
  );
  if (!found) throw new Error(`no function ${name}`);
  return found;
};
const roleOf = (name: string): string =>
  resources.find(({ type, arn }) => type === 'AWS::IAM::Role' && arn === functionOf(name).props['Role'])?.id ?? 'none';
const arnOf = (type: string, at = 0): string => resources.filter((one) => one.type === type)[at]?.arn ?? 'none';
const table = (): string => arnOf('AWS::DynamoDB::GlobalTable');

function may(fn: string, action: string, resource: string, key?: string): boolean {
  const context = key === undefined ? {} : { 'dynamodb:LeadingKeys': [key] };
  try {
    authorize(roleOf(fn), { action, resource, context });
    return true;
  } catch {
    return false;
  }
}
const whoMay = (action: string, resource: string, key?: string): string[] =>
  functions().filter((fn) => may(fn, action, resource, key));
const keyOf = (name: Parameters<typeof leadingKey>[0]): string => leadingKey(name).replace('*', '1');

describe('the table', () => {
  it('takes from each function every kind of item it needs to write', () => {
    for (const [fn, { writes }] of Object.entries(needs))
      for (const name of writes)
        expect([fn, name, may(fn, 'dynamodb:PutItem', table(), keyOf(name))]).toEqual([fn, name, true]);
  });

  it('shows each function what it needs to read', () => {
    for (const [fn, { reads }] of Object.entries(needs))
      for (const name of reads === 'everything' ? (['lead', 'order'] as const) : reads)
        for (const action of ['GetItem', 'BatchGetItem', 'Query', 'ConditionCheckItem'])
          expect([fn, name, may(fn, `dynamodb:${action}`, table(), keyOf(name))]).toEqual([fn, name, true]);
  });

  it.each(['EVENT#deal_1', 'FEED#0#202611', 'FEED#0'])('lets nobody change or remove %s', (key) => {
    for (const action of ['UpdateItem', 'DeleteItem', 'BatchWriteItem', 'PartiQLUpdate', 'PartiQLDelete'])
      for (const fn of functions())
        expect(() => {
          authorize(roleOf(fn), {
            action: `dynamodb:${action}`,
            resource: table(),
            context: { 'dynamodb:LeadingKeys': [key] },
          });
        }).toThrow('explicit deny');
  });

  it('takes marks of what was done only whole: nobody updates one', () => {
    for (const key of ['FED#deal_1.r1.0', 'IDEM#user_1#key']) {
      expect(whoMay('dynamodb:PutItem', table(), key)).not.toEqual([]);
      expect(whoMay('dynamodb:UpdateItem', table(), key)).toEqual([]);
    }
    expect(whoMay('dynamodb:UpdateItem', table(), 'TURN#team_1')).toEqual(['events']);
  });

  it('lets those delete what they name, and nobody anything else', () => {
    for (const [fn, { removes = [] }] of Object.entries(needs))
      for (const name of ['identity', 'address', 'person', 'lead', 'was', 'consent'] as const)
        expect([fn, name, may(fn, 'dynamodb:DeleteItem', table(), keyOf(name))]).toEqual([
          fn,
          name,
          removes.includes(name),
        ]);
    expect(whoMay('dynamodb:DeleteItem', table(), keyOf('address'))).toEqual(['tasks']);
    expect(whoMay('dynamodb:DeleteItem', table(), 'RATE#1')).toEqual([]);
    expect(whoMay('dynamodb:DeleteTable', table())).toEqual([]);
  });

  it('is scanned by the sweeps alone', () => {
    expect(whoMay('dynamodb:Scan', table())).toEqual(functions().filter((fn) => needs[fn]?.scans));
  });

  it('keeps leads, clients and deals out of reach of what anybody may call', () => {
    for (const key of ['LEAD#1', 'CLIENT#1', 'DEAL#1', 'PERSON#1'])
      for (const action of ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'ConditionCheckItem'])
        expect([key, action, may('public', `dynamodb:${action}`, table(), key)]).toEqual([key, action, false]);
  });

  it('shows what anybody may call the user behind a link, to see whether he still works here, and lets it change none', () => {
    expect(may('public', 'dynamodb:GetItem', table(), 'USER#1')).toBe(true);
    for (const action of ['PutItem', 'UpdateItem', 'DeleteItem'])
      expect([action, may('public', `dynamodb:${action}`, table(), 'USER#1')]).toEqual([action, false]);
  });

  it('lists nothing by an index for what anybody may call', () => {
    for (const [index, key] of [
      ['gsi1', 'WORK#LEAD#u'],
      ['gsi2', 'INTAKE#f'],
      ['gsi3', 'RAW#new'],
    ] as const)
      expect(may('public', 'dynamodb:Query', `${table()}/index/${index}`, key)).toBe(false);
    expect(may('api', 'dynamodb:Query', `${table()}/index/gsi1`, 'WORK#LEAD#u')).toBe(true);
  });

  it('shows letters their own queue and no other', () => {
    const queue = `${table()}/index/gsi3`;
    expect(may('letters', 'dynamodb:Query', queue, 'OUT#1#0')).toBe(true);
    expect(may('letters', 'dynamodb:Query', queue, 'RAW#new')).toBe(false);
  });

  it('shows webhooks what they send and sign with, and no data of anybody', () => {
    for (const key of ['WEBHOOKS', 'HOOKKEY#1', 'HOOKWORK#1', 'DELIVERY#1'])
      expect([key, may('webhooks', 'dynamodb:GetItem', table(), key)]).toEqual([key, true]);
    for (const key of [
      'LEAD#1',
      'PERSON#1',
      'CLIENT#1',
      'DEAL#1',
      'EVENT#1',
      'FEED#0',
      'SETTING#form',
      'USER#1',
      'SECRET#1',
    ])
      for (const action of ['GetItem', 'BatchGetItem', 'Query'])
        expect([key, action, may('webhooks', `dynamodb:${action}`, table(), key)]).toEqual([key, action, false]);
    const queue = `${table()}/index/gsi3`;
    expect(may('webhooks', 'dynamodb:Query', queue, 'HOOKQUEUE#1')).toBe(true);
    expect(may('webhooks', 'dynamodb:Query', queue, 'OUT#1#0')).toBe(false);
  });

  it('gives secrets of sources to be read by the doors that check signatures', () => {
    expect(may('letters', 'dynamodb:GetItem', table(), 'SECRET#s')).toBe(false);
    expect(may('public', 'dynamodb:GetItem', table(), 'SECRET#s')).toBe(true);
  });
});

describe('beside the table', () => {
  it('only letters sends mail, from the sender and under its configuration sets', () => {
    const identity = arnOf('AWS::SES::EmailIdentity');
    expect(whoMay('ses:SendRawEmail', identity)).toEqual(['letters']);
    expect(may('letters', 'ses:SendRawEmail', arnOf('AWS::SES::ConfigurationSet', 1))).toBe(true);
    expect(may('letters', 'ses:SendRawEmail', identity.replace('example.com', 'another.example'))).toBe(false);
  });

  it('only events starts and resumes workflows', () => {
    const machine = arnOf('AWS::StepFunctions::StateMachine');
    for (const action of ['states:StartExecution', 'states:SendTaskSuccess'])
      expect(whoMay(action, machine)).toEqual(['events']);
  });

  it('only who has to may tell the bus or read the secret', () => {
    const who = (use: string) => functions().filter((fn) => needs[fn]?.uses.some((one) => one === use));
    expect(whoMay('events:PutEvents', arnOf('AWS::Events::EventBus'))).toEqual(who('bus'));
    expect(whoMay('secretsmanager:GetSecretValue', arnOf('AWS::SecretsManager::Secret'))).toEqual(who('secret'));
  });

  it('failures are read by the sweep and written where Lambda writes them', () => {
    const record = `${resources.find(({ id }) => id.startsWith('Failures'))?.arn}/aws/lambda/async/x`;
    expect(whoMay('s3:GetObject', record)).toEqual(['schedule']);
    expect(whoMay('s3:PutObject', record)).toEqual(['events', 'letters', 'query', 'relay', 'schedule', 'webhooks']);
    expect(whoMay('s3:PutObject', record.replace('aws/lambda', 'other'))).toEqual([]);
  });

  it('files and snapshots are reached by whom they are for, and nobody removes one', () => {
    const file = (path: string) => `${resources.find(({ id }) => /^Files[0-9A-F]{8}$/.test(id))?.arn}/${path}`;
    const who = (use: string) => functions().filter((fn) => needs[fn]?.uses.some((one) => one === use));
    for (const action of ['s3:GetObject', 's3:PutObject']) {
      for (const folder of ['uploads', 'results', 'kept'])
        expect(whoMay(action, file(`${folder}/1`))).toEqual(who('files'));
      expect(whoMay(action, file('copy/1'))).toEqual(who('copy'));
      expect(whoMay(action, file('elsewhere/1'))).toEqual([]);
    }
    expect(whoMay('s3:DeleteObject', file('kept/1'))).toEqual([]);
  });

  it('one-time schedules are made in their own group only, under a role that calls schedule and nothing else', () => {
    const group = resources.find(({ type }) => type === 'AWS::Scheduler::ScheduleGroup')?.name ?? 'none';
    const schedule = (name: string) => `arn:aws:scheduler:us-east-1:000000000000:schedule/${name}`;
    const who = functions().filter((fn) => needs[fn]?.uses.includes('clock'));
    expect(who).toContain('schedule');
    expect(whoMay('scheduler:CreateSchedule', schedule(`${group}/due_1`))).toEqual(who);
    expect(whoMay('scheduler:CreateSchedule', schedule('default/due_1'))).toEqual([]);
    const variables = (functionOf('schedule').props['Environment'] as { Variables: Record<string, string> }).Variables;
    expect(variables).toMatchObject({ SCHEDULE_GROUP: group, SCHEDULE_TARGET_ARN: functionOf('schedule').arn });
    const role = resources.find(({ arn }) => arn === variables['SCHEDULE_ROLE_ARN'])?.id ?? 'none';
    authorize(role, { action: 'lambda:InvokeFunction', resource: functionOf('schedule').arn });
    authorize(role, { action: 'sqs:SendMessage', resource: variables['SCHEDULE_DEAD_ARN'] ?? '' });
    expect(() => authorize(role, { action: 'lambda:InvokeFunction', resource: functionOf('letters').arn })).toThrow(
      'not authorized',
    );
  });

  it('workflows call the functions their steps name, and nothing else', () => {
    const machine = resources.find(({ type }) => type === 'AWS::StepFunctions::StateMachine');
    const role = resources.find(({ arn }) => arn === machine?.props['RoleArn'])?.id ?? 'none';
    authorize(role, { action: 'lambda:InvokeFunction', resource: functionOf('tasks').arn });
    expect(() => authorize(role, { action: 'lambda:InvokeFunction', resource: functionOf('events').arn })).toThrow(
      'not authorized',
    );
  });

  it('no policy has a wildcard but where AWS knows nothing narrower', () => {
    const statements = resources
      .filter(({ type }) => type === 'AWS::IAM::Policy')
      .flatMap(
        ({ props }) =>
          (props['PolicyDocument'] as { Statement: { Action: string | string[]; Resource: string | string[] }[] })
            .Statement,
      );
    const wild = statements.filter(({ Action, Resource }) =>
      [Action, Resource].flat().some((text) => text.includes('*') && !text.startsWith('arn:aws:logs:')),
    );
    const allowed = wild.flatMap(({ Action, Resource }) =>
      [Action].flat().map(
        (action) =>
          `${action} ${[Resource]
            .flat()
            .map((arn) => arn.replace(/^arn:aws:s3:::[^/]+/, 'bucket').replace(/^arn:aws:scheduler:.*-Due/, 'due'))
            .join()}`,
      ),
    );
    expect([...new Set(allowed)].filter((line) => !line.startsWith('logs:')).sort()).toEqual([
      'dynamodb:ListStreams *',
      's3:DeleteObject bucket/aws/lambda/*',
      's3:GetObject bucket/aws/lambda/*',
      's3:GetObject bucket/copy/*',
      's3:GetObject bucket/uploads/*,bucket/results/*,bucket/kept/*',
      's3:PutObject bucket/aws/lambda/*',
      's3:PutObject bucket/copy/*',
      's3:PutObject bucket/uploads/*,bucket/results/*,bucket/kept/*',
      'scheduler:CreateSchedule due/*',
      'scheduler:DeleteSchedule due/*',
      'scheduler:UpdateSchedule due/*',
      'ses:GetAccount *',
      'ses:GetSendQuota *',
      'ses:ListSuppressedDestinations *',
    ]);
  });
});
