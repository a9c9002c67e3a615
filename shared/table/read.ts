import { BatchGetCommand, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { refuse } from '#shared/errors.ts';
import { table, tableName } from './client.ts';
import { openCursor, sealCursor } from './cursor.ts';
import { beginning, fill, keys, type EntityName, type IndexName, type KeyDesign } from './keys.ts';

type Fields = Readonly<Record<string, string>>;
/** An item as it lies in the table. */
export type Item = Record<string, unknown>;
type PrimaryKey = { pk: string; sk: string };
type Keyed<F, I> = {
  name: string;
  key(fields: F): { pk: string; sk: string };
  decode(item: Record<string, unknown>): I;
};
type Readable<F, I> = Keyed<F, I> & { name: EntityName };

const bytes = (text: string): number => new TextEncoder().encode(text).length;
/** DynamoDB's limits of keys. Callers send any text as an id: beyond the limits, as with an empty one, nothing can lie. */
const canBe = ({ pk, sk }: PrimaryKey): boolean => bytes(pk) <= 2048 && bytes(sk) <= 1024;
const hasEmpty = (fields: object): boolean => Object.values(fields).includes('');

function keyOf<F>(entity: Keyed<F, unknown>, fields: F): PrimaryKey | undefined {
  if (hasEmpty(fields as object)) return undefined;
  const key = entity.key(fields);
  return canBe(key) ? key : undefined;
}

/** Whatever lies at a key, as it lies there, with strong consistency. 1 read unit up to 4 kB. */
export async function getItem(Key: PrimaryKey): Promise<Item | undefined> {
  const { Item: found } = await table().send(new GetCommand({ TableName: tableName(), Key, ConsistentRead: true }));
  return found;
}

/** One item of a kind by key: what decisions are made on. */
export async function get<F, I>(entity: Keyed<F, I>, fields: F): Promise<I | undefined> {
  const key = keyOf(entity, fields);
  const found = key && (await getItem(key));
  return found && entity.decode(found);
}

/** As `get`; refuses with 404 when there is none. */
export async function need<F, I>(entity: Keyed<F, I>, fields: F): Promise<I> {
  const item = await get(entity, fields);
  if (item === undefined)
    throw refuse('not_found', { what: entity.name, id: Object.values(fields as object).join('/') });
  return item;
}

/** Many items of one kind by key, in the order asked; those that do not exist are left out. */
export const getMany = async <F, I>(entity: Keyed<F, I>, all: readonly F[]): Promise<I[]> =>
  (
    await batchGet(
      all.map((fields) => keyOf(entity, fields)).filter((key) => key !== undefined),
      true,
    )
  ).map((item) => entity.decode(item));

/** Whatever lies at these keys, as it lies there (with its keys), in the order asked; what is not there is left out. */
export const getItems = (all: readonly PrimaryKey[]): Promise<Item[]> => batchGet(all, true);

async function batchGet(all: readonly PrimaryKey[], consistent: boolean): Promise<Item[]> {
  const found = new Map<string, Item>();
  const wanted = [...new Map(all.map((key) => [nameOf(key), key])).values()];
  for (let at = 0; at < wanted.length; at += 100) {
    let Keys: Item[] = wanted.slice(at, at + 100);
    while (Keys.length > 0) {
      const { Responses, UnprocessedKeys } = await table().send(
        new BatchGetCommand({ RequestItems: { [tableName()]: { Keys, ConsistentRead: consistent } } }),
      );
      for (const item of Responses?.[tableName()] ?? []) found.set(nameOf(item), item);
      Keys = UnprocessedKeys?.[tableName()]?.Keys ?? [];
    }
  }
  return all.map((key) => found.get(nameOf(key))).filter((item) => item !== undefined);
}

export type Page<I> = { items: I[]; cursor?: string };
export type PageOptions = {
  limit?: number;
  cursor?: string | undefined;
  descending?: boolean;
  from?: string;
  /** Sort keys below this only; together with `from` up to this. */
  before?: string | undefined;
  consistent?: boolean;
};

/** One page of the items that share a partition of the table (`item`) or of an index, as they lie there, in key order. */
async function query(
  name: EntityName,
  index: IndexName | 'item',
  fields: Fields,
  options: PageOptions,
): Promise<Page<Item>> {
  const { limit = 50, cursor, descending = false, from, before, consistent = false } = options;
  if (hasEmpty(fields)) return { items: [] };
  const design = (keys[name] as KeyDesign)[index];
  const pk = design && fill(design[0], fields);
  if (design === undefined || pk === undefined)
    throw new TypeError(`${name} cannot be listed by ${index} with ${JSON.stringify(fields)}`);
  const [pkName, skName] = index === 'item' ? ['pk', 'sk'] : [`${index}pk`, `${index}sk`];
  const start = from ?? beginning(design[1], fields);
  if (!canBe({ pk, sk: start })) return { items: [] };
  const place = `${pk}\n${start}`;
  const sorted = sortedBy(start, from, before);
  const { Items = [], LastEvaluatedKey } = await table().send(
    new QueryCommand({
      TableName: tableName(),
      ...(index !== 'item' && { IndexName: index }),
      ...(consistent && { ConsistentRead: true }),
      KeyConditionExpression: sorted === undefined ? '#pk = :pk' : `#pk = :pk AND ${sorted.says}`,
      ExpressionAttributeNames: { '#pk': pkName, ...(sorted && { '#sk': skName }) },
      ExpressionAttributeValues: { ':pk': pk, ...sorted?.values },
      Limit: limit,
      ScanIndexForward: !descending,
      ExclusiveStartKey: openCursor(cursor, place),
    }),
  );
  const next = LastEvaluatedKey && sealCursor(LastEvaluatedKey, place);
  return { items: Items, ...(next !== undefined && { cursor: next }) };
}

/** What a query says of the sort key; there may be one condition on it, and BETWEEN is closed at both ends. */
function sortedBy(start: string, from: string | undefined, before: string | undefined) {
  if (before === undefined) {
    if (start === '') return undefined;
    return { says: from === undefined ? 'begins_with(#sk, :sk)' : '#sk >= :sk', values: { ':sk': start } };
  }
  if (start === '') return { says: '#sk < :end', values: { ':end': before } };
  return { says: '#sk BETWEEN :sk AND :end', values: { ':sk': start, ':end': before } };
}

/**
 * One page of what the table or a whole-item index (gsi1) holds. `fields` fills the partition key and as much of the sort
 * key as the query begins with. Indexes are a moment late: never decide on one.
 */
export async function list<I>(
  entity: Readable<never, I>,
  index: IndexName | 'item',
  fields: Fields,
  options: PageOptions = {},
): Promise<Page<I>> {
  const page = await query(entity.name, index, fields, options);
  return { ...page, items: page.items.map((item) => entity.decode(item)) };
}

/** Everything that shares a partition of the table, page after page: for settings and other small sets, with strong consistency. */
export async function listAll<I>(entity: Readable<never, I>, fields: Fields): Promise<I[]> {
  const all: I[] = [];
  let cursor: string | undefined;
  do {
    const page = await list(entity, 'item', fields, { limit: 1000, consistent: true, cursor });
    all.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return all;
}

/** As `list` for indexes that hold only some fields: the index says which, the items themselves are read by key. */
export async function listWhole<I>(
  entity: Readable<never, I>,
  index: IndexName,
  fields: Fields,
  options: PageOptions = {},
): Promise<Page<I>> {
  const page = await query(entity.name, index, fields, options);
  const found = page.items.map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) }));
  return { ...page, items: (await batchGet(found, false)).map((item) => entity.decode(item)) };
}

const nameOf = (key: Record<string, unknown>): string => `${String(key['pk'])}|${String(key['sk'])}`;

/** What a decision reads with. */
export const reader = { get, need, getMany };
export type Read = typeof reader;
