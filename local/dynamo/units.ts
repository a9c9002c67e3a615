import type { Item, Request } from './request.ts';

type Part = { Item?: Item; Key?: Item };
export type Units = { table: number; index: number };

/**
 * Capacity units of a call by AWS's rules (DynamoDB Developer Guide, "Read and write operations"): a write counts 1 per kB
 * begun, in a transaction 2; a strong read 1 per 4 kB begun, an eventual one half; each index entry written 1 per kB begun.
 * Counted here because DynamoDB Local reports transactions and batches wrongly. An index entry is counted whenever the item
 * carries its keys, also when the write leaves the entry as it was: an upper bound.
 */
export function unitsOf(action: string, request: Request, answer: Readonly<Record<string, unknown>>): Units {
  switch (action) {
    case 'TransactWriteItems':
      return sum(
        (request.TransactItems ?? []).flatMap((parts) => Object.values(parts)).map((part) => written(part, 2)),
      );
    case 'PutItem':
      return written(request, 1);
    case 'UpdateItem':
    case 'DeleteItem':
      return written({ Item: (answer['Attributes'] as Item | undefined) ?? request.Key ?? {} }, 1);
    case 'BatchGetItem':
      return sum(Object.entries(request.RequestItems ?? {}).map(([table, asked]) => batchRead(asked, answer, table)));
    case 'GetItem':
      return { table: readUnits(bytesOf((answer['Item'] as Item | undefined) ?? {}), isStrong(request)), index: 0 };
    case 'Query':
    case 'Scan': {
      const units = readUnits(bytesOfAll((answer['Items'] as Item[] | undefined) ?? []), isStrong(request));
      return request.IndexName === undefined ? { table: units, index: 0 } : { table: 0, index: units };
    }
    default:
      return { table: 0, index: 0 };
  }
}

const sum = (all: readonly Units[]): Units =>
  all.reduce((one, other) => ({ table: one.table + other.table, index: one.index + other.index }), {
    table: 0,
    index: 0,
  });

function written({ Item: item, Key: key }: Part, factor: number): Units {
  const kilobytes = Math.max(1, Math.ceil(bytesOf(item ?? key ?? {}) / 1024));
  const entries = Object.keys(item ?? {}).filter((name) => /^gsi\d+pk$/.test(name)).length;
  return { table: factor * kilobytes, index: entries * kilobytes };
}

function batchRead(asked: unknown, answer: Readonly<Record<string, unknown>>, table: string): Units {
  const { Keys = [], ConsistentRead: strong = false } = asked as { Keys?: Item[]; ConsistentRead?: boolean };
  const found = (answer['Responses'] as Record<string, Item[]> | undefined)?.[table] ?? [];
  // Each item is counted for itself; one that is not there costs as much as a small one.
  const missing = Math.max(0, Keys.length - found.length) * readUnits(0, strong);
  return { table: found.reduce((all, item) => all + readUnits(bytesOf(item), strong), missing), index: 0 };
}

const isStrong = (request: Request): boolean => (request as { ConsistentRead?: boolean }).ConsistentRead === true;
const readUnits = (bytes: number, strong: boolean): number => Math.max(1, Math.ceil(bytes / 4096)) * (strong ? 1 : 0.5);
const bytesOfAll = (items: readonly Item[]): number => items.reduce((all, item) => all + bytesOf(item), 0);

/** Size of an item as AWS reckons it: names and values in UTF-8, numbers about a byte for two digits, 3 for a map or list. */
function bytesOf(item: Item): number {
  return Object.entries(item).reduce((all, [name, value]) => all + Buffer.byteLength(name) + bytesOfValue(value), 0);
}

function bytesOfValue(value: Readonly<Record<string, unknown>>): number {
  if (typeof value['S'] === 'string') return Buffer.byteLength(value['S']);
  if (typeof value['N'] === 'string') return Math.ceil(value['N'].length / 2) + 1;
  if (typeof value['B'] === 'string') return Math.ceil((value['B'].length * 3) / 4);
  if (value['M']) return 3 + bytesOf(value['M'] as Item) + Object.keys(value['M']).length;
  if (Array.isArray(value['L'])) return 3 + (value['L'] as Item[]).reduce((all, one) => all + 1 + bytesOfValue(one), 0);
  return 1;
}
