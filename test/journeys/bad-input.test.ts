import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clean } from '#shared/text.ts';
import { openJourney } from '#test/support/journey.ts';
import { eightAtOnce, naughty } from '#test/support/naughty.ts';

let journey: Awaited<ReturnType<typeof openJourney>>;
beforeAll(async () => {
  journey = await openJourney();
  // Hundreds of posts come from one address here.
  const { body, version } = await journey.admin<{ name: string; body: object }>('GET /api/settings/forms/site');
  const wide = { ...body.body, limitPerMinute: 100_000 };
  await journey.admin('PUT /api/settings/forms/site', { ifMatch: version, body: { name: body.name, body: wide } });
  await journey.inForce();
});
afterAll(() => journey.stop());

const FORM = 'POST /public/forms/site';
type Raw = { body: string; encoding: 'utf8' | 'base64'; state: string; reason?: string; leadId?: string };
type Lead = { name?: string; email?: string; message?: string; company?: string };

/** What became of a post: its raw request and, if there is one, its lead. */
async function outcome(id: string) {
  const raw = (await journey.admin<Raw>(`GET /api/intake/${id}`)).body;
  const lead = raw.leadId === undefined ? undefined : (await journey.admin<Lead>(`GET /api/leads/${raw.leadId}`)).body;
  return { raw, lead };
}
const oneLine = (text: string): string => clean(text).trim();

describe('a form', () => {
  test('keeps whatever is posted, byte for byte, and makes a lead only of what names somebody', async () => {
    const json = 'application/json';
    const form = 'application/x-www-form-urlencoded';
    const someone = '"email":"odd@example.com"';
    const posts: [what: string, type: string, body: string | Buffer<ArrayBuffer>, lead: boolean][] = [
      ['nothing', json, '', false],
      ['a list', json, '[1,2,3]', false],
      ['a number', json, '12', false],
      ['half of an object', json, `{${someone}`, false],
      ['two objects', json, `{${someone}}{}`, false],
      ['a mark before it', json, `\uFEFF{${someone},"n":1}`, true],
      ['5 000 levels', json, `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`, false],
      ['100 000 levels', json, '['.repeat(100_000), false],
      ['a prototype', json, `{"__proto__":{"email":"evil@example.com"},"constructor":{"prototype":{}},"n":2}`, false],
      ['a prototype beside somebody', json, `{"__proto__":{"name":"evil"},${someone},"n":3}`, true],
      ['the same key twice', json, `{"email":"first@example.com",${someone},"n":4}`, true],
      ['numbers where text belongs', json, `{"email":1e999,"phone":84951234567,"n":5}`, true],
      ['objects where text belongs', json, `{"email":{"a":1},"phone":["x"],"n":6}`, false],
      ['a form', form, 'email=odd%40example.com&n=7', true],
      ['a form with broken escapes', form, 'email=odd%40example.com&name=%zz%C3%28&n=8', true],
      ['a form that climbs', form, '__proto__[email]=evil@example.com&a[__proto__][b]=1&n=9', false],
      ['a form nested deeply', form, `a${'[b]'.repeat(100)}=1&n=10`, false],
      ['2 000 fields', form, Array.from({ length: 2000 }, (_, n) => `f${n}=1`).join('&'), false],
      ['a multipart form without parts', 'multipart/form-data', 'x', false],
      [
        'a multipart form cut off',
        'multipart/form-data; boundary=b',
        '--b\r\nContent-Disposition: form-data; name="email"',
        false,
      ],
      ['bytes that are no text', 'application/octet-stream', Buffer.from([0xff, 0xfe, 0, 0x80]), false],
      ['plain text', 'text/plain', 'call me: odd@example.com', false],
      ['an unknown charset', 'application/json; charset=klingon', `{${someone},"n":11}`, true],
      [
        'XML with entities',
        'application/xml',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
        false,
      ],
    ];
    const ids: string[] = [];
    for (const [what, type, body] of posts) {
      const answer = await fetch(`${journey.url}/public/forms/site`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: Buffer.from(body),
      });
      expect([what, answer.status]).toEqual([what, 202]);
      ids.push(((await answer.json()) as { id: string }).id);
    }
    expect(new Set(ids).size).toBe(ids.length);
    await journey.control.settle();
    for (const [at, [what, , body, isLead]] of posts.entries()) {
      const { raw, lead } = await outcome(ids[at] ?? '');
      expect([what, Buffer.from(raw.body, raw.encoding).equals(Buffer.from(body))]).toEqual([what, true]);
      expect([what, raw.state]).toEqual([what, isLead ? 'done' : 'unmapped']);
      expect(lead?.email ?? '').not.toContain('evil');
      if (!isLead) expect(raw.reason).toMatch(/\w{3}/);
    }
  });

  test('refuses more than 256 kB with 413 and takes just less', async () => {
    const post = (size: number) =>
      journey.visitor(FORM, { body: { email: 'big@example.com', message: 'x'.repeat(size) } });
    expect((await post(300_000)).status).toBe(413);
    expect((await post(256 * 1024 - 60)).status).toBe(202);
  });

  test('takes e-mail addresses of any alphabet, and of two in one field neither', async () => {
    const cases: [typed: string, kept: string | undefined][] = [
      [' Vera@Example.COM ', 'vera@example.com'],
      ['info@почта.рф', 'info@xn--80a1acny.xn--p1ai'],
      ['info@xn--80a1acny.xn--p1ai', 'info@xn--80a1acny.xn--p1ai'],
      ['a+b@sub.example.museum', 'a+b@sub.example.museum'],
      ["o'brien@example.ie", "o'brien@example.ie"],
      ['a@example.com, evil@example.com', undefined],
      ['Vera <vera@example.com>', undefined],
      ['a@example.com\r\nBcc: evil@example.com', undefined],
      ['a@b', undefined],
      ['@example.com', undefined],
      ['a@@example.com', undefined],
      ['a@-example.com', undefined],
      [`${'a'.repeat(65)}@example.com`, undefined],
      [`a@${'b'.repeat(64)}.com`, undefined],
      ['a@127.0.0.1', undefined],
      ['"a b"@example.com', undefined],
    ];
    const ids: string[] = [];
    for (const [at, [email]] of cases.entries())
      ids.push(
        (
          await journey.visitor<{ id: string }>(FORM, {
            body: { email, phone: `+7495123${4000 + at}`, message: email },
          })
        ).body.id,
      );
    await journey.control.settle();
    for (const [at, [typed, kept]] of cases.entries()) {
      const { lead } = await outcome(ids[at] ?? '');
      expect([typed, lead?.email]).toEqual([typed, kept]);
      if (kept === undefined) expect(lead).toMatchObject({ wrongEmail: oneLine(typed) });
    }
  });

  test('gives back every naughty text as it came, without its control characters and in one normal form', async () => {
    const ids = await eightAtOnce(naughty, async (text, at) => {
      const body = { email: `n${at}@naughty.example`, name: text, company: text, message: text, [`extra ${at}`]: text };
      const { status, body: made } = await journey.visitor<{ id: string }>(FORM, { body });
      expect([text.slice(0, 50), status]).toEqual([text.slice(0, 50), 202]);
      return made.id;
    });
    await journey.control.settle(120_000);
    await eightAtOnce(naughty, async (text, at) => {
      const { raw, lead } = await outcome(ids[at] ?? '');
      expect([text.slice(0, 50), raw.state]).toEqual([text.slice(0, 50), 'done']);
      const kept = (max: number) => oneLine(text).slice(0, max).toWellFormed() || undefined;
      expect([lead?.name, lead?.company, lead?.message]).toEqual([kept(200), kept(200), kept(10_000)]);
    });
  });
});
