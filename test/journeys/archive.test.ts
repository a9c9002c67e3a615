import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { FORMAT, hashOfFiles } from '#functions/exchange/archive-manifest.ts';
import { hashOf } from '#shared/json.ts';
import { downloaded, finished, sent, uploaded, type Job } from '#test/support/exchange.ts';
import { good, openJourney, unique, uniqueEmail } from '#test/support/journey.ts';
import { captured, newDeal, newForm, storyOf, type Deal, type Lead, type Problem } from '#test/support/steps.ts';

type Cloud = Awaited<ReturnType<typeof openJourney>>;
let [here, there]: Cloud[] = [];
beforeAll(async () => {
  [here, there] = [await openJourney(), await openJourney({ empty: true })];
});
afterAll(async () => {
  await here?.stop();
  await there?.stop();
});

/** A deal that came from a form, by a lead, with an approval under way. */
async function aSale(journey: Cloud): Promise<{ deal: Deal; lead: Lead }> {
  const { lead, version } = await captured(journey, await newForm(journey), {
    name: unique('Клиент'),
    email: uniqueEmail(),
  });
  const body = { client: { kind: 'person' } };
  const converted = good(
    await journey.seller<Lead>(`POST /api/leads/${lead.id}/convert`, { ifMatch: version, body }),
  ).body;
  const deal = await newDeal(journey.seller, converted.clientId ?? '');
  await journey.control.settle();
  return { deal: deal.body, lead: converted };
}

async function archived(
  journey: Cloud,
): Promise<{ job: Job; bytes: Buffer; hash: string; counts: Record<string, number> }> {
  const job = await finished(journey, journey.admin, 'POST /api/archives');
  if (job.state !== 'done') throw new Error(JSON.stringify(job.faults));
  const { hash, counts } = job.output as { hash: string; counts: Record<string, number> };
  return { job, hash, counts, ...(await downloaded(journey.admin, job.id, 'result')) };
}

const brought = async (journey: Cloud, bytes: Uint8Array): Promise<Job> => {
  const file = await sent(journey.admin, 'POST /api/archives/uploads', 'archive.zip', bytes);
  return finished(journey, journey.admin, 'POST /api/archives/import', { file });
};

it('R64: everything goes out in one archive, and an empty installation that takes it in has one of the same hash, and works', async () => {
  if (!here || !there) throw new Error('The clouds are not there.');
  const { deal, lead } = await aSale(here);
  const first = await archived(here);
  expect(first.counts).toMatchObject({ lead: 1, deal: 1, client: 1 });
  expect(first.bytes.toString('latin1')).not.toContain('records/secret');
  const again = await archived(here);
  expect(again.hash).toBe(first.hash);

  const job = await brought(there, first.bytes);
  expect(job).toMatchObject({ state: 'done', output: { hash: first.hash } });
  await there.control.advance('31s');
  const copy = await archived(there);
  expect([copy.hash, copy.counts]).toEqual([first.hash, first.counts]);

  expect(good(await there.seller<Deal>(`GET /api/deals/${deal.id}`)).body).toMatchObject({ name: deal.name });
  const [was, is] = [await storyOf(here.admin, lead.id), await storyOf(there.admin, lead.id)];
  expect(is.events).toEqual(was.events);
  expect(await there.mail(lead.email ?? '')).toHaveLength(0);
  const list = good(
    await there.admin<{ items: { id: string }[] }>(`GET /api/lists/deals?search=${encodeURIComponent(deal.name)}`),
  ).body;
  expect(list.items.map(({ id }) => id)).toEqual([deal.id]);
  const { deal: next } = await aSale(there);
  expect(next.id).not.toBe(deal.id);

  expect(await brought(there, first.bytes)).toMatchObject({
    state: 'failed',
    faults: [{ why: expect.stringContaining('empty') as unknown }],
  });
});

/** An archive whose users file is another than its manifest says. */
async function forged(): Promise<Buffer> {
  const files = { 'records/user.jsonl': { sha256: hashOf('what was there') } };
  const manifest = { format: FORMAT, madeAt: '2026-11-23', counts: { user: 1 }, files, hash: hashOfFiles(files) };
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from('{"id":"user_1"}\n'), 'records/user.jsonl');
  zip.addBuffer(Buffer.from(JSON.stringify(manifest)), 'manifest.json');
  zip.end();
  return buffer(zip.outputStream);
}

it('R64: an archive that was changed, is none, or comes where somebody works is refused before anything is written', async () => {
  if (!here) throw new Error('The cloud is not there.');
  expect(await brought(here, await forged())).toMatchObject({
    state: 'failed',
    faults: [{ why: expect.stringContaining('records/user.jsonl was changed') as unknown }],
  });
  const zip = await uploaded(here.admin, 'x.csv', 'a;b\n');
  expect(await finished(here, here.admin, 'POST /api/archives/import', { file: zip })).toMatchObject({
    state: 'failed',
  });
  const foreign = { file: zip.replace('uploads/', 'results/') };
  expect((await here.admin<Problem>('POST /api/archives/import', { body: foreign })).status).toBe(404);
  expect((await here.seller<Problem>('POST /api/archives')).status).toBe(403);
});
