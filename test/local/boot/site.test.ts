import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { serveSite } from '#local/desk/site.ts';
import { listenLocally } from '#local/listen.ts';

/** A console of three files beside a file that is nobody's business. */
async function site(headers: Record<string, string> = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'site-'));
  const dist = join(dir, 'dist');
  mkdirSync(join(dist, 'assets'), { recursive: true });
  writeFileSync(join(dist, 'index.html'), '<p>console</p>');
  writeFileSync(join(dist, 'assets', 'main.js'), 'run()');
  writeFileSync(join(dir, 'secret.txt'), 'secret');
  const { url, stop } = await listenLocally(
    0,
    (request, response) => void serveSite(dist, headers, request, response),
    '',
  );
  onTestFinished(async () => {
    await stop();
    rmSync(dir, { recursive: true });
  });
  return async (path: string) => {
    const answer = await fetch(`${url}${path}`, { redirect: 'manual' });
    return {
      status: answer.status,
      type: answer.headers.get('content-type'),
      text: await answer.text(),
      headers: answer.headers,
    };
  };
}

test('files of the console are served with their types, its addresses with its first page, other files not at all', async () => {
  const get = await site({ 'x-frame-options': 'DENY' });
  expect(await get('/assets/main.js?x=1')).toMatchObject({
    status: 200,
    type: 'text/javascript; charset=utf-8',
    text: 'run()',
  });
  expect(await get('/')).toMatchObject({ status: 200, text: '<p>console</p>' });
  const page = await get('/deals/deal_01');
  expect(page).toMatchObject({ status: 200, text: '<p>console</p>' });
  expect(page.headers.get('x-frame-options')).toBe('DENY');
  expect(await get('/assets/gone.js')).toMatchObject({ status: 404 });
});

test.each(['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/assets/..%2f..%2fsecret.txt', '/%00'])(
  'nothing outside the folder is served (%s)',
  async (path) => {
    const { text } = await (await site())(path);
    expect(text).not.toBe('secret');
  },
);

test('a port that is taken is told with the flag that chooses another', async () => {
  const { url, stop } = await listenLocally(0, () => {}, '');
  onTestFinished(stop);
  const port = Number(new URL(url).port);
  await expect(listenLocally(port, () => {}, '--port')).rejects.toThrow(
    `Port ${port} is taken by another program: choose another with --port.`,
  );
});
