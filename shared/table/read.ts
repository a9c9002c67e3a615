import { BatchGetCommand, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { refuse } from '#shared/errors.ts';
import { table, tableName } from './client.ts';
import { openCursor, sealCursor } from './cursor.ts';
import { beginning, fill, keys, type EntityName, type IndexName, type KeyDesign } from './keys.ts';

type Fields = Readonly<Record<string, string>>;
type Readable<F, I> = {
  name: EntityName;
  key(fields: F): { pk: string; sk: string };
  decode(item: Record<string, unknown>): I;
};

/** One item by key with strong consistency: what decisions are made on. 1 read unit up to 4 kB. */
export async function get<F, I>(entity: Readable<F, I>, fields: F): Promise<I | undefined> {
  const { Item } = await table().send(
    new GetCommand({ TableName: tableName(), Key: entity.key(fields), ConsistentRead: true }),
  );
  return Item && entity.decode(Item);
}

/** As `get`; refuses with 404 when there is none. */
export async function need<F, I>(entity: Readable<F, I>, fields: F): Promise<I> {
  const item = await get(entity, fields);
  if (item === undefined)
    throw refuse('not_found', { what: entity.name, id: Object.values(fields as object).join('/') });
  return item;
}

/** Many items of one kind by key, in the order asked; those that do not exist are left out. */
export async function getMany<F, I>(entity: Readable<F, I>, all: readonly F[], consistent = true): Promise<I[]> {
  const found = new Map<string, I>();
  const wanted = [...new Map(all.map((fields) => [nameOf(entity.key(fields)), entity.key(fields)])).values()];
  for (let at = 0; at < wanted.length; at += 100) {
    let Keys: Record<string, unknown>[] = wanted.slice(at, at + 100);
    while (Keys.length > 0) {
      const { Responses, UnprocessedKeys } = await table().send(
        new BatchGetCommand({ RequestItems: { [tableName()]: { Keys, ConsistentRead: consistent } } }),
      );
      for (const item of Responses?.[tableName()] ?? []) found.set(nameOf(item), entity.decode(item));
      Keys = UnprocessedKeys?.[tableName()]?.Keys ?? [];
    }
  }
  return all.flatMap((fields) => found.get(nameOf(entity.key(fields))) ?? []);
}

export type Page<I> = { items: I[]; cursor?: string };
export type PageOptions = {
  limit?: number;
  cursor?: string | undefined;
  descending?: boolean;
  from?: string;
  consistent?: boolean;
};

/**
 * One page of the items that share a partition of the table (`item`) or of an index, in key order.
 * `fields` fills the partition key and as much of the sort key as the query begins with. Indexes are a moment late: never decide on one.
 */
export async function list<I>(
  entity: Readable<never, I>,
  index: IndexName | 'item',
  fields: Fields,
  { limit = 50, cursor, descending = false, from, consistent = false }: PageOptions = {},
): Promise<Page<I>> {
  const design = (keys[entity.name] as KeyDesign)[index];
  const pk = design && fill(design[0], fields);
  if (design === undefined || pk === undefined)
    throw new TypeError(`${entity.name} cannot be listed by ${index} with ${JSON.stringify(fields)}`);
  const [pkName, skName] = index === 'item' ? ['pk', 'sk'] : [`${index}pk`, `${index}sk`];
  const start = beginning(design[1], fields);
  const { Items = [], LastEvaluatedKey } = await table().send(
    new QueryCommand({
      TableName: tableName(),
      ...(index !== 'item' && { IndexName: index }),
      ...(consistent && { ConsistentRead: true }),
      KeyConditionExpression: `#pk = :pk${from === undefined ? start && ' AND begins_with(#sk, :sk)' : ' AND #sk >= :sk'}`,
      ExpressionAttributeNames: { '#pk': pkName, ...((start || from) && { '#sk': skName }) },
      ExpressionAttributeValues: { ':pk': pk, ...((start || from) && { ':sk': from ?? start }) },
      Limit: limit,
      ScanIndexForward: !descending,
      ExclusiveStartKey: openCursor(cursor, pk),
    }),
  );
  const next = LastEvaluatedKey && sealCursor(LastEvaluatedKey, pk);
  return { items: Items.map((item) => entity.decode(item)), ...(next !== undefined && { cursor: next }) };
}

const nameOf = (key: Record<string, unknown>): string => `${String(key['pk'])}|${String(key['sk'])}`;

/** What a decision reads with. */
export const reader = { get, need, getMany, list };
export type Read = typeof reader;
