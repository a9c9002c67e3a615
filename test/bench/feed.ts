import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Control } from '#local/control/client.ts';

/** Looks into the table, as the owner of the cloud may, for the places events have in the feed. */
export async function watchFeed(control: Control): Promise<{ placed(eventId: string): Promise<number> }> {
  const { env } = await control.function('Api');
  const client = new DynamoDBClient({
    endpoint: env['AWS_ENDPOINT_URL_DYNAMODB'] ?? '',
    region: 'us-east-1',
    credentials: { accessKeyId: 'local-root', secretAccessKey: 'local' },
  });
  const TableName = env['TABLE_NAME'] ?? '';
  return {
    /** When the event was first seen in the feed, epoch ms; looks every 20 ms, for a minute. */
    async placed(eventId) {
      for (let look = 0; look < 3000; look += 1) {
        const { Item } = await client.send(
          new GetItemCommand({ TableName, Key: { pk: { S: `FED#${eventId}` }, sk: { S: 'FED' } } }),
        );
        if (Item) return Date.now();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error(`Event ${eventId} has no place in the feed after a minute.`);
    },
  };
}
