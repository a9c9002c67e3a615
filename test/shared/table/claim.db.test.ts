import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { claim } from '#shared/table/claim.ts';
import { table, tableName } from '#shared/table/client.ts';
import { addUp } from '#shared/table/count.ts';
import { freshTable } from '#test/support/table.ts';
import { freshId } from '#test/support/note.ts';

beforeAll(async () => {
  await freshTable();
});

const key = (id: string) => ({ pk: `LETTER#${id}`, sk: 'LETTER' });
const item = async (id: string, fields: object = {}) =>
  table().send(new PutCommand({ TableName: tableName(), Item: { ...key(id), state: 'queued', ...fields } }));
const taking = (id: string, lease: string) =>
  claim({
    key: key(id),
    token: 'lease',
    set: { state: 'sending', lease },
    condition: '#state = :queued',
    names: {},
    values: { ':queued': 'queued' },
  });

describe('a claim', () => {
  it('is given once, with the item as it is then', async () => {
    const id = freshId();
    await item(id, { subject: 'Hello' });
    expect(await taking(id, 'a')).toMatchObject({ state: 'sending', lease: 'a', subject: 'Hello' });
    expect(await taking(id, 'b')).toBeUndefined();
  });

  it('is given to one of many at once', async () => {
    const id = freshId();
    await item(id);
    const all = await Promise.all(Array.from({ length: 8 }, (_, at) => taking(id, `lease-${at}`)));
    expect(all.filter((one) => one !== undefined)).toHaveLength(1);
  });

  it('is not given on what is not there, and makes nothing', async () => {
    const id = freshId();
    expect(await taking(id, 'a')).toBeUndefined();
    expect(await taking(id, 'a')).toBeUndefined();
  });

  it('knows itself when its answer was lost and it is asked again', async () => {
    const id = freshId();
    await item(id);
    await taking(id, 'a');
    expect(await taking(id, 'a')).toMatchObject({ state: 'sending', lease: 'a' });
  });
});

describe('a claim whose answer DynamoDB does not give', () => {
  const mocked = () => mockClient(DynamoDBDocumentClient);
  let mock: ReturnType<typeof mocked>;
  beforeEach(() => {
    mock = mocked();
  });
  afterEach(() => mock.restore());

  it('fails as it failed when that was no condition', async () => {
    mock.on(UpdateCommand).rejects(Object.assign(new Error('slow'), { name: 'TimeoutError' }));
    await expect(taking('x', 'a')).rejects.toThrow('slow');
  });

  it('asks for the old item, so that a repeat can know itself', async () => {
    const Item = { lease: { S: 'other' } };
    mock.on(UpdateCommand).rejects(new ConditionalCheckFailedException({ message: '', $metadata: {}, Item }));
    expect(await taking('x', 'a')).toBeUndefined();
    const [sent] = mock.commandCalls(UpdateCommand);
    expect(sent?.args[0].input.ReturnValuesOnConditionCheckFailure).toBe('ALL_OLD');
  });
});

it('counts up without gaps when nothing is lost, and sets what goes with the count', async () => {
  const minute = '2026-11-23T10:00';
  const counts = await Promise.all(
    Array.from({ length: 6 }, () => addUp('rate', { sourceId: 's', address: 'a', minute }, 2, { ttl: 5 })),
  );
  expect(counts.toSorted((a, b) => a - b)).toEqual([2, 4, 6, 8, 10, 12]);
});
