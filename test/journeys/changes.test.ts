import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type * as z from 'zod';
import type { ChangeItem } from '#functions/exchange/change-feed.ts';
import { good, openJourney, type Person, unique } from '#test/support/journey.ts';
import { captured, newClient, newDeal, newForm, post } from '#test/support/steps.ts';

type Item = z.input<typeof ChangeItem>;
type Changes = { items: Item[]; cursor: string; more: boolean };
type External = { system: string; value: string; recordId?: string; link?: string; version: number };

let journey: Awaited<ReturnType<typeof openJourney>>;
let form: string;
beforeAll(async () => {
  journey = await openJourney();
  form = await newForm(journey);
});
afterAll(() => journey.stop());

const ask = async (query: Record<string, string>, by: Person = journey.admin): Promise<Changes> =>
  good(await by<Changes>(`GET /api/changes?${new URLSearchParams(query)}`)).body;

/** All pages after a cursor. */
async function readOn(after: string | undefined, query: Record<string, string> = {}, by?: Person) {
  const items: Item[] = [];
  let cursor = after;
  for (;;) {
    const page = await ask({ ...query, ...(cursor !== undefined && { after: cursor }) }, by);
    items.push(...page.items);
    cursor = page.cursor;
    if (!page.more) return { items, cursor };
  }
}
const typesIn = (items: readonly Item[]): string[] => items.map(({ type }) => type);

describe('R64 the change feed', () => {
  test('R64 another system follows everything from the beginning, each event once and those of a record in order', async () => {
    const clientId = await newClient(journey, journey.seller, form);
    const { body: deal } = await newDeal(journey.seller, clientId, {
      lines: [{ name: 'Труба', price: '10', quantity: '1' }],
    });
    const lines = [{ name: 'Труба', price: '12', quantity: '3' }];
    good(await journey.seller(`PUT /api/deals/${deal.id}`, { ifMatch: deal.version, body: { lines } }));
    await journey.control.settle();
    const { items, cursor } = await readOn(undefined, { limit: '20' });
    expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
    const own = items.filter(({ record }) => record.id === deal.id && record.part === 'R');
    expect(own.map(({ record }) => record.version)).toEqual(own.map((_, at) => at + 1));
    expect(own.at(0)).toMatchObject({
      type: 'deal.opened',
      by: { kind: 'user' },
      record: { entity: 'deal', id: deal.id },
    });
    expect(own.at(-1)?.changes?.map(({ field }) => field)).toContain('lines');
    expect(await ask({ after: cursor })).toMatchObject({ items: [], more: false });
  });

  test('R64 from the end on only what happens later is answered, and asking again with the same cursor answers it again', async () => {
    const { cursor, items } = await ask({ after: 'now' });
    expect(items).toEqual([]);
    const { lead } = await captured(journey, form, { name: 'Пётр', email: `${unique('p')}@client.example` });
    const later = await readOn(cursor);
    expect(typesIn(later.items)).toEqual(expect.arrayContaining(['intake.received', 'lead.captured', 'letter.queued']));
    expect(later.items.every(({ id }) => !items.some((one) => one.id === id))).toBe(true);
    expect((await readOn(cursor)).items).toEqual(later.items);
    expect((await readOn(cursor, { types: 'lead.*' })).items.map(({ record }) => record.id)).toEqual([lead.id]);
    expect(typesIn((await readOn(cursor, { records: 'letter', types: 'letter.queued,lead.captured' })).items)).toEqual([
      'letter.queued',
    ]);
    expect(
      (await readOn(cursor, { records: lead.id })).items.every(({ record, touched }) =>
        [record, ...(touched ?? [])].some(({ id }) => id === lead.id),
      ),
    ).toBe(true);
  });

  test('R64 what was saved while others wrote is never passed by, also by a reader who asks all the time', async () => {
    const { cursor } = await ask({ after: 'now' });
    const wanted = 12;
    const posts = Array.from({ length: wanted }, (_, n) =>
      post(journey, form, { name: `N ${n}`, email: `${unique('n')}@client.example` }),
    );
    const seen: Item[] = [];
    let place = cursor;
    let done = false;
    const reading = (async () => {
      for (;;) {
        const last = done;
        const page = await ask({ after: place, types: 'intake.received', limit: '3' });
        seen.push(...page.items);
        place = page.cursor;
        if (last && !page.more) return;
      }
    })();
    const ids = (await Promise.all(posts)).map(({ body }) => body.id);
    await journey.control.settle();
    done = true;
    await reading;
    expect(seen.map(({ record }) => record.id).toSorted()).toEqual(ids.toSorted());
  });

  test('R64 a caller is told of what he may read and nothing else, without personal or guarded values', async () => {
    const { cursor } = await ask({ after: 'now' });
    const email = `${unique('secret')}@client.example`;
    const { lead } = await captured(journey, form, {
      name: 'Тайная Мария',
      email,
      message: 'Никому не говорите',
    });
    const product = { name: 'Вещь', category: 'parts', unit: 'шт', price: '100', currency: 'RUB', taxPercent: '20' };
    const made = good(
      await journey.admin<{ id: string }>('POST /api/products', {
        body: { ...product, sku: unique('S'), cost: '77.77' },
      }),
    );
    const change = { ifMatch: made.version, body: { cost: '88.88' } };
    good(await journey.admin(`PUT /api/products/${made.body.id}`, change));
    await journey.control.settle();
    const whole = JSON.stringify((await readOn(cursor)).items);
    for (const id of [lead.id, made.body.id]) expect(whole).toContain(id);
    for (const secret of [email, 'Мария', 'Никому', '77.77', '88.88']) expect(whole).not.toContain(secret);
    const accountant = journey.as('books@sdelka.example');
    const shown = (await readOn(cursor, {}, accountant)).items;
    expect(shown.some(({ record }) => record.entity === 'lead' || record.entity === 'raw')).toBe(false);
    expect(shown.some(({ record }) => record.entity === 'letter')).toBe(true);
    expect((await journey.seller('GET /api/changes')).status).toBe(403);
  });

  test('R64 a cursor that nobody gave, or another list gave, is refused, and so are odd filters', async () => {
    const { cursor } = await ask({ after: 'now' });
    for (const after of ['x', `${cursor}x`, cursor.replace(/^./, 'X'), ''])
      expect((await journey.admin(`GET /api/changes?${new URLSearchParams({ after })}`)).body['code']).toBe(
        'cursor_invalid',
      );
    for (const query of ['limit=0', 'limit=101', 'types=a%20b', 'records=,', 'since=1'])
      expect((await journey.admin(`GET /api/changes?${query}`)).status).toBe(400);
  });
});

describe('R64 names that other systems give', () => {
  const put = (by: Person, name: string, recordId: string) =>
    by<External>(`PUT /api/external-ids/${name}`, { body: { recordId } });

  test('R64 a record is found by the name another system has for it, also after the name was said twice', async () => {
    const clientId = await newClient(journey, journey.seller, form);
    const name = `1c/${unique('Контрагент-')}`;
    const path = encodeURI(name);
    expect((await put(journey.admin, path, clientId)).status).toBe(201);
    const again = await put(journey.admin, path, clientId);
    expect([again.status, again.version]).toEqual([200, 1]);
    const { body } = good(await journey.seller<External>(`GET /api/external-ids/${path}`));
    expect(body).toMatchObject({
      system: '1c',
      value: name.slice(3),
      recordId: clientId,
      link: `${journey.url}/api/clients/${clientId}`,
    });
    expect((await put(journey.admin, encodeURI(unique('warehouse/K')), clientId)).status).toBe(201);
    const { items } = good(await journey.admin<{ items: External[] }>(`GET /api/external-ids?record=${clientId}`)).body;
    expect(items.map(({ system }) => system).toSorted()).toEqual(['1c', 'warehouse']);
  });

  test('R64 a name of one record is refused for another until it is released, and of ten at once one wins', async () => {
    const [one, other] = [
      await newClient(journey, journey.seller, form),
      await newClient(journey, journey.seller, form),
    ];
    const path = `1c/${unique('A')}`;
    good(await put(journey.admin, path, one));
    const taken = await put(journey.admin, path, other);
    expect([taken.status, (taken.body as unknown as { code: string }).code]).toEqual([409, 'taken']);
    expect((await journey.admin(`POST /api/external-ids/${path}/release`, {})).status).toBe(428);
    expect((await journey.admin(`POST /api/external-ids/${path}/release`, { ifMatch: 7 })).status).toBe(412);
    good(await journey.admin(`POST /api/external-ids/${path}/release`, { ifMatch: 1 }));
    expect((await journey.admin(`GET /api/external-ids/${path}`)).status).toBe(404);
    good(await put(journey.admin, path, other));
    expect((await journey.admin<External>(`GET /api/external-ids/${path}`)).body.recordId).toBe(other);
    const race = `1c/${unique('R')}`;
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, n) => put(journey.admin, race, n % 2 ? one : other)),
    );
    const winner = (await journey.admin<External>(`GET /api/external-ids/${race}`)).body.recordId;
    for (const [n, { status }] of results.entries())
      expect([n, [200, 201].includes(status)]).toEqual([n, (n % 2 ? one : other) === winner]);
    expect(results.filter(({ status }) => status === 201)).toHaveLength(1);
  });

  test('R64 names of what is not there, or cannot be one, are refused with what is wrong', async () => {
    const clientId = await newClient(journey, journey.seller, form);
    expect((await put(journey.admin, '1c/X', 'client_01J8Z3Y1QW9R7V5T3S1P0N2M4K')).status).toBe(404);
    expect((await put(journey.admin, '1c/X', 'nothing')).status).toBe(404);
    const odd = await put(journey.admin, 'Big%20System/X', clientId);
    expect([odd.status, JSON.stringify(odd.body)]).toEqual([400, expect.stringContaining('/path/system')]);
    expect((await put(journey.admin, `1c/${'x'.repeat(201)}`, clientId)).status).toBe(400);
    expect((await put(journey.seller, '1c/X', clientId)).status).toBe(403);
    const { body } = await journey.admin<{ items: Item[] }>('GET /api/changes?types=external-id.*&limit=100');
    expect(JSON.stringify(body)).not.toContain('Контрагент-');
  });
});
