import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type _Record as SourceRecord,
} from '@aws-sdk/client-dynamodb-streams';
import { mockClient } from 'aws-sdk-client-mock';

type FakeShard = { id: string; parent?: string; open: boolean; records: SourceRecord[] };

/** A stream in memory: `put` writes to its last shard, `split` closes that one and opens a child. */
export function fakeStream() {
  const shards: FakeShard[] = [{ id: 'shard-1', open: true, records: [] }];
  const failures: Error[] = [];
  const calls = { records: 0 };
  let holding: Promise<void> | undefined;
  const mock = mockClient(DynamoDBStreamsClient);
  let sequence = 100;
  let born = 1;
  const find = (id: string | undefined): FakeShard => {
    const shard = shards.find((each) => each.id === id);
    if (!shard) throw Object.assign(new Error('no such shard'), { name: 'ResourceNotFoundException' });
    return shard;
  };

  mock.on(DescribeStreamCommand).callsFake(() => ({
    StreamDescription: { Shards: shards.map(({ id, parent }) => ({ ShardId: id, ParentShardId: parent })) },
  }));
  mock
    .on(GetShardIteratorCommand)
    .callsFake(({ ShardId, SequenceNumber }: { ShardId: string; SequenceNumber?: string }) => {
      const at = find(ShardId).records.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === SequenceNumber) + 1;
      return { ShardIterator: `${ShardId}:${at}` };
    });
  mock.on(GetRecordsCommand).callsFake(async ({ ShardIterator = '' }: { ShardIterator?: string }) => {
    calls.records += 1;
    const failure = failures.shift();
    if (failure) throw failure;
    const [id, at] = ShardIterator.split(':');
    const { records, open } = find(id);
    const found = records.slice(Number(at));
    const answer = { Records: found, ...(open && { NextShardIterator: `${id}:${records.length}` }) };
    await holding;
    return answer;
  });

  return {
    client: new DynamoDBStreamsClient({ region: 'us-east-1' }),
    calls,
    /** Polls answer what they have seen only when the promise resolves. */
    hold: (until: Promise<void> | undefined) => void (holding = until),
    /** Fails the next polls. */
    fail: (...names: string[]) => void failures.push(...names.map((name) => Object.assign(new Error(name), { name }))),
    put(key: string, rest: Partial<SourceRecord> = {}): string {
      sequence += 1;
      const SequenceNumber = String(sequence);
      const Keys = { pk: { S: key } };
      const dynamodb = { Keys, NewImage: Keys, SequenceNumber, ApproximateCreationDateTime: new Date(7000) };
      shards.at(-1)?.records.push({ eventID: SequenceNumber, eventName: 'INSERT', dynamodb, ...rest });
      return SequenceNumber;
    },
    split(): void {
      const last = shards.at(-1);
      if (last) last.open = false;
      born += 1;
      shards.push({ id: `shard-${born}`, open: true, records: [], ...(last && { parent: last.id }) });
    },
    forgetOldest: () => void shards.shift(),
  };
}
