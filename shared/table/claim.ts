import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { table, tableName } from './client.ts';
import { getItem, type Item } from './read.ts';

type Claim = {
  key: { pk: string; sk: string };
  /** Fields to set; among them the claim token. */
  set: Readonly<Record<string, unknown>>;
  /** When it may be claimed; `#field` and `:value` names are filled from `names` and `values`. */
  condition: string;
  names: Readonly<Record<string, string>>;
  values: Readonly<Record<string, unknown>>;
  /** The field that holds the token: a lost answer is recognised by it. */
  token: string;
};

/**
 * Claims an item by a conditional update outside any command; half the units of a transaction and as safe: when the answer
 * of our own update was lost, the repeat finds our token there. Answers the item as it is after the claim, or undefined.
 */
export async function claim({ key, set, condition, names, values, token }: Claim): Promise<Item | undefined> {
  const fields = Object.keys(set);
  try {
    const { Attributes } = await table().send(
      new UpdateCommand({
        TableName: tableName(),
        Key: key,
        UpdateExpression: `SET ${fields.map((field) => `#${field} = :${field}`).join(', ')}`,
        ConditionExpression: condition,
        ExpressionAttributeNames: { ...names, ...Object.fromEntries(fields.map((field) => [`#${field}`, field])) },
        ExpressionAttributeValues: {
          ...values,
          ...Object.fromEntries(fields.map((field) => [`:${field}`, set[field]])),
        },
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return Attributes;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const there = error.Item?.[token]?.S;
    return there === set[token] ? getItem(key) : undefined;
  }
}
