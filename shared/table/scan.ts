import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { table, tableName } from './client.ts';
import type { Item } from './read.ts';

/** One page (up to 1 MB read) of all items whose partition key begins so and whose `at` is before an instant. Never in a request. */
export async function scanPage(
  begins: string,
  before: string,
  from: Item | undefined,
): Promise<{ items: Item[]; next: Item | undefined }> {
  const { Items = [], LastEvaluatedKey } = await table().send(
    new ScanCommand({
      TableName: tableName(),
      ...(from && { ExclusiveStartKey: from }),
      FilterExpression: 'begins_with(pk, :begins) AND #at < :before',
      ExpressionAttributeNames: { '#at': 'at' },
      ExpressionAttributeValues: { ':begins': begins, ':before': before },
    }),
  );
  return { items: Items, next: LastEvaluatedKey };
}

/** One page (up to 1 MB) of everything there is, with strong consistency: for archives. Never in a request. */
export async function scanAll(from: Item | undefined): Promise<{ items: Item[]; next: Item | undefined }> {
  const { Items = [], LastEvaluatedKey } = await table().send(
    new ScanCommand({ TableName: tableName(), ConsistentRead: true, ...(from && { ExclusiveStartKey: from }) }),
  );
  return { items: Items, next: LastEvaluatedKey };
}
