import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { personAt } from '#local/person.ts';
import { readSheet } from '#functions/exchange/sheet.ts';
import { downloaded, finished, rowsOf, uploaded, type Job } from '#test/support/exchange.ts';
import { ANNA, good, openJourney, unique, uniqueEmail, type Person } from '#test/support/journey.ts';
import type { Lead, Problem } from '#test/support/steps.ts';

let journey: Awaited<ReturnType<typeof openJourney>>;
beforeAll(async () => {
  journey = await openJourney();
});
afterAll(async () => journey.stop());

const leadAt = async (id: string | undefined) => good(await journey.admin<Lead>(`GET /api/leads/${id ?? ''}`));
const done = (body: unknown, by: Person = journey.admin): Promise<Job> =>
  finished(journey, by, 'POST /api/imports', body);
async function exported(body: unknown, by: Person = journey.admin) {
  const job = await finished(journey, by, 'POST /api/exports', body);
  if (job.state !== 'done') throw new Error(JSON.stringify(job.faults));
  const file = await downloaded(by, job.id, 'result');
  const { columns, rows } = await readSheet(file.bytes);
  return { job, ...file, columns, rows: rows.map(({ cells }) => cells) };
}

/** Leads of one company, which no other test has. */
async function someLeads(
  names: readonly string[],
  by: Person = journey.admin,
): Promise<{ company: string; ids: string[] }> {
  const company = unique('ООО');
  const rows = names.map((name) => `"${name.replaceAll('"', '""')}";${uniqueEmail()};${company}`);
  const file = await uploaded(by, 'l.csv', ['Имя;Почта;Компания', ...rows].join('\n'));
  const job = await done({ kind: 'lead', file }, by);
  return { company, ids: (await rowsOf(by, job.id)).map(({ recordId = '' }) => recordId) };
}

describe('R64: a list is taken out as a file', () => {
  it('by any filter, sort and fields, in the language asked for, and comes in again as it was', async () => {
    const names = ['Борис', '=1+1', '+7 (916)', '-5', '@all', 'Анна "А"; Co\nстрока'];
    const { company } = await someLeads(names);
    const asked = {
      list: 'leads',
      filter: `company == "${company}"`,
      sort: 'name',
      fields: ['id', 'name', 'email', 'ownerId'],
    };
    const csv = await exported(asked);
    expect(csv.name).toBe('leads-leads.csv');
    expect(csv.text.split('\r\n')[0]).toBe('\uFEFFИдентификатор;Название;Почта;Ответственный');
    for (const risky of ["'=1+1;", "'+7 (916);", "'-5;", "'@all;"]) expect(csv.text).toContain(risky);
    const read = csv.rows.map(([, name]) => name);
    expect(read).toHaveLength(names.length);
    // An import keeps several lines of a name as one.
    expect(new Set(read)).toEqual(new Set(names.map((name) => name.replace('\n', ' '))));
    const file = await uploaded(journey.admin, 'leads.csv', csv.bytes);
    const again = await done({ kind: 'lead', file, match: 'id', mode: 'update' });
    expect(again).toMatchObject({ state: 'done', skipped: names.length, changed: 0, failed: 0 });
    const english = await exported({ ...asked, language: 'en' });
    expect(english.text.split('\r\n')[0]).toBe('\uFEFFId,Name,E-mail,Owner');
  });

  it('as a workbook, where numbers and days are such', async () => {
    const sku = unique('XP');
    const file = await uploaded(
      journey.admin,
      'p.csv',
      `Артикул;Название;Категория;Единица;Цена;НДС\n${sku};=2+2;goods;шт;"1 234,50";20\n`,
    );
    await done({ kind: 'product', file });
    const book = await exported({
      list: 'products',
      filter: `sku == "${sku}"`,
      fields: ['sku', 'name', 'price', 'active'],
      format: 'xlsx',
    });
    expect(book.columns).toEqual(['Артикул', 'Название', 'Цена', 'Активен']);
    expect(book.rows).toEqual([[sku, '=2+2', '1234.5', 'да']]);
  });

  it('holds what whoever asks may see, and no more', async () => {
    const { company } = await someLeads(['Чужой'], journey.admin);
    const mine = await someLeads(['Мой'], journey.seller);
    const filter = `company in ["${company}", "${mine.company}"]`;
    const seen = await exported({ list: 'leads', filter, fields: ['name'] }, journey.seller);
    expect(seen.rows).toContainEqual(['Мой']);
    const all = await exported({ list: 'leads', filter, fields: ['name'] });
    expect(all.rows).toHaveLength(2);
    expect((await exported({ list: 'products' }, journey.admin)).columns).toContain('Себестоимость');
    expect((await exported({ list: 'products' }, journey.seller)).columns).not.toContain('Себестоимость');
    const cost = await finished(journey, journey.seller, 'POST /api/exports', { list: 'products', fields: ['cost'] });
    expect(cost).toMatchObject({ state: 'failed' });
    const foreign = await journey.anna<Problem>(`GET /api/jobs/${seen.job.id}/files/result`);
    expect([foreign.status, foreign.body.code]).toEqual([404, 'not_found']);
  });

  it('for another system holds what its key shows, not what the maker of the key sees', async () => {
    const expiresAt = new Date((await journey.control.clock()).epochMs + 86_400_000).toISOString();
    const scopes = ['export.run', 'job.read', 'product.read'];
    const made = await journey.admin<{ id: string; key: string }>('POST /api/api-keys', {
      body: { name: unique('Key'), scopes, expiresAt },
    });
    const { id, key } = good(made).body;
    const system = personAt(journey.url, key);
    const asked = { list: 'products', fields: ['cost'] };
    expect(await finished(journey, system, 'POST /api/exports', asked)).toMatchObject({ state: 'failed' });
    expect(await finished(journey, system, 'POST /api/exports', { list: 'products' })).toMatchObject({
      state: 'done',
      keyId: id,
    });
    expect(await finished(journey, journey.admin, 'POST /api/exports', asked)).toMatchObject({ state: 'done' });
  });

  it('is refused at once when the filter or the list does not hold', async () => {
    const wrong = await journey.admin<Problem>('POST /api/exports', {
      body: { list: 'leads', filter: 'nonsense == 1' },
    });
    expect([wrong.status, wrong.body.errors[0]?.pointer]).toEqual([400, '/query/filter']);
    expect((await journey.admin<Problem>('POST /api/exports', { body: { list: 'nothing' } })).status).toBe(400);
  });
});

describe('R62: one action over a filter', () => {
  it('changes all that the filter finds for whoever asks, and is taken back', async () => {
    const { company, ids } = await someLeads(['А', 'Б', 'В'], journey.seller);
    const { items } = good(await journey.admin<{ items: { id: string; email: string }[] }>('GET /api/users')).body;
    const ownerId = items.find(({ email }) => email === ANNA)?.id;
    const body = { kind: 'lead', filter: `company == "${company}" && name != "В"`, change: { ownerId } };
    const job = await finished(journey, journey.head, 'POST /api/bulk', body);
    expect(job).toMatchObject({ state: 'done', changed: 2, total: 2, failed: 0 });
    const owners = async () => Promise.all(ids.map(async (id) => (await leadAt(id)).body.ownerId));
    expect((await owners()).filter((id) => id === ownerId)).toHaveLength(2);
    expect(await finished(journey, journey.head, `POST /api/jobs/${job.id}/undo`)).toMatchObject({ changed: 2 });
    expect(await owners()).not.toContain(ownerId);
    const neither = await journey.head<Problem>('POST /api/bulk', { body: { kind: 'lead', change: { company: 'x' } } });
    expect(neither.body.errors).toMatchObject([{ pointer: '/body/ids' }]);
  });
});
