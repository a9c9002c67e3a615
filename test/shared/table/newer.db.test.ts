import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { reshape } from '#shared/fields.ts';
import { table, tableName } from '#shared/table/client.ts';
import type { entity } from '#shared/table/entity.ts';
import { type KeyDesign, keys, keysOf, primaryKey } from '#shared/table/keys.ts';
import { getItem } from '#shared/table/read.ts';
import { transact } from '#shared/table/transact.ts';
import { putItem } from '#shared/table/write.ts';
import { newerItem } from '#test/support/newer-item.ts';
import { freshTable } from '#test/support/table.ts';

type Entity = Omit<ReturnType<typeof entity>, 'key'>;

/** Every kind of item the product declares, also those that only one file knows. */
const made = vi.hoisted(() => new Map<string, Entity>());
vi.mock(import('#shared/table/entity.ts'), async (load) => {
  const real = await load();
  const kept: typeof real.entity = (...given) => {
    const one = real.entity(...given);
    made.set(one.name, one as unknown as Entity);
    return one;
  };
  return { ...real, entity: kept };
});

const DECLARED = /\bentity\(\s*'(\w+)'/g;
const declared = ['functions', 'shared']
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true }).map((file) => join(process.cwd(), folder, String(file))),
  )
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, names: [...readFileSync(file, 'utf8').matchAll(DECLARED)].map(([, name = '']) => name) }))
  .filter(({ names }) => names.length > 0);
await Promise.all(declared.map(({ file }) => import(file)));

beforeAll(async () => {
  await freshTable();
});

/** As many picks as go through every alternative of the unions there are. */
const PICKS = [0, 1, 2, 3, 4, 5, 6, 7];

/** An item of a later release, also in an index that this release does not have for its kind. */
function written(one: Entity, pick: number): Record<string, unknown> {
  const schema = z.toJSONSchema(reshape(one.schema, 'loose'), { io: 'input', unrepresentable: 'any' });
  const item = newerItem(schema, pick);
  const foreign = (['gsi1', 'gsi2', 'gsi3'] as const).find(
    (index) => (keys[one.name] as KeyDesign)[index] === undefined,
  );
  const entry = foreign && { [`${foreign}pk`]: 'NEWER', [`${foreign}sk`]: 'x' };
  return { ...item, type: one.name, ...keysOf(one.name, item), ...entry };
}

async function savedBy(one: Entity, item: Record<string, unknown>): Promise<Record<string, unknown> | undefined> {
  await table().send(new PutCommand({ TableName: tableName(), Item: item }));
  const key = primaryKey(one.name, item);
  const read = one.decode((await getItem(key)) ?? {});
  const { put } = 'version' in one.schema.shape ? one.save(read, {}) : one.put(read);
  expect(await transact([putItem(put)])).toBe('done');
  return getItem(key);
}

describe('what a later release wrote', () => {
  it('is looked for in every kind of item', () => {
    expect([...made.keys()].sort()).toEqual([...new Set(declared.flatMap(({ names }) => names))].sort());
    expect(made.size).toBeGreaterThan(40);
  });

  it.each([...made.values()].map((one) => [one.name, one] as const))(
    'stays in a %s that this release saves',
    async (_, one) => {
      const items = new Map(PICKS.map((pick) => written(one, pick)).map((item) => [JSON.stringify(item), item]));
      for (const item of items.values()) {
        const version = 'version' in item && { version: Number(item['version']) + 1 };
        expect(await savedBy(one, item)).toEqual({ ...item, ...version });
      }
    },
  );
});
