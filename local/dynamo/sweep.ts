import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  paginateScan,
  type AttributeValue,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import type { Clock } from '../contract.ts';
import type { Table } from './table.ts';

/** AWS deletes expired items within days; the product must not rely on the moment. */
const EVERY_MS = 600_000;

export type Sweeper = {
  /** Deletes what has expired by now; returns how many items. */
  sweep(): Promise<number>;
  busy(): boolean;
  stop(): Promise<void>;
};

/**
 * Deletes expired items every ten minutes of the cloud's clock. The engine's own expiry stops for good at the first
 * item that lacks the keys of one index, and does not know our clock.
 */
export function startSweeper(
  client: DynamoDBClient,
  tables: readonly Table[],
  clock: Clock,
  wrote: () => void,
  failed: (error: unknown) => void,
): Sweeper {
  let running: Promise<number> | undefined;
  const sweepAll = async (): Promise<number> => {
    let count = 0;
    for (const table of tables) count += await sweepTable(client, table, clock.now(), wrote);
    return count;
  };
  const sweep = (): Promise<number> => {
    running ??= sweepAll().finally(() => (running = undefined));
    return running;
  };
  let cancel = (): void => {};
  const arm = (): void => {
    cancel = clock.at(clock.now() + EVERY_MS, () => {
      arm();
      sweep().catch(failed);
    });
  };
  arm();
  return {
    sweep,
    busy: () => running !== undefined,
    stop: async () => {
      cancel();
      await running?.catch(failed);
    },
  };
}

async function sweepTable(client: DynamoDBClient, table: Table, now: number, wrote: () => void): Promise<number> {
  if (!table.ttl) return 0;
  const keys = [table.hash, table.range].filter((name) => name !== undefined);
  const expired = {
    ExpressionAttributeNames: { '#ttl': table.ttl },
    ExpressionAttributeValues: { ':now': { N: String(Math.floor(now / 1000)) } },
  };
  const pages = paginateScan(
    { client },
    {
      TableName: table.name,
      FilterExpression: '#ttl < :now',
      ProjectionExpression: keys.map((_, index) => `#k${index}`).join(', '),
      ...expired,
      ExpressionAttributeNames: {
        ...expired.ExpressionAttributeNames,
        ...Object.fromEntries(keys.map((name, index) => [`#k${index}`, name])),
      },
    },
  );
  let count = 0;
  for await (const { Items = [] } of pages) {
    for (const Key of Items) {
      const input = { TableName: table.name, Key, ConditionExpression: '#ttl < :now', ...expired };
      if (await deleteExpired(client, input)) count += 1;
    }
  }
  if (count) wrote();
  return count;
}

type Deletion = ConstructorParameters<typeof DeleteItemCommand>[0] & { Key: Record<string, AttributeValue> };

/** False when the item was given more time since it was found. */
async function deleteExpired(client: DynamoDBClient, input: Deletion): Promise<boolean> {
  try {
    await client.send(new DeleteItemCommand(input));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
