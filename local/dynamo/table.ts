import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateTableCommand,
  DescribeTableCommand,
  ResourceInUseException,
  UpdateTableCommand,
  type AttributeDefinition,
  type CreateTableCommandInput,
  type DynamoDBClient,
  type GlobalSecondaryIndex,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import type { Resource } from '../contract.ts';

/** A table of the template as the front needs it: key attributes, the partition key of each index, its expiry attribute. */
export type Table = {
  name: string;
  arn: string;
  hash: string;
  range: string | undefined;
  /** Index name to the attribute that is its partition key. */
  indexes: ReadonlyMap<string, string>;
  ttl: string | undefined;
  declared: Declared;
};

type Declared = Pick<CreateTableCommandInput, 'KeySchema' | 'AttributeDefinitions' | 'StreamSpecification'> & {
  GlobalSecondaryIndexes?: GlobalSecondaryIndex[];
  TimeToLiveSpecification?: { AttributeName: string; Enabled: boolean };
};

/** The tables of a template, by physical name. */
export function tablesOf(resources: readonly Resource[]): Map<string, Table> {
  return new Map(
    resources
      .filter(({ type }) => type === 'AWS::DynamoDB::GlobalTable')
      .map(({ name, arn, props }) => {
        const declared = props as Declared;
        const expiry = declared.TimeToLiveSpecification;
        const table: Table = {
          name,
          arn,
          hash: attributeOf(declared.KeySchema, 'HASH') ?? '',
          range: attributeOf(declared.KeySchema, 'RANGE'),
          indexes: new Map(
            declared.GlobalSecondaryIndexes?.map(({ IndexName, KeySchema }) => [
              IndexName ?? '',
              attributeOf(KeySchema, 'HASH') ?? '',
            ]),
          ),
          ttl: expiry?.Enabled ? expiry.AttributeName : undefined,
          declared,
        };
        return [name, table];
      }),
  );
}

const attributeOf = (schema: Declared['KeySchema'], type: 'HASH' | 'RANGE'): string | undefined =>
  schema?.find(({ KeyType }) => KeyType === type)?.AttributeName;

/** Makes the engine hold these tables; returns the ARN of each one's stream, by table name. */
export async function ensureTables(client: DynamoDBClient, tables: readonly Table[]): Promise<Map<string, string>> {
  const streams = new Map<string, string>();
  for (const table of tables) {
    const stream = await ensureTable(client, table);
    if (stream) streams.set(table.name, stream);
  }
  return streams;
}

/**
 * Creates a table as declared, or adds the indexes that one on disk still lacks; returns its stream's ARN if it has one.
 * Expiry is not switched on in the engine: it stops at the first item without the keys of every index (see sweep.ts).
 */
async function ensureTable(client: DynamoDBClient, { name, declared }: Table): Promise<string | undefined> {
  const { KeySchema, AttributeDefinitions, StreamSpecification: stream } = declared;
  const indexes = declared.GlobalSecondaryIndexes?.map(engineIndex);
  try {
    await client.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema,
        AttributeDefinitions,
        ...(indexes?.length ? { GlobalSecondaryIndexes: indexes } : {}),
        ...(stream ? { StreamSpecification: { StreamEnabled: true, StreamViewType: stream.StreamViewType } } : {}),
      }),
    );
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  const described = await client.send(new DescribeTableCommand({ TableName: name }));
  await addIndexes(client, described.Table ?? {}, indexes ?? [], AttributeDefinitions ?? []);
  return described.Table?.LatestStreamArn;
}

async function addIndexes(
  client: DynamoDBClient,
  { TableName, GlobalSecondaryIndexes: present = [] }: TableDescription,
  wanted: readonly GlobalSecondaryIndex[],
  attributes: AttributeDefinition[],
): Promise<void> {
  const missing = wanted.filter(({ IndexName }) => !present.some((index) => index.IndexName === IndexName));
  for (const index of missing) {
    await client.send(
      new UpdateTableCommand({
        TableName,
        AttributeDefinitions: attributes,
        GlobalSecondaryIndexUpdates: [{ Create: index }],
      }),
    );
    while (!(await isActive(client, TableName))) await sleep(50);
  }
}

/** An index is filled in the background, one at a time. */
async function isActive(client: DynamoDBClient, TableName: string | undefined): Promise<boolean> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  return Table?.GlobalSecondaryIndexes?.every(({ IndexStatus }) => IndexStatus === 'ACTIVE') ?? false;
}

/** CloudFormation's index holds capacity settings that the engine's call does not know. */
const engineIndex = ({ IndexName, KeySchema, Projection }: GlobalSecondaryIndex): GlobalSecondaryIndex => ({
  IndexName,
  KeySchema,
  Projection,
});
