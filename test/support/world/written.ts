import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type Raw = Record<string, AttributeValue>;

/** Partition and sort key of an item as one text. */
export const keyOf = (item: Raw): string => `${item['pk']?.S ?? ''}\n${item['sk']?.S ?? ''}`;

type WriteRequest = {
  TransactItems?: { Put?: { Item: Raw }; Update?: { Key: Raw } }[];
  Item?: Raw;
  Key?: Raw;
  RequestItems?: Record<string, { PutRequest?: { Item: Raw }; DeleteRequest?: { Key: Raw } }[]>;
};

/** The keys a call writes to, and the items where it puts whole ones. */
export function written(action: string, body: string): { key: string; item?: Raw }[] {
  const request = JSON.parse(body) as WriteRequest;
  const put = (item: Raw) => ({ key: keyOf(item), item });
  if (action === 'BatchWriteItem') return [];
  if (request.TransactItems)
    return request.TransactItems.flatMap(({ Put, Update }) =>
      Put ? [put(Put.Item)] : Update ? [{ key: keyOf(Update.Key) }] : [],
    );
  return request.Item ? [put(request.Item)] : request.Key ? [{ key: keyOf(request.Key) }] : [];
}
