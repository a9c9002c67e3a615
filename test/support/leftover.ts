import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { REGION } from '#local/contract.ts';
import { ROOT } from '#local/iam/identity.ts';
import type { Journey } from './journey.ts';

const credentials = { accessKeyId: ROOT, secretAccessKey: 'local' };

/** Every item of the table of a running local cloud, as text, by its key. */
async function items({ control }: Journey): Promise<[place: string, text: string][]> {
  const { endpoints } = await control.status();
  const { env } = await control.function('Relay');
  const client = new DynamoDBClient({ endpoint: endpoints['dynamodb'] ?? '', region: REGION, credentials });
  const documents = DynamoDBDocumentClient.from(client);
  const found: [string, string][] = [];
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await documents.send(
      new ScanCommand({ TableName: env['TABLE_NAME'], ConsistentRead: true, ExclusiveStartKey }),
    );
    for (const item of page.Items ?? [])
      found.push([`${String(item['pk'])} / ${String(item['sk'])}`, JSON.stringify(item)]);
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  client.destroy();
  return found;
}

/** Every file kept for people, as text, by its name. Snapshots of the read copy have a test of their own. */
async function files({ control }: Journey): Promise<[place: string, text: string][]> {
  const { endpoints } = await control.status();
  const { env } = await control.function('Imports');
  const client = new S3Client({ endpoint: endpoints['s3'] ?? '', region: REGION, credentials, forcePathStyle: true });
  const Bucket = env['FILES_BUCKET'] ?? '';
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
  const kept = Contents.flatMap(({ Key }) => (Key === undefined || Key.startsWith('copy/') ? [] : [Key]));
  const found = await Promise.all(
    kept.map(async (Key): Promise<[string, string]> => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      return [Key, (await Body?.transformToString()) ?? ''];
    }),
  );
  client.destroy();
  return found;
}

/** Where in the table and the files of an installation any of these texts still stands, whatever its case. */
export async function leftover(journey: Journey, texts: readonly string[]): Promise<string[]> {
  const all = [...(await items(journey)), ...(await files(journey))];
  return texts.flatMap((wanted) => {
    const small = wanted.toLowerCase();
    return all
      .filter(([place, text]) => `${place}${text}`.toLowerCase().includes(small))
      .map(([place]) => `${wanted}: ${place}`);
  });
}
