import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, describe, expect, it } from 'vitest';
import { commit, run } from '#shared/command.ts';
import { transact } from '#shared/table/transact.ts';
import { systemNow } from '#shared/time.ts';
import { aNote, context, NoteMade, notes } from '#test/support/note.ts';

process.env['TABLE_NAME'] = 'test';
const mock = mockClient(DynamoDBDocumentClient);
afterEach(() => mock.reset());

const canceled = (...codes: (string | undefined)[]) =>
  new TransactionCanceledException({
    message: 'canceled',
    $metadata: {},
    CancellationReasons: codes.map((Code) => (Code === undefined ? {} : { Code })),
  });
const anything = [{ Put: { TableName: 'test', Item: { pk: 'a', sk: 'b' } } }];

describe('a transaction that DynamoDB cancels', () => {
  it.each([
    ['a condition', ['None', 'ConditionalCheckFailed', undefined], { failed: [1], conflicts: [] }],
    ['another transaction', ['TransactionConflict', 'None'], { failed: [], conflicts: [0] }],
    ['both', ['ConditionalCheckFailed', 'TransactionConflict'], { failed: [0], conflicts: [1] }],
    ['too much at once', ['ThrottlingError'], { failed: [], conflicts: [0] }],
    ['a partition that is too busy', ['None', 'ProvisionedThroughputExceeded'], { failed: [], conflicts: [1] }],
  ])('says where it was stopped by %s', async (_, codes, result) => {
    mock.on(TransactWriteCommand).rejects(canceled(...codes));
    expect(await transact(anything)).toEqual(result);
  });

  it.each([
    ['an item that is no item', canceled('ValidationError')],
    ['an item that grew too large', canceled('None', 'ItemCollectionSizeLimitExceeded')],
    ['nothing it names', canceled()],
    ['a lost connection', Object.assign(new Error('socket hang up'), { name: 'TimeoutError' })],
  ])('fails at once because of %s', async (_, error) => {
    mock.on(TransactWriteCommand).rejects(error);
    await expect(transact(anything)).rejects.toBe(error);
  });
});

describe('a command whose transaction runs into another', () => {
  const making = () => {
    let decided = 0;
    const command = commit(async () => {
      decided += 1;
      const write = notes.create(aNote());
      return { writes: [write], events: [NoteMade.of(write, {})], answer: write };
    });
    return { command, times: () => decided };
  };

  it('decides again and is done', async () => {
    mock
      .on(TransactWriteCommand)
      .rejectsOnce(canceled('None', 'TransactionConflict'))
      .rejectsOnce(canceled('ThrottlingError', 'None'))
      .resolves({});
    const { command, times } = making();
    expect(await run(command, context())).toMatchObject({ status: 200, version: 1 });
    expect(times()).toBe(3);
  });

  it('is a conflict for the caller when it never ends', async () => {
    mock.on(TransactWriteCommand).rejects(canceled('TransactionConflict'));
    const { command } = making();
    await expect(run(command, context({ deadline: systemNow() + 100 }))).rejects.toMatchObject({
      code: 'conflict',
      status: 409,
    });
  });

  it('does not try again what can never hold', async () => {
    mock.on(TransactWriteCommand).rejects(canceled('ValidationError'));
    const { command, times } = making();
    await expect(run(command, context())).rejects.toThrow('canceled');
    expect(times()).toBe(1);
  });
});
