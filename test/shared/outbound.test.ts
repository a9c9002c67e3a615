import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { post } from '#shared/outbound.ts';
import { AUTHORITY, openReceiver, type Receiver } from '#test/support/receiver.ts';

const OWN = ['127.0.0.0/8'];
let receiver: Receiver;
beforeAll(async () => {
  receiver = await openReceiver();
});
afterEach(() => {
  receiver.received.length = 0;
  receiver.says(() => ({}));
});
afterAll(() => receiver.stop());

const to = (host: string, change: Partial<Parameters<typeof post>[0]> = {}) =>
  post({
    url: `https://${host}:${receiver.port}/hook?a=1`,
    headers: { 'content-type': 'application/json' },
    body: '{"text":"ё"}',
    networks: OWN,
    authority: AUTHORITY,
    ...change,
  });
const named =
  (...addresses: string[]) =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

describe('a call of an address that a user typed', () => {
  test('arrives whole, and the answer is told', async () => {
    receiver.says(() => ({ status: 201, body: 'принято', headers: { 'retry-after': '7' } }));
    expect(await to('localhost')).toEqual({ status: 201, body: 'принято', error: undefined, retryAfter: '7' });
    const [one] = receiver.received;
    expect([one?.path, one?.body.toString(), one?.headers['content-type']]).toEqual([
      '/hook?a=1',
      '{"text":"ё"}',
      'application/json',
    ]);
  });

  test('is not made when its name stands for our own machine', async () => {
    const { status, error } = await to('localhost', { networks: [] });
    expect([status, error]).toEqual([undefined, expect.stringContaining('not called')]);
    const { error: dotted } = await to('hooks.test.example', { networks: [], resolve: named('127.0.0.1') });
    expect(dotted).toContain('hooks.test.example is not an address of the open internet');
    expect(receiver.received).toEqual([]);
  });

  test.each([
    ['https://2130706433', 'number'],
    ['https://0x7f.1', 'number'],
    ['https://127.0.0.1', 'open internet'],
    ['https://[::ffff:7f00:1]', 'open internet'],
  ])('%s is not called by its number either', async (host, why) => {
    const { error } = await post({
      url: `${host}:${receiver.port}/`,
      headers: {},
      body: '',
      networks: [],
      authority: AUTHORITY,
    });
    expect(error).toContain(why);
    expect(receiver.received).toEqual([]);
  });

  test('is not made when one of several addresses of a name is ours', async () => {
    for (const mixed of [named('93.184.215.14', '127.0.0.1'), named('2606:4700::1111', '::1')])
      expect((await to('hooks.test.example', { networks: [], resolve: mixed })).error).toContain('not called');
    expect((await to('hooks.test.example', { resolve: named() })).error).toContain('stands for no address');
    expect(receiver.received).toEqual([]);
  });

  test('asks what a name stands for once: a name that changes its mind reaches nothing', async () => {
    let asked = 0;
    const rebinding = async () => {
      asked += 1;
      return named(asked === 1 ? '127.0.0.1' : '127.0.0.2')();
    };
    const networks = ['127.0.0.1/32'];
    expect((await to('hooks.test.example', { networks, resolve: rebinding })).status).toBe(200);
    expect([asked, receiver.received.length]).toEqual([1, 1]);
    // The second answer is asked for anew and checked anew.
    expect((await to('hooks.test.example', { networks, resolve: rebinding })).error).toContain('not called');
    expect([asked, receiver.received.length]).toEqual([2, 1]);
  });

  test('follows no redirect, wherever it leads', async () => {
    const inside: string[] = [];
    const server = createServer((request, response) => {
      inside.push(request.url ?? '');
      response.end('SECRET');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    for (const [status, location] of [
      [301, `http://127.0.0.1:${port}/latest/meta-data/`],
      [302, `https://localhost:${receiver.port}/other`],
      [307, `http://2130706433:${port}/`],
      [308, '/other'],
    ] as const) {
      receiver.says(() => ({ status, headers: { location }, body: 'moved' }));
      expect(await to('localhost')).toMatchObject({ status, body: 'moved' });
    }
    expect(inside).toEqual([]);
    expect(receiver.received.map(({ path }) => path)).toEqual(Array.from({ length: 4 }, () => '/hook?a=1'));
    await new Promise((done) => server.close(done));
  });

  test('believes nobody without a certificate for his name', async () => {
    expect((await to('localhost', { authority: undefined })).error).toContain('certificate');
    const other = await to('another.example', { resolve: named('127.0.0.1') });
    expect(other.error).toContain('altnames');
    expect(receiver.received).toEqual([]);
  });

  test('waits no longer than it may', async () => {
    receiver.says(() => ({ never: true }));
    expect(await to('localhost', { timeoutMs: 300 })).toMatchObject({
      status: undefined,
      error: 'It did not answer in time.',
    });
  });

  test('reads the first kilobyte of an answer and no more', async () => {
    receiver.says(() => ({ body: Buffer.alloc(50_000_000, 'x') }));
    expect((await to('localhost')).body).toBe('x'.repeat(1024));
  });

  test('tells what is wrong when nobody is there', async () => {
    expect((await to('localhost', { url: 'https://localhost:1024/' })).error).toContain('ECONNREFUSED');
    expect((await to('localhost', { url: 'https://nobody.invalid/', networks: [] })).error).toMatch(
      /ENOTFOUND|EAI_AGAIN/,
    );
  });
});
