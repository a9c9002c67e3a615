import type { TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import type { EntityName } from './keys.ts';
import { tableName } from './client.ts';

/** The part of a record an entity is: `R` people's, `W` the machine's own, each with its own version. */
export type Part = 'R' | 'W';

type Put = {
  Item: Record<string, unknown>;
  ConditionExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, unknown>;
};

/** One item of a business transaction, with what the event needs to tell about it. */
export type Write = {
  entity: EntityName;
  part: Part | undefined;
  recordId: string;
  version: number;
  key: { pk: string; sk: string };
  put: Put;
  /** Nothing is written: the record is only answered as it is. */
  asIs?: boolean;
  /** The encoded item before and after: the event tells the difference. */
  before: Record<string, unknown> | undefined;
  after: Record<string, unknown>;
  personal: ReadonlySet<string>;
  /** The item without guarded fields such as cost: events are read by everybody. */
  visible(item: Record<string, unknown>): Record<string, unknown>;
};

/** A condition on an item that is read but not written: the transaction fails if it no longer holds. */
export type Check = {
  key: { pk: string; sk: string };
  ConditionExpression: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, unknown>;
};

/** A transaction names an item once: of those about the same item the first. */
export const distinct = <T extends Pick<Check, 'key'>>(all: readonly T[]): T[] =>
  all.filter(({ key }, place) => all.findIndex((one) => one.key.pk === key.pk && one.key.sk === key.sk) === place);

/** Takes an item out of the table for good: for values that are free again and for erasure, never for history. */
export type Removal = Omit<Check, 'ConditionExpression'> & { ConditionExpression?: string };

export type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

export const putItem = (put: Put): TransactItem => ({ Put: { TableName: tableName(), ...put } });

export const checkItem = ({ key, ...condition }: Check): TransactItem => ({
  ConditionCheck: { TableName: tableName(), Key: key, ...condition },
});

export const removeItem = ({ key, ...condition }: Removal): TransactItem => ({
  Delete: { TableName: tableName(), Key: key, ...condition },
});

/** The item must still have this version when the transaction runs. */
export const unchanged = (key: { pk: string; sk: string }, version: number): Check => ({
  key,
  ConditionExpression: '#version = :version',
  ExpressionAttributeNames: { '#version': 'version' },
  ExpressionAttributeValues: { ':version': version },
});
