import type { Person } from '#local/person.ts';
import type { Installation } from './installation.ts';
import { atMost, fact, type Row } from './report.ts';

const ROWS = 2000;
type Job = { id: string; state: string; created?: number; failed: number };

/** A file of leads with phones, mails and companies, brought in as a job; then the same file again, which changes nothing. */
export async function importRows({ control, admin }: Installation): Promise<Row[]> {
  const lines = Array.from(
    { length: ROWS },
    (_, n) => `Импорт ${n};import-${n}@bench.example;+7917${String(n).padStart(7, '0')};ООО ${n}`,
  );
  const file = await upload(admin, ['Имя;Почта;Телефон;Компания', ...lines].join('\n'));
  const columns = { Имя: 'name', Почта: 'email', Телефон: 'phone', Компания: 'company' };
  const body = { kind: 'lead', file, columns, mode: 'create', runRoutes: false };
  const begun = performance.now();
  const job = await done(admin, (await admin<Job>('POST /api/imports', { body })).body.id);
  const seconds = (performance.now() - begun) / 1000;
  await control.settle(600_000);
  return [
    fact(`import of ${ROWS} leads from CSV`, `${(ROWS / seconds).toFixed(0)} rows/s, ${seconds.toFixed(0)} s`),
    atMost('  rows not created', ROWS - (job.created ?? 0), 0, ''),
  ];
}

async function upload(admin: Person, text: string): Promise<string> {
  const { body } = await admin<{ file: string; url: string; fields: Record<string, string> }>(
    'POST /api/imports/uploads',
    {
      body: { name: 'leads.csv' },
    },
  );
  const form = new FormData();
  for (const [field, value] of Object.entries(body.fields)) form.append(field, value);
  form.append('file', new Blob([text]), 'leads.csv');
  const answer = await fetch(body.url, { method: 'POST', body: form });
  if (!answer.ok) throw new Error(`The file was not taken: ${answer.status} ${await answer.text()}`);
  return body.file;
}

async function done(admin: Person, id: string): Promise<Job> {
  for (;;) {
    const { body } = await admin<Job>(`GET /api/jobs/${id}`);
    if (body.state !== 'running') return body;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
