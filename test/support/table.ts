import { randomUUID } from 'node:crypto';
import { CreateTableCommand, DynamoDBClient, type GlobalSecondaryIndex } from '@aws-sdk/client-dynamodb';
import { inject } from 'vitest';
import { PROJECTED } from '#shared/table/keys.ts';

/** The projections of the deployed table: work lists need the whole record, belongs-to lists a few fields, queues only keys. */
const PROJECTIONS: readonly NonNullable<GlobalSecondaryIndex['Projection']>[] = [
  { ProjectionType: 'ALL' },
  { ProjectionType: 'INCLUDE', NonKeyAttributes: PROJECTED },
  { ProjectionType: 'KEYS_ONLY' },
];

/**
 * Makes an empty table with pk, sk and gsi1..gsi3 (`gsi1pk`, `gsi1sk`, …) in the DynamoDB Local of this test run and
 * points TABLE_NAME and the AWS environment at it. It has no stream: every streamed table slows that process for good.
 */
export async function freshTable(include?: readonly string[]): Promise<{ name: string; client: DynamoDBClient }> {
  const name = `test-${randomUUID()}`;
  Object.assign(process.env, {
    TABLE_NAME: name,
    AWS_ENDPOINT_URL_DYNAMODB: inject('dynamo'),
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  });
  const client = new DynamoDBClient({});
  const indexes = ['gsi1', 'gsi2', 'gsi3'];
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keySchema('pk', 'sk'),
      AttributeDefinitions: ['', ...indexes].flatMap((index) =>
        ['pk', 'sk'].map((key) => ({ AttributeName: `${index}${key}`, AttributeType: 'S' as const })),
      ),
      GlobalSecondaryIndexes: indexes.map((index, at) => ({
        IndexName: index,
        KeySchema: keySchema(`${index}pk`, `${index}sk`),
        Projection:
          include && at === 1 ? { ProjectionType: 'INCLUDE', NonKeyAttributes: [...include] } : PROJECTIONS[at],
      })),
    }),
  );
  return { name, client };
}

const keySchema = (hash: string, range: string) => [
  { AttributeName: hash, KeyType: 'HASH' as const },
  { AttributeName: range, KeyType: 'RANGE' as const },
];
