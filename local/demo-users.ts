import { createHash } from 'node:crypto';
import { BatchGetItemCommand, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DemoUser } from './issuer/token.ts';

/** The number a person has at the issuer: always the same for the same e-mail. */
function subjectOf(email: string): string {
  const hash = createHash('sha256').update(email.toLowerCase()).digest('hex');
  return [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)].join('-');
}

const demo = (name: string, email: string, role: string): DemoUser => ({
  sub: subjectOf(email),
  email,
  name,
  roles: [role],
});

/** Who may be chosen while the installation has no users of its own. The first is its admin. */
export const DEMO_USERS = [
  demo('Алла Админова', 'admin@sdelka.example', 'admin'),
  demo('Глеб Главный', 'head@sdelka.example', 'head'),
  demo('Семён Продавцов', 'seller@sdelka.example', 'seller'),
  demo('Мария Рекламова', 'marketer@sdelka.example', 'marketer'),
  demo('Борис Счетов', 'accountant@sdelka.example', 'accountant'),
  demo('Зоя Закупкина', 'purchasing@sdelka.example', 'purchasing'),
  demo('Олег Проверкин', 'auditor@sdelka.example', 'auditor'),
] as const satisfies readonly DemoUser[];

/** The users of an installation as its table has them, or the demo users while it has none. */
export async function usersOf(client: DynamoDBClient, table: string | undefined): Promise<readonly DemoUser[]> {
  const users = table === undefined ? [] : await storedUsers(client, table).catch(() => []);
  return users.length > 0 ? users : DEMO_USERS;
}

async function storedUsers(client: DynamoDBClient, TableName: string): Promise<DemoUser[]> {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName,
      IndexName: 'gsi2',
      KeyConditionExpression: 'gsi2pk = :users',
      ExpressionAttributeValues: { ':users': { S: 'USERS' } },
      ProjectionExpression: 'pk, sk',
      Limit: 100,
    }),
  );
  const Keys = Items.flatMap(({ pk, sk }) => (pk && sk ? [{ pk, sk }] : []));
  if (Keys.length === 0) return [];
  const { Responses = {} } = await client.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys } } }));
  return (Responses[TableName] ?? []).map((item) => {
    const { email, name, roles } = unmarshall(item) as { email: string; name: string; roles: string[] };
    return { sub: subjectOf(email), email, name, roles: [...roles] };
  });
}
