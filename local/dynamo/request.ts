import { ACCOUNT, REGION, type Access } from '../contract.ts';
import type { Table } from './table.ts';

/** A value on the wire, like `{ S: 'text' }`. */
export type Attribute = Readonly<Record<string, unknown>>;
export type Item = Readonly<Record<string, Attribute>>;

type Part = { TableName?: string; Key?: Item; Item?: Item };
/** The fields of DynamoDB's requests this front reads; everything else passes through untouched. */
export type Request = Part & {
  IndexName?: string;
  KeyConditionExpression?: string;
  ExpressionAttributeNames?: Readonly<Record<string, string>>;
  ExpressionAttributeValues?: Item;
  RequestItems?: Readonly<Record<string, unknown>>;
  TransactItems?: readonly Readonly<Record<string, Part>>[];
  ReturnConsumedCapacity?: string;
};

/** One item operation inside a request; each of `items` carries the key attributes of its item. */
export type Operation = { action: string; table: string; index?: string; items: readonly Item[]; within?: string };

const TRANSACT_ACTION: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
  Get: 'GetItem',
};

/** The operations of a request, as IAM sees them: a transaction is checked part by part, a batch table by table. */
export function operationsOf(action: string, request: Request): Operation[] {
  switch (action) {
    case 'TransactWriteItems':
    case 'TransactGetItems':
      return (request.TransactItems ?? []).flatMap((parts) =>
        Object.entries(parts).map(([kind, part]) => single(TRANSACT_ACTION[kind] ?? kind, part, { within: action })),
      );
    case 'BatchGetItem':
      return Object.entries(request.RequestItems ?? {}).map(([table, keys]) => ({
        action,
        table: nameOf(table),
        items: (keys as { Keys?: Item[] }).Keys ?? [],
      }));
    case 'BatchWriteItem':
      return Object.entries(request.RequestItems ?? {}).map(([table, writes]) => ({
        action,
        table: nameOf(table),
        items: (writes as { PutRequest?: Part; DeleteRequest?: Part }[]).map(
          ({ PutRequest: put, DeleteRequest: remove }) => put?.Item ?? remove?.Key ?? {},
        ),
      }));
    default:
      return [single(action, request, request.IndexName ? { index: request.IndexName } : {})];
  }
}

const single = (action: string, part: Part, more: Pick<Operation, 'index' | 'within'>): Operation => {
  const item = part.Item ?? part.Key;
  return { action, table: nameOf(part.TableName ?? ''), items: item ? [item] : [], ...more };
};

/** Requests may name a table by its ARN too. */
const nameOf = (table: string): string => table.split('/').pop() ?? table;

/** What a request asks leave for: action, table or index ARN, and the partition keys it touches. */
export function accessesOf(action: string, request: Request, tables: ReadonlyMap<string, Table>): Access[] {
  return operationsOf(action, request).map((operation) => {
    const table = tables.get(operation.table);
    const arn = table?.arn ?? `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${operation.table}`;
    const hash = (operation.index ? table?.indexes.get(operation.index) : table?.hash) ?? '';
    const values = action === 'Query' ? queriedKeys(request, hash) : operation.items.map((item) => item[hash]);
    const keys = values.filter((value) => value !== undefined).map(textOf);
    return {
      action: `dynamodb:${operation.action}`,
      resource: operation.index ? `${arn}/index/${operation.index}` : arn,
      context: {
        ...(keys.length ? { 'dynamodb:LeadingKeys': keys } : {}),
        ...(operation.within ? { 'dynamodb:EnclosingOperation': [operation.within] } : {}),
      },
    };
  });
}

function queriedKeys(request: Request, hash: string): (Attribute | undefined)[] {
  const comparisons = (request.KeyConditionExpression ?? '').matchAll(/([#\w.-]+)\s*=\s*(:\w+)/g);
  return [...comparisons]
    .filter(([, name = '']) => (request.ExpressionAttributeNames?.[name] ?? name) === hash)
    .map(([, , value = '']) => request.ExpressionAttributeValues?.[value]);
}

/** The text of a key value: `{ S: 'a' }`, `{ N: '1' }` or base64 of a binary. */
export const textOf = (value: Attribute): string => String(Object.values(value)[0]);
