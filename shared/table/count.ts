import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { table, tableName } from './client.ts';
import { primaryKey, type EntityName } from './keys.ts';

/**
 * Adds to a counter outside any command and answers its new value. A lost answer may add twice: only for counters that may
 * have gaps (turns, rates), never for document numbers.
 */
export async function addUp(
  name: EntityName,
  fields: Readonly<Record<string, string>>,
  by: number,
  also: Readonly<Record<string, unknown>> = {},
): Promise<number> {
  const names = Object.keys(also);
  const { Attributes } = await table().send(
    new UpdateCommand({
      TableName: tableName(),
      Key: primaryKey(name, fields),
      UpdateExpression: [
        'ADD #count :by',
        ...(names.length > 0 ? [`SET ${names.map((one) => `#${one} = :${one}`).join(', ')}`] : []),
      ].join(' '),
      ExpressionAttributeNames: { '#count': 'count', ...Object.fromEntries(names.map((one) => [`#${one}`, one])) },
      ExpressionAttributeValues: { ':by': by, ...Object.fromEntries(names.map((one) => [`:${one}`, also[one]])) },
      ReturnValues: 'UPDATED_NEW',
    }),
  );
  return Number(Attributes?.['count']);
}
