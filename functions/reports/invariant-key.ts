import { taxIdKey } from '#functions/clients/client.ts';
import { keys, keysOf, type EntityName } from '#shared/table/keys.ts';
import { fold } from '#shared/text.ts';
import { text, type Broken, type Item, type Table } from './invariant-table.ts';

const KEYS = ['pk', 'sk', 'gsi1pk', 'gsi1sk', 'gsi2pk', 'gsi2sk', 'gsi3pk', 'gsi3sk'];

/** I14: every item lies where its fields say, in the table and in each index. A value belongs to somebody who has it. */
export function* keyFaults(table: Table): Generator<Broken> {
  for (const item of table.items) {
    const id = `${text(item['pk'])} / ${text(item['sk'])}`;
    const type = text(item['type']);
    const known = type in keys;
    // Counters are only ever added to, and carry no kind.
    if (!known && type !== '') yield { rule: 'I14 index', id, why: `its kind ${type} is unknown` };
    if (!known) continue;
    const wanted = keysOf(type as EntityName, item);
    const wrong = KEYS.filter((key) => wanted[key] !== item[key]);
    if (wrong.length > 0)
      yield {
        rule: 'I14 index',
        id,
        why: wrong.map((key) => `${key} is ${text(item[key]) || 'missing'}, not ${wanted[key] ?? 'there'}`).join('; '),
      };
  }
  for (const identity of table.of('identity')) yield* identityFaults(table, identity);
}

/** Whom a value of a kind leads to, and the values he lists. Kinds that are not here belong to nobody yet. */
const OWNERS: Readonly<Record<string, { type: EntityName; values?(owner: Item): unknown }>> = {
  email: { type: 'person', values: ({ emails }) => emails },
  phone: { type: 'person', values: ({ phones }) => phones },
  taxId: {
    type: 'client',
    values: ({ taxId, otherTaxIds = [] }) =>
      [taxId, ...(otherTaxIds as unknown[])].flatMap((one) => (one === undefined ? [] : [taxIdKey(text(one))])),
  },
  login: { type: 'user', values: ({ email }) => [email] },
  sub: { type: 'user' },
  sku: { type: 'product', values: ({ sku }) => [fold(text(sku))] },
};

function* identityFaults(table: Table, { kind, value, owner }: Item): Generator<Broken> {
  const found = OWNERS[text(kind)];
  const id = `${text(kind)} of ${text(owner)}`;
  if (!found) return;
  const record = table.find(found.type, owner);
  if (!record) yield { rule: 'identity', id, why: 'it belongs to nobody there is' };
  else if (found.values && !(found.values(record) as unknown[] | undefined)?.includes(value))
    yield { rule: 'identity', id, why: 'its owner does not list it' };
}
