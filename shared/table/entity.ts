import * as z from 'zod';
import { personalFields, reshape, withoutGuarded } from '#shared/fields.ts';
import { keys, keysOf, primaryKey, type EntityName } from './keys.ts';
import type { Check, Part, Write } from './write.ts';

type Slots<T> = T extends `${string}{${infer Slot}}${infer Rest}` ? Slot | Slots<Rest> : never;
type KeyFields<N extends EntityName> = { [F in Slots<(typeof keys)[N]['item'][number]>]: string };

type Named = z.ZodObject<z.ZodRawShape>;
type Options<I> = {
  /** Given for records: what lies in the feed, has a version and may be changed only together with an event. */
  part?: Part;
  /** The id that events name; the field `id` by default. */
  recordId?: (item: I) => string;
};

/** A condition beyond the version. */
type Also = Pick<Check, 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'>;

/**
 * One kind of item in the table: its schema says what it holds, `keys` says where it lies.
 * Items are stored in their encoded (wire) form; unknown attributes are kept, so old code never erases what newer code wrote.
 */
export function entity<const N extends EntityName, S extends Named>(
  name: N,
  schema: S,
  options: Options<z.output<S>> = {},
) {
  type Item = z.output<S>;
  const stored = reshape(schema, 'loose');
  // An entry in an index that only a later release knows of stays as that one wrote it.
  const ownKeys = new Set(['pk', 'sk', 'type', ...INDEXES.filter((index) => index in keys[name]).flatMap(namesIn)]);
  const personal = personalFields(schema);
  const version = (item: Item): number => Number((item as { version?: unknown }).version ?? 0);
  const recordId = options.recordId ?? ((item: Item) => String((item as { id?: unknown }).id));

  const encode = (item: Item): Record<string, unknown> => {
    const wire = z.encode(stored, item) as Record<string, unknown>;
    return { ...wire, type: name, ...keysOf(name, wire) };
  };
  const write = (item: Item, put: Write['put'], before?: Item): Write => ({
    entity: name,
    part: options.part,
    recordId: recordId(item),
    version: version(item),
    key: primaryKey(name, z.encode(stored, item)),
    put,
    after: z.encode(stored, item),
    before: before && z.encode(stored, before),
    personal,
    visible: (wire) => withoutGuarded(schema, wire, () => false) as Record<string, unknown>,
  });

  return {
    name,
    schema,
    part: options.part,
    recordId,
    key: (fields: KeyFields<N>) => primaryKey(name, fields),
    /** An item as it lies in the table → as code sees it. */
    decode: (item: Record<string, unknown>): Item => stored.parse(without(ownKeys, item)),
    encode,
    /** Puts a new item; the transaction fails if there is one already. */
    create: (item: Item): Write => write(item, { Item: encode(item), ConditionExpression: 'attribute_not_exists(pk)' }),
    /** Puts the changed item over the one that was read; the transaction fails if somebody was faster. Raises the version. */
    save(before: Item, change: Partial<Item>, also?: Also): Write & { item: Item } {
      const item = { ...before, ...change, version: version(before) + 1 } as Item;
      // Items of kinds that had no version once are stored without one.
      const same = version(before) === 0 ? 'attribute_not_exists(#version)' : '#version = :version';
      const values = {
        ...(version(before) > 0 && { ':version': version(before) }),
        ...also?.ExpressionAttributeValues,
      };
      const put = {
        Item: encode(item),
        ConditionExpression: also ? `${same} AND (${also.ConditionExpression})` : same,
        ExpressionAttributeNames: { '#version': 'version', ...also?.ExpressionAttributeNames },
        ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
      };
      return { ...write(item, put, before), item };
    },
    /** The record is answered as it is; nothing is written. */
    asIs: (item: Item): Write => ({ ...write(item, { Item: {} }), asIs: true }),
    /** Puts the item whatever is there: for claims and marks that carry their own condition. */
    put: (item: Item, condition?: Omit<Write['put'], 'Item'>): Write =>
      write(item, { Item: encode(item), ...condition }),
  };
}

const INDEXES = ['gsi1', 'gsi2', 'gsi3'] as const;
const namesIn = (index: string): string[] => [`${index}pk`, `${index}sk`];
const KEY_ATTRIBUTES: ReadonlySet<string> = new Set(['pk', 'sk', 'type', ...INDEXES.flatMap(namesIn)]);
const without = (names: ReadonlySet<string>, item: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(item).filter(([attribute]) => !names.has(attribute)));

/** What an item says, without where it lies. */
export const withoutKeys = (item: Record<string, unknown>) => without(KEY_ATTRIBUTES, item);
