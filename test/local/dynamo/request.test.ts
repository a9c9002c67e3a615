import { expect, it } from 'vitest';
import { accessesOf, type Request } from '#local/dynamo/request.ts';
import { tablesOf } from '#local/dynamo/table.ts';
import { mainTable } from './main-table.ts';

const tables = tablesOf([mainTable]);
const arn = mainTable.arn;
const asked = (action: string, request: Request) =>
  accessesOf(action, request, tables).map(({ action: name, resource, context = {} }) => [
    name,
    resource.replace(arn, 'main'),
    context['dynamodb:LeadingKeys']?.join(' '),
    context['dynamodb:EnclosingOperation']?.[0],
  ]);
const item = (pk: string) => ({ pk: { S: pk }, sk: { S: 'A' }, gsi1pk: { S: 'W' } });

it.each<[string, Request, unknown]>([
  ['PutItem', { TableName: 'main', Item: item('A') }, [['dynamodb:PutItem', 'main', 'A', undefined]]],
  ['GetItem', { TableName: arn, Key: item('A') }, [['dynamodb:GetItem', 'main', 'A', undefined]]],
  ['Scan', { TableName: 'main' }, [['dynamodb:Scan', 'main', undefined, undefined]]],
  ['Scan', { TableName: 'main', IndexName: 'gsi1' }, [['dynamodb:Scan', 'main/index/gsi1', undefined, undefined]]],
  [
    'BatchGetItem',
    { RequestItems: { main: { Keys: [item('A'), item('B')] } } },
    [['dynamodb:BatchGetItem', 'main', 'A B', undefined]],
  ],
  [
    'BatchWriteItem',
    { RequestItems: { main: [{ PutRequest: { Item: item('A') } }, { DeleteRequest: { Key: item('B') } }] } },
    [['dynamodb:BatchWriteItem', 'main', 'A B', undefined]],
  ],
  [
    'Query',
    {
      TableName: 'main',
      KeyConditionExpression: '#p = :p AND sk >= :s',
      ExpressionAttributeNames: { '#p': 'pk' },
      ExpressionAttributeValues: { ':p': { S: 'A' }, ':s': { S: 'x' } },
    },
    [['dynamodb:Query', 'main', 'A', undefined]],
  ],
  [
    'Query',
    {
      TableName: 'main',
      IndexName: 'gsi1',
      KeyConditionExpression: 'gsi1sk=:s and gsi1pk=:p',
      ExpressionAttributeValues: { ':p': { S: 'W' }, ':s': { S: 'x' } },
    },
    [['dynamodb:Query', 'main/index/gsi1', 'W', undefined]],
  ],
  [
    'TransactWriteItems',
    {
      TransactItems: [
        { Put: { TableName: 'main', Item: item('A') } },
        { Update: { TableName: 'main', Key: item('B') } },
        { Delete: { TableName: 'main', Key: item('C') } },
        { ConditionCheck: { TableName: 'main', Key: item('D') } },
      ],
    },
    ['PutItem A', 'UpdateItem B', 'DeleteItem C', 'ConditionCheckItem D'].map((line) => {
      const [action, key] = line.split(' ');
      return [`dynamodb:${action}`, 'main', key, 'TransactWriteItems'];
    }),
  ],
  [
    'TransactGetItems',
    { TransactItems: [{ Get: { TableName: 'main', Key: item('A') } }] },
    [['dynamodb:GetItem', 'main', 'A', 'TransactGetItems']],
  ],
  [
    'DescribeTable',
    { TableName: 'other' },
    [['dynamodb:DescribeTable', expect.stringMatching(/table\/other$/), undefined, undefined]],
  ],
])('%s of %j asks leave for each of its parts', (action, request, expected) => {
  expect(asked(action, request)).toEqual(expected);
});
