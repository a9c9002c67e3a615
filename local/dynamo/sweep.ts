import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  paginateScan,
  type AttributeValue,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import type { Clock } from '../contract.ts';
import type { Table } from './table.ts';

/** By the cloud's clock. AWS deletes expired items within days; the product must not rely on the moment. */
const EVERY_MS = 600_000;
/** How soon a move of the clock is noticed. An alarm on that clock would cut every long move into ten minutes. */
const LOOK_MS = 1_000;

export type Sweeper = {
  /** Deletes what has expired by now; returns how many items. */
  sweep(): Promise<number>;
  stop(): Promise<void>;
};

/**
 * Deletes expired items every ten minutes of the cloud's clock, however far that has moved. The engine's own expiry
 * stops for good at the first item that lacks the keys of one index, and does not know our clock.
 */
export function startSweeper(
  client: DynamoDBClient,
  tables: readonly Table[],
  clock: Clock,
  wrote: () => void,
  failed: (error: unknown) => void,
): Sweeper {
  let running: Promise<number> | undefined;
  let last = clock.now();
  const stopping = new AbortController();
  const sweepAll = async (): Promise<number> => {
    let count = 0;
    last = clock.now();
    for (const table of tables) count += await sweepTable(client, table, last, stopping.signal);
    if (count) wrote();
    return count;
  };
  const sweep = (): Promise<number> => {
    running ??= sweepAll().finally(() => (running = undefined));
    return running;
  };
  const timer = setInterval(() => {
    if (clock.now() >= last + EVERY_MS) sweep().catch(failed);
  }, LOOK_MS);
  timer.unref();
  return {
    sweep,
    stop: async () => {
      clearInterval(timer);
      stopping.abort();
      await running?.catch(failed);
    },
  };
}

async function sweepTable(client: DynamoDBClient, table: Table, now: number, stop: AbortSignal): Promise<number> {
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
    if (stop.aborted) return count;
    for (const Key of Items) {
      if (stop.aborted) return count;
      const input = { TableName: table.name, Key, ConditionExpression: '#ttl < :now', ...expired };
      if (await deleteExpired(client, input)) count += 1;
    }
  }
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
