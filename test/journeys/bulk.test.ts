import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finished, rowsOf, uploaded } from '#test/support/exchange.ts';
import { ANNA, good, openJourney, uniqueEmail } from '#test/support/journey.ts';
import type { Lead, Problem } from '#test/support/steps.ts';

let journey: Awaited<ReturnType<typeof openJourney>>;
let annaId = '';
beforeAll(async () => {
  journey = await openJourney();
  const { items } = good(await journey.admin<{ items: { id: string; email: string }[] }>('GET /api/users')).body;
  annaId = items.find(({ email }) => email === ANNA)?.id ?? '';
});
afterAll(async () => journey.stop());

/** So many leads of the seller, by a file. */
async function someLeads(count: number): Promise<string[]> {
  const rows = Array.from({ length: count }, (_, n) => `Имя ${n};${uniqueEmail()};ООО ${n}`);
  const file = await uploaded(journey.seller, 'l.csv', ['Имя;Почта;Компания', ...rows].join('\n'));
  const job = await finished(journey, journey.seller, 'POST /api/imports', { kind: 'lead', file });
  return (await rowsOf(journey.seller, job.id)).map(({ recordId = '' }) => recordId);
}
const leadAt = async (id: string | undefined) => good(await journey.admin<Lead>(`GET /api/leads/${id ?? ''}`));

describe('R62: one action over many records', () => {
  it('changes each of them, says which it could not, and is taken back as a whole', async () => {
    const ids = await someLeads(5);
    const body = {
      kind: 'lead',
      ids: [...ids, 'lead_00000000000000000000000000', ids[0]],
      change: { company: 'Одна' },
    };
    const job = await finished(journey, journey.seller, 'POST /api/bulk', body);
    expect(job).toMatchObject({
      state: 'done',
      kind: 'bulk',
      changed: 5,
      failed: 1,
      skipped: 0,
      total: 6,
      progress: 100,
    });
    expect(await rowsOf(journey.seller, job.id, 'failed')).toMatchObject([
      { recordId: 'lead_00000000000000000000000000', why: expect.stringContaining('Не найдено') as unknown },
    ]);
    expect((await leadAt(ids[3])).body.company).toBe('Одна');
    const undo = await finished(journey, journey.seller, `POST /api/jobs/${job.id}/undo`);
    expect(undo).toMatchObject({ changed: 5, failed: 0 });
    expect(await Promise.all(ids.map(async (id) => (await leadAt(id)).body.company))).toEqual(
      ids.map((_, n) => `ООО ${n}`),
    );
    const redo = await finished(journey, journey.seller, `POST /api/jobs/${undo.id}/undo`);
    expect(redo).toMatchObject({ changed: 5, failed: 0 });
    expect((await leadAt(ids[0])).body.company).toBe('Одна');
  });

  it('puts records away and gives them to another, and leaves what is so already', async () => {
    const ids = await someLeads(3);
    const gone = await finished(journey, journey.head, 'POST /api/bulk', {
      kind: 'lead',
      ids,
      change: { archived: true },
    });
    expect(gone).toMatchObject({ changed: 3 });
    const again = await finished(journey, journey.head, 'POST /api/bulk', {
      kind: 'lead',
      ids,
      change: { archived: true },
    });
    expect(again).toMatchObject({ changed: 0, skipped: 3 });
    await finished(journey, journey.head, `POST /api/jobs/${gone.id}/undo`);
    const given = await finished(journey, journey.head, 'POST /api/bulk', {
      kind: 'lead',
      ids,
      change: { ownerId: annaId },
    });
    expect(given).toMatchObject({ changed: 3 });
    expect((await leadAt(ids[0])).body).toMatchObject({ ownerId: annaId });
    expect((await leadAt(ids[0])).body.archivedAt).toBeUndefined();
  });

  it('reaches only what whoever asks may change, and is refused at once when no such record takes it', async () => {
    const ids = await someLeads(1);
    const foreign = (
      await journey.admin<Problem>('POST /api/bulk', { body: { kind: 'lead', ids, change: { nonsense: 1 } } })
    ).body;
    expect(foreign.errors).toMatchObject([{ pointer: '/body/change/nonsense', code: 'unknown_field' }]);
    const none = await journey.seller<Problem>('POST /api/bulk', {
      body: { kind: 'product', ids: ['x'], change: { name: 'x' } },
    });
    expect([none.status, none.body.code]).toEqual([403, 'forbidden']);
    const job = good(
      await journey.seller<{ id: string }>('POST /api/bulk', { body: { kind: 'lead', ids, change: { name: 'x' } } }),
    );
    await journey.control.settle();
    const hidden = await journey.anna<Problem>(`GET /api/jobs/${job.body.id}`);
    expect([hidden.status, hidden.body.code]).toEqual([404, 'not_found']);
  });
});
