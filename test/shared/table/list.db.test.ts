import { beforeAll, describe, expect, it } from 'vitest';
import { useSecret } from '#shared/aws/secret.ts';
import { getMany, list, listWhole, need, type PageOptions } from '#shared/table/read.ts';
import { openCursor, sealCursor } from '#shared/table/cursor.ts';
import { transact } from '#shared/table/transact.ts';
import { putItem, type Write } from '#shared/table/write.ts';
import { dealWorks, deals } from '#functions/deals/store.ts';
import { workView } from '#functions/deals/deal.ts';
import { orders } from '#functions/orders/store.ts';
import { orderOfDeal } from '#functions/orders/order.ts';
import { freshTable } from '#test/support/table.ts';
import { aDeal, idOf } from '#test/support/deal.ts';
import { aNote, notes } from '#test/support/note.ts';

const OWNER = idOf('user', 'SE');
const CLIENT = idOf('client', 'A');
const COUNT = 25;
const all = Array.from({ length: COUNT }, (_, at) => aDeal({ id: idOf('deal', `${at + 100}`), name: `Deal ${at}` }));

const put = async (writes: readonly Write[]) =>
  expect(await transact(writes.map((write) => putItem(write.put)))).toBe('done');

beforeAll(async () => {
  useSecret('the secret of the test');
  await freshTable();
  await put(all.map((deal) => deals.create(deal)));
  await put(all.map((deal) => dealWorks.create({ ...workView(deal), version: 1 })));
  await put(
    all.slice(0, 3).map((deal, at) => orders.create(orderOfDeal(deal, idOf('order', `${at}`), deal.createdAt))),
  );
});

const open = (options: PageOptions) => list(dealWorks, 'gsi1', { ownerId: OWNER, state: 'open' }, options);
const ofClient = (options: PageOptions) => listWhole(deals, 'gsi2', { clientId: CLIENT, id: 'deal_' }, options);

describe('a list', () => {
  it.each([
    ['a work list', open],
    ['what belongs to a client, whole', ofClient],
  ])('gives everything once, in order, page by page: %s', async (_, page) => {
    const found: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const { items, cursor: next } = await page({ limit: 10, cursor });
      found.push(...items.map(({ id }) => id));
      cursor = next;
      pages += 1;
    } while (cursor !== undefined);
    expect(found).toEqual(all.map(({ id }) => id));
    expect(pages).toBe(3);
  });

  it('goes backwards as well', async () => {
    const first = await open({ limit: 2, descending: true });
    const second = await open({ limit: 2, descending: true, ...(first.cursor && { cursor: first.cursor }) });
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual([
      'Deal 24',
      'Deal 23',
      'Deal 22',
      'Deal 21',
    ]);
  });

  it('holds only what its sort key begins with', async () => {
    expect((await list(dealWorks, 'gsi1', { ownerId: OWNER, state: 'won' })).items).toEqual([]);
    expect((await ofClient({ limit: 100 })).items.every(({ id }) => id.startsWith('deal_'))).toBe(true);
    const found = await listWhole(orders, 'gsi2', { clientId: CLIENT, id: 'order_' });
    expect(found.items.map(({ dealId }) => dealId)).toEqual(all.slice(0, 3).map(({ id }) => id));
  });

  it('gives whole records from an index that has only some fields', async () => {
    expect((await ofClient({ limit: 1 })).items).toEqual([all[0]]);
  });

  it('says in the program which field of the key is missing', async () => {
    await expect(list(dealWorks, 'gsi1', {})).rejects.toThrow('dealWork cannot be listed by gsi1 with {}');
  });
});

describe('a cursor', () => {
  const key = { pk: 'A', sk: 'B' };

  it('opens on the list it was made for', () => {
    useSecret('the secret of the test');
    expect(openCursor(sealCursor(key, 'list'), 'list')).toEqual(key);
    expect(openCursor(undefined, 'list')).toBeUndefined();
  });

  it.each([
    ['it belongs to another list', () => openCursor(sealCursor(key, 'list'), 'other')],
    ['a letter of it is changed', () => openCursor(sealCursor(key, 'list').replace(/^./, 'f'), 'list')],
    ['it is cut', () => openCursor(sealCursor(key, 'list').slice(0, -1), 'list')],
    ['it has no seal', () => openCursor(sealCursor(key, 'list').split('.')[0], 'list')],
    ['it is empty', () => openCursor('', 'list')],
    [
      'it is made by hand',
      () => openCursor(`${Buffer.from(JSON.stringify(key)).toString('base64url')}.${'A'.repeat(22)}`, 'list'),
    ],
  ])('is refused when %s', (_, act) => {
    expect(act).toThrow(expect.objectContaining({ code: 'cursor_invalid', status: 400 }));
  });

  it('is refused on another part of the same partition, instead of failing there', async () => {
    const { cursor } = await open({ limit: 1 });
    const won = list(dealWorks, 'gsi1', { ownerId: OWNER, state: 'won' }, { cursor });
    await expect(won).rejects.toMatchObject({ code: 'cursor_invalid' });
    const page = await ofClient({ limit: 1 });
    const ofOrders = listWhole(orders, 'gsi2', { clientId: CLIENT, id: 'order_' }, { cursor: page.cursor });
    await expect(ofOrders).rejects.toMatchObject({ code: 'cursor_invalid' });
  });
});

describe('reading by key', () => {
  it('gives many in the order asked, once for each asking, without those that are not there', async () => {
    const many = Array.from({ length: 130 }, () => aNote());
    for (let at = 0; at < many.length; at += 100) await put(many.slice(at, at + 100).map((note) => notes.create(note)));
    const asked = [...many.toReversed(), aNote(), ...many.slice(0, 2)].map(({ id }) => ({ id }));
    const found = await getMany(notes, asked);
    expect(found.map(({ id }) => id)).toEqual([...many.toReversed(), ...many.slice(0, 2)].map(({ id }) => id));
    expect(await getMany(notes, [])).toEqual([]);
  });

  it('refuses with 404 where there must be one', async () => {
    await expect(need(notes, { id: 'nothing' })).rejects.toMatchObject({
      code: 'not_found',
      values: { what: 'lead', id: 'nothing' },
    });
  });
});
