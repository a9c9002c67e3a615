import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { clientDefaults } from '#shared/aws/defaults.ts';

let documents: DynamoDBDocumentClient | undefined;

/** The one client of the table, made on first use. */
export const table = (): DynamoDBDocumentClient =>
  (documents ??= DynamoDBDocumentClient.from(new DynamoDBClient(clientDefaults()), {
    marshallOptions: { removeUndefinedValues: true },
  }));

/** Name of the table, from the environment of the function. */
export function tableName(): string {
  const name = process.env['TABLE_NAME'];
  if (name === undefined) throw new Error('TABLE_NAME is not set: every function that reads the table needs it.');
  return name;
}
