import type * as z from 'zod';
import type { Job as JobSchema } from '#shared/jobs.ts';
import { good, type Journey, type Person } from './journey.ts';

export type Job = z.input<typeof JobSchema>;
export type Row = { n: string; result: string; recordId?: string; of?: string; why?: string };

/** Sends a file as a browser would: asks where to, and posts the form. Answers the key of the file. */
export const uploaded = (by: Person, name: string, content: string | Uint8Array): Promise<string> =>
  sent(by, 'POST /api/imports/uploads', name, content, { name });

export async function sent(
  by: Person,
  call: string,
  name: string,
  content: string | Uint8Array,
  body?: unknown,
): Promise<string> {
  const { file, url, fields } = good(
    await by<{ file: string; url: string; fields: Record<string, string> }>(call, { body }),
  ).body;
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.append(field, value);
  form.append('file', new Blob([content as string]), name);
  const answer = await fetch(url, { method: 'POST', body: form });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return file;
}

export const jobOf = async (by: Person, id: string): Promise<Job> => good(await by<Job>(`GET /api/jobs/${id}`)).body;

/** Starts long work, waits for its end, and answers it as it then is. */
export async function finished(journey: Journey, by: Person, call: string, body?: unknown): Promise<Job> {
  const { id } = good(await by<Job>(call, body === undefined ? {} : { body })).body;
  await journey.control.settle(120_000);
  return jobOf(by, id);
}

/** All rows of a job, or those of one result, in order. */
export async function rowsOf(by: Person, jobId: string, result?: string): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({ limit: '100', ...(result && { result }), ...(cursor && { cursor }) });
    const { body } = good(
      await by<{ items: Row[]; cursor?: string }>(`GET /api/jobs/${jobId}/rows?${query.toString()}`),
    );
    rows.push(...body.items);
    cursor = body.cursor;
  } while (cursor !== undefined);
  return rows;
}

/** A file that a job made, as whoever asked for it fetches it. */
export async function downloaded(
  by: Person,
  jobId: string,
  what: string,
): Promise<{ name: string; bytes: Buffer; text: string }> {
  const { url, name } = good(await by<{ url: string; name: string }>(`GET /api/jobs/${jobId}/files/${what}`)).body;
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  return { name, bytes, text: bytes.toString('utf8') };
}

/** A text as a program of the Windows kind writes it. */
export const in1251 = (text: string): Uint8Array =>
  Uint8Array.from(text, (sign) => {
    if (sign === 'ё') return 0xb8;
    if (sign === 'Ё') return 0xa8;
    const code = sign.charCodeAt(0);
    return code >= 0x410 && code <= 0x44f ? code - 0x410 + 0xc0 : code;
  });
