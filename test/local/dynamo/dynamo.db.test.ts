import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DynamoDBClient,
  GetItemCommand,
  ProvisionedThroughputExceededException,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type PutItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { DescribeStreamCommand, DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { startDynamo, type Dynamo, type DynamoOptions } from '#local/dynamo/dynamo.ts';
import { identityPolicies } from '#local/iam/identity.ts';
import { callingAs, frontParts, handClock } from '#test/support/front.ts';
import { mainTable } from './main-table.ts';

const role = {
  id: 'SellerRole',
  type: 'AWS::IAM::Role',
  name: 'seller-role',
  arn: 'arn:role',
  props: {
    Policies: [
      {
        PolicyName: 'deals',
        PolicyDocument: {
          Statement: {
            Effect: 'Allow',
            Action: ['dynamodb:PutItem', 'dynamodb:UpdateItem'],
            Resource: mainTable.arn,
            Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': 'DEAL#*' } },
          },
        },
      },
    ],
  },
};
const resources = [mainTable, role];
const dir = mkdtempSync(join(tmpdir(), 'dynamo-'));
const parts = frontParts();
const wrote = vi.fn<() => void>();
const clock = handClock('2026-11-23T10:00:00Z');
/** Drawn before each call in rough weather: under 0.03 the call fails. */
let weather = 1;
let instant = 0;
const options: DynamoOptions = {
  resources,
  clock,
  dir,
  wrote,
  ...parts,
  authorize: identityPolicies(resources),
  rough: { random: () => weather, lagMs: 300, now: () => instant },
};

let dynamo: Dynamo;
let root: DynamoDBClient;
const clientAs = (caller: string, maxAttempts = 1) =>
  new DynamoDBClient({ ...callingAs(caller), endpoint: dynamo.url, maxAttempts });
beforeAll(async () => {
  dynamo = await startDynamo(options);
  root = clientAs('local-root');
});
beforeEach(() => {
  weather = 1;
  instant += 1000;
  wrote.mockClear();
  dynamo.meter.label(undefined);
});
afterAll(async () => {
  await dynamo.stop();
  rmSync(dir, { recursive: true });
});

const put = (pk: string, more: PutItemCommandInput['Item'] = {}): PutItemCommandInput => ({
  TableName: 'main',
  Item: { pk: { S: pk }, sk: { S: 'A' }, ...more },
});
const get = async (pk: string) =>
  (await root.send(new GetItemCommand({ TableName: 'main', Key: { pk: { S: pk }, sk: { S: 'A' } } }))).Item;
const queue = async (name: string) => {
  const { Items = [] } = await root.send(
    new QueryCommand({
      TableName: 'main',
      IndexName: 'gsi1',
      KeyConditionExpression: 'gsi1pk = :q',
      ExpressionAttributeValues: { ':q': { S: name } },
    }),
  );
  return Items.map(({ pk }) => pk?.S);
};
const inQueue = (name: string) => ({ gsi1pk: { S: name }, gsi1sk: { S: '1' } });

it('serves the SDK and says when something was written', async () => {
  await root.send(new PutItemCommand(put('DEAL#1', { title: { S: 'Сделка' } })));
  expect(wrote).toHaveBeenCalledTimes(1);
  expect(await get('DEAL#1')).toMatchObject({ title: { S: 'Сделка' } });
  const failing = new PutItemCommand({ ...put('DEAL#1'), ConditionExpression: 'attribute_not_exists(pk)' });
  await expect(root.send(failing)).rejects.toThrow(/conditional request failed/);
  expect(wrote).toHaveBeenCalledTimes(1);
});

it('gives the stream of each table', async () => {
  const streams = new DynamoDBStreamsClient({ ...callingAs('local'), endpoint: dynamo.engineUrl });
  const { StreamDescription } = await streams.send(
    new DescribeStreamCommand({ StreamArn: dynamo.streams.get('main') }),
  );
  expect(StreamDescription).toMatchObject({ TableName: 'main', StreamViewType: 'NEW_AND_OLD_IMAGES' });
});

it('checks the role for each item of a transaction, and stores nothing of a refused one', async () => {
  const seller = clientAs('SellerRole.worker-1');
  const transact = (...items: PutItemCommandInput[]) =>
    seller.send(
      new TransactWriteItemsCommand({
        TransactItems: items.map(({ TableName, Item }) => ({ Put: { TableName, Item } })),
      }),
    );
  await transact(put('DEAL#2'), put('DEAL#3'));
  expect(await get('DEAL#3')).toBeDefined();
  await expect(transact(put('DEAL#4'), put('ORDER#1'))).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining(
      `role SellerRole is not authorized to perform: dynamodb:PutItem on resource: ${mainTable.arn}`,
    ),
  });
  expect(await get('DEAL#4')).toBeUndefined();
  await expect(seller.send(new GetItemCommand({ TableName: 'main', Key: put('DEAL#2').Item }))).rejects.toThrow(
    /dynamodb:GetItem/,
  );
});

it('loses an answer after the write, as planned, and the retry of the client finds the item', async () => {
  parts.plan({ action: 'PutItem', kind: 'lost-answer' });
  const twice = new PutItemCommand({ ...put('DEAL#5'), ConditionExpression: 'attribute_not_exists(pk)' });
  await expect(clientAs('local-root', 2).send(twice)).rejects.toThrow(/conditional request failed/);
  expect(await get('DEAL#5')).toBeDefined();
});

it('in rough weather throttles a call, and cancels a transaction by a conflict', async () => {
  weather = 0.01;
  const seller = clientAs('SellerRole.worker-1');
  await expect(seller.send(new PutItemCommand(put('DEAL#6')))).rejects.toThrow(ProvisionedThroughputExceededException);
  const transaction = new TransactWriteItemsCommand({
    TransactItems: ['DEAL#6', 'DEAL#7'].map((pk) => ({ Put: { TableName: 'main', Item: put(pk).Item } })),
  });
  const failed = await seller.send(transaction).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(TransactionCanceledException);
  expect((failed as TransactionCanceledException).CancellationReasons?.map(({ Code }) => Code)).toEqual([
    'TransactionConflict',
    'None',
  ]);
  weather = 1;
  expect(await get('DEAL#6')).toBeUndefined();
});

it('in rough weather shows a write in the index only after a moment, in the table at once', async () => {
  await root.send(new PutItemCommand(put('DEAL#8', inQueue('LAG'))));
  expect(await queue('LAG')).toEqual([]);
  expect(await get('DEAL#8')).toBeDefined();
  instant += 299;
  expect(await queue('LAG')).toEqual([]);
  instant += 1;
  expect(await queue('LAG')).toEqual(['DEAL#8']);
});

it('meters units by AWS rules, table and indexes apart, by label and action', async () => {
  dynamo.meter.label('open a deal');
  await root.send(new PutItemCommand(put('DEAL#9', inQueue('METER'))));
  const [small, large] = [put('DEAL#10', inQueue('METER')), put('DEAL#12')];
  const Item = { ...large.Item, text: { S: 'x'.repeat(3000) } };
  await root.send(
    new TransactWriteItemsCommand({
      TransactItems: [{ Put: { TableName: 'main', Item: small.Item } }, { Put: { TableName: 'main', Item } }],
    }),
  );
  dynamo.meter.label(undefined);
  await root.send(new PutItemCommand(put('DEAL#11')));
  expect(dynamo.meter.totals()).toEqual({
    'open a deal': {
      PutItem: { calls: 1, table: 1, index: 1 },
      TransactWriteItems: { calls: 1, table: 2 + 6, index: 1 },
    },
  });
  dynamo.meter.clear();
  expect(dynamo.meter.totals()).toEqual({});
});

it('deletes what has expired by the movable clock, also items that are in no index', async () => {
  const ttl = (seconds: number) => ({ ttl: { N: String(clock.now() / 1000 + seconds) } });
  await root.send(new PutItemCommand(put('IDEM#1', ttl(60))));
  await root.send(new PutItemCommand(put('IDEM#2', { ...ttl(60), ...inQueue('TTL') })));
  await root.send(new PutItemCommand(put('IDEM#3', ttl(86_400))));
  await root.send(
    new UpdateItemCommand({
      TableName: 'main',
      Key: put('IDEM#4').Item,
      UpdateExpression: 'SET note = :n',
      ExpressionAttributeValues: { ':n': { S: 'no ttl' } },
    }),
  );
  expect(await dynamo.sweep()).toBe(0);
  clock.moveTo(clock.now() + 3_600_000);
  const expired = () => Promise.all(['IDEM#1', 'IDEM#2'].map(get));
  await vi.waitFor(async () => expect(await expired()).toEqual([undefined, undefined]), {
    timeout: 20_000,
    interval: 100,
  });
  expect(await Promise.all(['IDEM#1', 'IDEM#2', 'IDEM#3', 'IDEM#4'].map(async (pk) => Boolean(await get(pk))))).toEqual(
    [false, false, true, true],
  );
});

it('finds its data again after a restart, and adds an index that the template has gained', async () => {
  await root.send(new PutItemCommand(put('DEAL#12', { gsi2pk: { S: 'STORY' } })));
  await dynamo.stop();
  const gsi2 = {
    IndexName: 'gsi2',
    KeySchema: [{ AttributeName: 'gsi2pk', KeyType: 'HASH' }],
    Projection: { ProjectionType: 'KEYS_ONLY' },
  };
  const grown = structuredClone(mainTable);
  (grown.props['GlobalSecondaryIndexes'] as unknown[]).push(gsi2);
  (grown.props['AttributeDefinitions'] as unknown[]).push({ AttributeName: 'gsi2pk', AttributeType: 'S' });
  dynamo = await startDynamo({ ...options, resources: [grown, role] });
  root = clientAs('local-root');
  const found = await root.send(
    new QueryCommand({
      TableName: 'main',
      IndexName: 'gsi2',
      KeyConditionExpression: 'gsi2pk = :s',
      ExpressionAttributeValues: { ':s': { S: 'STORY' } },
    }),
  );
  expect(found.Items?.map(({ pk }) => pk?.S)).toEqual(['DEAL#12']);
});
