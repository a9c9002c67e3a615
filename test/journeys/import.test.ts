import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finished, in1251, jobOf, rowsOf, uploaded } from '#test/support/exchange.ts';
import { good, openJourney, unique, uniqueEmail, uniquePhone } from '#test/support/journey.ts';
import type { Lead } from '#test/support/steps.ts';

let journey: Awaited<ReturnType<typeof openJourney>>;
beforeAll(async () => {
  journey = await openJourney();
});
afterAll(async () => journey.stop());

describe('R33, R64: a file of rows', () => {
  it('is looked into first: its encoding, its columns with samples, and the field each seems to fill', async () => {
    const text =
      'ФИО;Эл. почта;Тел.;Ответственный;Что-то\r\nПётр Ёлкин;petr@x.example;8 (916) 000-00-01;seller@sdelka.example;7\r\n';
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

  it('becomes records as a dry run said, row by row, and again as none when the same file comes in again', async () => {
    const [first, second] = [uniqueEmail(), uniqueEmail()];
    const name = unique('Лид');
    const text = `Имя,Почта,Телефон\n${name},${first},${uniquePhone()}\n"${name} ""второй""",${second},\n,,не телефон\n`;
    const file = await uploaded(journey.seller, 'leads.csv', text);
    const body = { kind: 'lead', file, match: 'email', mode: 'create' };
    const dry = await finished(journey, journey.seller, 'POST /api/imports', { ...body, dryRun: true });
    expect(dry).toMatchObject({ state: 'done', created: 2, failed: 1, total: 3, progress: 100 });
    const real = await finished(journey, journey.seller, 'POST /api/imports', body);
    expect(real).toMatchObject({ state: 'done', created: 2, changed: 0, skipped: 0, failed: 1, total: 3 });
    const rows = await rowsOf(journey.seller, real.id);
    expect(rows.map(({ result }) => result)).toEqual(['created', 'created', 'failed']);
    expect(rows[2]?.why).toContain('Телефон');
    const lead = good(await journey.seller<Lead>(`GET /api/leads/${rows[1]?.recordId ?? ''}`)).body;
    expect(lead).toMatchObject({ name: `${name} "второй"`, email: second });
    const again = await finished(journey, journey.seller, 'POST /api/imports', body);
    expect(again).toMatchObject({ created: 0, skipped: 2, failed: 1, output: { sameAs: real.id } });
  });
});
