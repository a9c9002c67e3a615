import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { parseArgs } from 'node:util';
import { brokenIn, type Item } from '#functions/reports/invariant.ts';
import { REGION } from '../contract.ts';
import { controlAt } from '../control/client.ts';
import { ROOT } from '../iam/identity.ts';

const USAGE = `npm run reconcile -- --port 4000     the running local cloud
npm run reconcile -- --table NAME    a table of the AWS account and region of the environment (or TABLE_NAME)
  --minutes 15    what is younger may still be on its way`;

type Place = { client: DynamoDBClient; table: string; now: number };

/** The table of the running local cloud, by its own clock and with the rights of the cloud itself. */
async function localPlace(port: number): Promise<Place> {
  const control = controlAt(`http://127.0.0.1:${port + 1}`);
  const { endpoints, clock } = await control.status();
  const { env } = await control.function('Relay');
  const endpoint = endpoints['dynamodb'] ?? '';
  const credentials = { accessKeyId: ROOT, secretAccessKey: 'local' };
  return {
    client: new DynamoDBClient({ endpoint, region: REGION, credentials }),
    table: env['TABLE_NAME'] ?? '',
    now: clock.now,
  };
}

function awsPlace(table: string | undefined): Place {
  if (!table) throw new Error('Which table? Give --port, --table or TABLE_NAME.');
  return { client: new DynamoDBClient({}), table, now: Date.now() };
}

/** Every item, page by page with strong consistency. All of them are held at once: about 2 GB of memory a million items. */
async function everything({ client, table }: Place): Promise<Item[]> {
  const documents = DynamoDBDocumentClient.from(client);
  const items: Item[] = [];
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await documents.send(new ScanCommand({ TableName: table, ConsistentRead: true, ExclusiveStartKey }));
    items.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  client.destroy();
  return items;
}

/** Checks that everything in a table still fits together, and says what does not. Reads only. */
try {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      table: { type: 'string' },
      minutes: { type: 'string', default: '15' },
    },
  });
  const place =
    values.port === undefined
      ? awsPlace(values.table ?? process.env['TABLE_NAME'])
      : await localPlace(Number(values.port));
  const items = await everything(place);
  const broken = await brokenIn(items, { now: new Date(place.now).toISOString(), minutes: Number(values.minutes) });
  for (const { rule, id, why } of broken) console.log(`${rule}: ${id}\n    ${why}`);
  console.log(
    `${items.length} items of ${place.table}: ${broken.length === 0 ? 'all is well' : `${broken.length} broken`}`,
  );
  process.exitCode = broken.length === 0 ? 0 : 1;
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 2;
}
