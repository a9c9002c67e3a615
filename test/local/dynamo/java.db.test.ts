import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, expect, it, vi } from 'vitest';
import { startDynamoLocal } from '#local/dynamo/java.ts';
import { callingAs } from '#test/support/front.ts';
import { freshTable } from '#test/support/table.ts';

const dir = mkdtempSync(join(tmpdir(), 'dynamo-'));
afterAll(() => rmSync(dir, { recursive: true }));

it('gives each test file a fresh table whose indexes project what the deployed ones do', async () => {
  const { name, client } = await freshTable();
  expect(process.env['TABLE_NAME']).toBe(name);
  const item = { pk: 'A', sk: 'A', gsi1pk: 'W', gsi1sk: '1', gsi2pk: 'B', gsi2sk: '1', gsi3pk: 'D', gsi3sk: '1' };
  const values = { ...item, name: 'Deal', note: 'long' };
  await client.send(
    new PutItemCommand({
      TableName: name,
      Item: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { S: value }])),
    }),
  );
  const fieldsIn = async (index: string, pk: string) => {
    const { Items } = await client.send(
      new QueryCommand({
        TableName: name,
        IndexName: index,
        KeyConditionExpression: '#pk = :pk',
        ExpressionAttributeNames: { '#pk': `${index}pk` },
        ExpressionAttributeValues: { ':pk': { S: pk } },
      }),
    );
    return Object.keys(Items?.[0] ?? {}).sort();
  };
  expect(await fieldsIn('gsi1', 'W')).toEqual(Object.keys(values).sort());
  expect(await fieldsIn('gsi2', 'B')).toEqual(['gsi2pk', 'gsi2sk', 'name', 'pk', 'sk']);
  expect(await fieldsIn('gsi3', 'D')).toEqual(['gsi3pk', 'gsi3sk', 'pk', 'sk']);
  const other = await freshTable();
  const found = await other.client.send(
    new GetItemCommand({ TableName: other.name, Key: { pk: { S: 'A' }, sk: { S: 'A' } } }),
  );
  expect(found.Item).toBeUndefined();
});

it('says how to install Java when there is none, or one that is too old', async () => {
  await expect(startDynamoLocal({ java: join(dir, 'missing') })).rejects.toThrow(
    /Java was not found.*sudo apt-get install openjdk-17-jre-headless/,
  );
  const old = join(dir, 'java8');
  writeFileSync(old, '#!/bin/sh\necho "java.lang.UnsupportedClassVersionError: 61.0" >&2\nexit 1\n', { mode: 0o755 });
  await expect(startDynamoLocal({ java: old })).rejects.toThrow(/too old.*openjdk-17-jre-headless/);
});

it('leaves no Java behind when Node is killed, and keeps all it had answered', async () => {
  const folder = join(dir, 'killed');
  const java = join(import.meta.dirname, '../../../local/dynamo/java.ts');
  const program = `const { startDynamoLocal } = await import(${JSON.stringify(java)});
    console.log((await startDynamoLocal({ dir: ${JSON.stringify(folder)} })).port);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await new Promise<number>((resolve) => {
    child.stdout.once('data', (chunk: Buffer) => resolve(Number(chunk.toString())));
  });
  const attribute = { AttributeName: 'pk', AttributeType: 'S' as const };
  const table = { TableName: 'main', KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' as const }] };
  const before = clientOf(`http://127.0.0.1:${port}`);
  await before.send(
    new CreateTableCommand({ ...table, AttributeDefinitions: [attribute], BillingMode: 'PAY_PER_REQUEST' }),
  );
  const Key = { pk: { S: 'kept' } };
  await before.send(new PutItemCommand({ TableName: 'main', Item: Key }));
  child.kill('SIGKILL');
  await vi.waitFor(async () => expect(await accepts(port)).toBe(false), { timeout: 20_000, interval: 50 });
  const again = await startDynamoLocal({ dir: folder });
  const found = await clientOf(again.url).send(new GetItemCommand({ TableName: 'main', Key }));
  await again.stop();
  expect(found.Item).toEqual(Key);
});

const clientOf = (endpoint: string) => new DynamoDBClient({ ...callingAs('local'), endpoint });

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
