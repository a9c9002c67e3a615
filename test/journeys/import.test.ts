import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { day, workbook } from '#test/support/workbook.ts';
import { downloaded, finished, in1251, jobOf, rowsOf, uploaded, type Job } from '#test/support/exchange.ts';
import { good, openJourney, unique, uniqueEmail, uniquePhone } from '#test/support/journey.ts';
import type { Deal, Lead, Problem } from '#test/support/steps.ts';

type Product = { id: string; name: string; price: string; currency: string; archivedAt?: string; custom?: unknown };

let journey: Awaited<ReturnType<typeof openJourney>>;
beforeAll(async () => {
  journey = await openJourney();
});
afterAll(async () => journey.stop());

const done = (body: unknown, by = journey.admin): Promise<Job> => finished(journey, by, 'POST /api/imports', body);
const leadAt = async (id: string | undefined) => good(await journey.admin<Lead>(`GET /api/leads/${id ?? ''}`));
const productAt = async (id: string | undefined) => good(await journey.admin<Product>(`GET /api/products/${id ?? ''}`));

describe('R33, R64: a file of rows', () => {
  it('is looked into first: its encoding, its columns with samples, and the field each seems to fill', async () => {
    const text = 'ФИО;Эл. почта;Тел.;Ответственный;Что-то\r\nПётр Ёлкин;petr@x.example;8 (916) 000-00-01;Анна;7\r\n';
    const file = await uploaded(journey.seller, 'лиды.csv', in1251(text));
    const { body } = good(await journey.seller('POST /api/imports/preview', { body: { kind: 'lead', file } }));
    expect(body).toMatchObject({
      format: 'csv',
      encoding: 'windows-1251',
      delimiter: ';',
      rows: 1,
      columns: [
        { name: 'ФИО', samples: ['Пётр Ёлкин'], field: 'name' },
        { name: 'Эл. почта', field: 'email' },
        { name: 'Тел.', field: 'phone' },
        { name: 'Ответственный', field: 'ownerId' },
        { name: 'Что-то', samples: ['7'] },
      ],
    });
  });

  it('becomes records as a dry run said, row by row, and none when the same file comes in again', async () => {
    const [first, second] = [uniqueEmail(), uniqueEmail()];
    const name = unique('Лид');
    const text = `Имя,Почта,Телефон\n${name},${first},${uniquePhone()}\n"${name} ""второй""",${second},\n,,не телефон\n`;
    const file = await uploaded(journey.seller, 'leads.csv', text);
    const body = { kind: 'lead', file, match: 'email', mode: 'create' };
    const dry = await done({ ...body, dryRun: true }, journey.seller);
    expect(dry).toMatchObject({ state: 'done', created: 2, failed: 1, total: 3, progress: 100 });
    expect((await journey.seller<Problem>(`POST /api/jobs/${dry.id}/undo`)).body.code).toBe('wrong_state');
    const real = await done(body, journey.seller);
    expect(real).toMatchObject({ state: 'done', created: 2, changed: 0, skipped: 0, failed: 1, total: 3 });
    const rows = await rowsOf(journey.seller, real.id);
    expect(rows.map(({ result }) => result)).toEqual(['created', 'created', 'failed']);
    expect(rows[2]?.why).toContain('Телефон');
    expect((await leadAt(rows[1]?.recordId)).body).toMatchObject({ name: `${name} "второй"`, email: second });
    const again = await done(body, journey.seller);
    expect(again).toMatchObject({ created: 0, skipped: 2, failed: 1, output: { sameAs: real.id } });
    expect(
      good(await journey.seller('POST /api/imports/preview', { body: { kind: 'lead', file } })).body,
    ).toMatchObject({
      importedBefore: { jobId: real.id },
    });
  });

  it('of products in a workbook: numbers, days, formulas and the own fields of the firm are read as they are meant', async () => {
    const fields = [
      {
        id: 'size',
        kind: 'choice',
        name: { ru: 'Размер', en: 'Size' },
        options: [{ id: 'l', name: { ru: 'Большой', en: 'Large' } }],
      },
      { id: 'since', kind: 'date', name: { ru: 'В продаже с', en: 'Sold since' } },
    ];
    good(await journey.admin('PUT /api/settings/field-sets/product', { body: { name: 'Товар', body: { fields } } }));
    await journey.inForce();
    const sku = unique('XL');
    const file = await uploaded(
      journey.admin,
      'товары.xlsx',
      await workbook([
        ['Артикул', 'Название', 'Категория', 'Единица', 'Цена', 'НДС', 'Размер', 'В продаже с', 'Код 1С'],
        [
          sku,
          '=HYPERLINK("http://evil.example")',
          'goods',
          'шт',
          '1 234,50 ₽',
          20,
          'большой',
          day(46_349),
          `${sku}-1c`,
        ],
      ]),
    );
    const columns = {
      Артикул: 'sku',
      Название: 'name',
      Категория: 'category',
      Единица: 'unit',
      Цена: 'price',
      НДС: 'taxPercent',
      Размер: 'custom.size',
      'В продаже с': 'custom.since',
      'Код 1С': 'externalId:1c',
    };
    const job = await done({ kind: 'product', file, columns, match: 'sku', mode: 'both' });
    expect(job).toMatchObject({ state: 'done', created: 1, failed: 0 });
    const [row] = await rowsOf(journey.admin, job.id);
    expect((await productAt(row?.recordId)).body).toMatchObject({
      name: '=HYPERLINK("http://evil.example")',
      price: '1234.5',
      currency: 'RUB',
      custom: { size: 'l', since: '2026-11-23' },
    });
    const priced = await uploaded(journey.admin, 'цены.csv', `Код;Цена\n${sku}-1c;"2 000,10"\n`);
    const update = { kind: 'product', file: priced, columns: { Код: 'externalId:1c', Цена: 'price' } };
    expect(await done({ ...update, match: 'externalId:1c', mode: 'update' })).toMatchObject({ changed: 1, failed: 0 });
    expect((await productAt(row?.recordId)).body).toMatchObject({ price: '2000.1', custom: { size: 'l' } });
  });

  it('names other records as people do: a client by name or tax number, a seller by name or e-mail', async () => {
    const [name, other, taxId] = [unique('ООО "Ромашка"'), unique('АО Лютик'), '7707083893'];
    const clients = `Вид;Название;ИНН\nорганизация;"${name.replaceAll('"', '""')}";\nорганизация;${other};${taxId}\n`;
    const made = await done({ kind: 'client', file: await uploaded(journey.admin, 'c.csv', clients) });
    expect(made).toMatchObject({ created: 2, failed: 0 });
    const rows = [
      `quick;Первая;"${name.replaceAll('"', '""')}";Anna Meyer;23.11.2026`,
      `quick;Вторая;${taxId};anna@sdelka.example;`,
      'quick;Третья;Нет такого;;',
    ];
    const file = await uploaded(
      journey.admin,
      'd.csv',
      ['Тип;Название;Клиент;Менеджер;Ожидаемая дата', ...rows].join('\n'),
    );
    const job = await done({ kind: 'deal', file });
    expect(job).toMatchObject({ created: 2, failed: 1 });
    const [first, second, third] = await rowsOf(journey.admin, job.id);
    const ids = (await rowsOf(journey.admin, made.id)).map(({ recordId }) => recordId);
    const dealAt = async (id = '') => good(await journey.admin<Deal>(`GET /api/deals/${id}`)).body;
    const [a, b] = [await dealAt(first?.recordId), await dealAt(second?.recordId)];
    expect([a.clientId, b.clientId]).toEqual(ids);
    expect([a.expectedOn, a.ownerId]).toEqual(['2026-11-23', b.ownerId]);
    expect(third?.why).toContain('Нет такого');
  });

  it('that cannot be read, or whose columns do not fit, is refused with what is wrong and where', async () => {
    const broken = await uploaded(journey.admin, 'x.csv', 'a;b\n1;"never closed\n');
    expect(await done({ kind: 'lead', file: broken, mode: 'create' })).toMatchObject({
      state: 'failed',
      faults: [{ why: expect.stringContaining('line 2') as unknown }],
    });
    const bomb = await uploaded(
      journey.admin,
      'x.xlsx',
      await workbook([], { 'xl/worksheets/sheet1.xml': Buffer.alloc(30_000_000, '<row/>') }),
    );
    const { body, status } = await journey.admin<Problem>('POST /api/imports/preview', {
      body: { kind: 'lead', file: bomb },
    });
    expect([status, body.code, body.detail]).toEqual([422, 'file_unreadable', expect.stringContaining('100')]);
    const asked = { kind: 'product', file: broken, columns: { a: 'nonsense' }, mode: 'both' };
    const { errors } = (await journey.admin<Problem>('POST /api/imports', { body: asked })).body;
    expect(errors.map(({ pointer }) => pointer)).toEqual(expect.arrayContaining(['/body/columns/a', '/body/match']));
    const foreign = await journey.seller<Problem>('POST /api/imports', { body: { kind: 'lead', file: broken } });
    expect([foreign.status, foreign.body.code]).toEqual([404, 'not_found']);
  });
});

describe('R64: rows that were refused', () => {
  it('come as a file with the reason, are mended in it, and imported again', async () => {
    const [good1, mended] = [uniqueEmail(), uniqueEmail()];
    const text = `Имя;Почта;Ответственный\nА;${good1};seller@sdelka.example\n=1+1;${mended};nobody@sdelka.example\nВ;1;2;3\n`;
    const file = await uploaded(journey.admin, 'список.csv', text);
    const body = { kind: 'lead', file, name: 'список.csv', match: 'email', mode: 'both' };
    const job = await done(body);
    expect(job).toMatchObject({ created: 1, failed: 2 });
    const { name, text: refused } = await downloaded(journey.admin, job.id, 'failed');
    expect(name).toBe('список-failed.csv');
    expect(refused.split('\r\n')).toEqual([
      '\uFEFFИмя;Почта;Ответственный;Почему не принято',
      expect.stringMatching(new RegExp(`^'=1\\+1;${mended};nobody@sdelka.example;.*nobody@sdelka.example`)) as string,
      expect.stringContaining('В;1;2') as string,
      '',
    ]);
    const right = refused.replace('nobody@', 'anna@').replaceAll(/\r\nВ;.*\r\n/g, '\r\n');
    const again = await done({ ...body, file: await uploaded(journey.admin, 'список-failed.csv', right) });
    expect(again).toMatchObject({ created: 1, failed: 0 });
    const [row] = await rowsOf(journey.admin, again.id);
    expect((await leadAt(row?.recordId)).body).toMatchObject({ name: '=1+1', email: mended });
  });
});

describe('R64: an import is taken back', () => {
  it('what it made is put away, what it changed has its old values, and what somebody changed since stays', async () => {
    const emails = [uniqueEmail(), uniqueEmail(), uniqueEmail(), uniqueEmail()];
    const csv = (rows: string[][]): string => ['Имя;Почта;Компания', ...rows.map((row) => row.join(';'))].join('\n');
    const first = await uploaded(
      journey.admin,
      '1.csv',
      csv([
        ['А', emails[0] ?? '', ''],
        ['Б', emails[1] ?? '', 'ООО Б'],
      ]),
    );
    const made = await rowsOf(journey.admin, (await done({ kind: 'lead', file: first })).id);
    const second = await uploaded(
      journey.admin,
      '2.csv',
      csv([
        ['А2', emails[0] ?? '', 'ООО А'],
        ['Б2', emails[1] ?? '', ''],
        ['В', emails[2] ?? '', ''],
        ['Г', emails[3] ?? '', ''],
        ['А3', emails[0] ?? '', ''],
      ]),
    );
    const job = await done({ kind: 'lead', file: second, match: 'email', mode: 'both' });
    expect(job).toMatchObject({ created: 2, changed: 3 });
    const rows = await rowsOf(journey.admin, job.id);
    const touched = await leadAt(rows[3]?.recordId);
    good(
      await journey.admin(`PUT /api/leads/${touched.body.id}`, { ifMatch: touched.version, body: { name: 'Тронут' } }),
    );
    const undo = await finished(journey, journey.admin, `POST /api/jobs/${job.id}/undo`);
    expect(undo).toMatchObject({ state: 'done', kind: 'undo', changed: 4, failed: 1, total: 5 });
    const [a, b] = [await leadAt(made[0]?.recordId), await leadAt(made[1]?.recordId)];
    expect(a.body).toMatchObject({ name: 'А' });
    expect(a.body.company).toBeUndefined();
    expect(b.body).toMatchObject({ name: 'Б', company: 'ООО Б' });
    expect((await leadAt(rows[2]?.recordId)).body.archivedAt).toBeDefined();
    expect((await leadAt(rows[3]?.recordId)).body.archivedAt).toBeUndefined();
    const [refused] = await rowsOf(journey.admin, undo.id, 'failed');
    expect(refused).toMatchObject({
      recordId: rows[3]?.recordId,
      n: rows[3]?.n,
      why: expect.stringContaining('измен') as unknown,
    });
    expect((await journey.admin<Problem>(`POST /api/jobs/${job.id}/undo`)).body.code).toBe('wrong_state');
  });
});

describe('R64: what an import sets in motion', () => {
  it('is chosen: its events say that nothing may follow from them, or they are like any other; both name who imports', async () => {
    const of = async (runRoutes: boolean) => {
      const file = await uploaded(journey.admin, 'l.csv', `Имя;Почта\nИмя;${uniqueEmail()}\n`);
      const [row] = await rowsOf(journey.admin, (await done({ kind: 'lead', file, runRoutes })).id);
      const path = `GET /api/changes?records=${row?.recordId ?? ''}&types=lead.captured`;
      const { items } = good(
        await journey.admin<{ items: { quiet?: true; by: { kind: string; name: string } }[] }>(path),
      ).body;
      return items;
    };
    expect(await of(false)).toMatchObject([{ quiet: true, by: { kind: 'user' } }]);
    const [loud] = await of(true);
    expect([loud?.quiet, loud?.by.kind]).toEqual([undefined, 'user']);
  });
});

describe('R64: long work', () => {
  it('is stopped after the rows it is at, and says how far it came', async () => {
    const lines = Array.from({ length: 400 }, (_, n) => `Имя ${n};${unique('many')}@x.example`);
    const file = await uploaded(journey.admin, 'many.csv', ['Имя;Почта', ...lines].join('\n'));
    const { id } = good(await journey.admin<Job>('POST /api/imports', { body: { kind: 'person', file } })).body;
    await expect.poll(async () => (await rowsOf(journey.admin, id)).length, { timeout: 60_000 }).toBeGreaterThan(0);
    good(await journey.admin(`POST /api/jobs/${id}/cancel`));
    await journey.control.settle(120_000);
    const job = await jobOf(journey.admin, id);
    expect(job.state).toBe('cancelled');
    expect([job.created, job.total]).toEqual([250, 400]);
    expect(await rowsOf(journey.admin, id)).toHaveLength(250);
    expect((await journey.admin<Problem>(`POST /api/jobs/${id}/cancel`)).body.code).toBe('wrong_state');
  });
});
