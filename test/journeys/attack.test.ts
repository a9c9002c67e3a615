import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openJourney } from '#test/support/journey.ts';
import { eightAtOnce, naughty } from '#test/support/naughty.ts';
import { clean } from '#shared/text.ts';

let journey: Awaited<ReturnType<typeof openJourney>>;
beforeAll(async () => {
  journey = await openJourney();
});
afterAll(() => journey.stop());

type Setting = { name: string; body: Record<string, unknown> };
const put = (path: string, body: object, ifMatch?: number) =>
  journey.admin<Setting & { code: string; errors: { pointer: string; detail: string }[] }>(
    `PUT /api/settings/${path}`,
    {
      body: { name: 'Attack', body },
      ifMatch,
    },
  );

/** Each is refused when it is saved, with the place and the reason. */
const RULES = [
  '',
  '1 + ',
  '"text"',
  'deal.amount',
  'lead.nothing',
  'nothing.at.all',
  "'a'.matches('(a+)+$')",
  "lead.name.matches('(x+x+)+y') || deal.amount.matches('a')",
  'constructor',
  'this',
  'process.env',
  'globalThis.process.exit()',
  '__proto__',
  "''.constructor.constructor('return process')()",
  '[].map(x, x)',
  `${'('.repeat(5000)}true${')'.repeat(5000)}`,
  `${'('.repeat(500)}true${')'.repeat(500)}`,
  `${'!'.repeat(1999)}true`,
  `${'true && '.repeat(240)}true`,
  "cel.bind(x, 'aa', x + x) == ''",
  'has(deal.amount)',
  'true; false',
  '[1,2,3].all(a, [1,2,3].all(b, [1,2,3].all(c, [1,2,3].all(d, [1,2,3].all(e, a == 1)))))',
  'timestamp("x") > 1',
  'x = true',
  '{"a": 1}.b',
  'dyn(1).foo()',
  '${true}',
  '{{ true }}',
  'true\u202E',
];

describe('rules of users', () => {
  test.each([
    ['policies/attack', (when: string) => ({ subject: 'deal', when, deadlineHours: 1 }), /^\/body\/body\/when/],
    [
      'scorings/attack',
      (when: string) => ({ rules: [{ name: 'x', kind: 'fit', when, points: 1 }] }),
      /^\/body\/body\/rules\/0\/when/,
    ],
  ] as const)('that attack are refused when they are saved as %s', async (path, bodyOf, place) => {
    for (const rule of RULES) {
      const { status, body } = await put(path, bodyOf(rule));
      expect([rule.slice(0, 60), status === 422 || status === 400]).toEqual([rule.slice(0, 60), true]);
      expect(body.errors[0]?.pointer).toMatch(place);
      expect(body.errors[0]?.detail).toMatch(/.{3}/);
    }
    expect((await journey.admin(`GET /api/settings/${path}`)).status).toBe(404);
  });

  test('that are meant well are taken', async () => {
    const { status } = await put('policies/well-meant', {
      subject: 'deal',
      when: 'deal.discount > 99',
      deadlineHours: 1,
    });
    expect(status).toBe(201);
  });
});

const TEMPLATES = [
  "{% render 'package.json' %}",
  "{% include '../../etc/passwd' %}",
  "{% layout 'x' %}",
  '{{ lead.name | raw }}',
  '{{ "x" | inspect }}',
  '{% assign a = "aa" %}{{ a }}',
  '{% capture a %}x{% endcapture %}{{ a }}',
  '{% increment n %}',
  '{% tablerow i in (1..9) %}x{% endtablerow %}',
  '{% if %}',
  '{% for x in %}',
  '{{ lead.name',
  '{% unknown %}',
  '{{ lead.name | nofilter }}',
  '{% endif %}',
  '{% liquid assign a = 1 %}',
  '{% cycle "a", "b" %}',
  '{% comment %}',
  '{{ "x" | sort_by_magic }}',
];

describe('templates of users', () => {
  test('that attack or do not hold are refused when they are saved, wherever they stand', async () => {
    for (const attack of TEMPLATES) {
      for (const part of ['subject', 'html'] as const) {
        const letter = { subject: 'Hello', html: '<p>Hello</p>', [part]: attack };
        const { status, body } = await put('templates/attack', { en: letter });
        expect([attack, part, status]).toEqual([attack, part, 422]);
        expect(body.errors[0]?.pointer).toBe(`/body/body/en/${part}`);
      }
    }
    expect((await journey.admin('GET /api/settings/templates/attack')).status).toBe(404);
  });

  test('that only fail for a reader stop the one letter, and say which value was missing', async () => {
    const attacks = [
      '{{ lead.constructor.name }}',
      '{{ lead.__proto__ }}',
      '{% for i in (1..100000000) %}x{% endfor %}',
      '<a href="{{ lead.message | safe_url }}">x</a>',
      '{{ lead }}',
    ];
    for (const [at, html] of attacks.entries()) {
      const { version } = await journey.admin('GET /api/settings/templates/welcome');
      const saved = await put('templates/welcome', { ru: { subject: 'Hello', html } }, version);
      if (saved.status === 422) continue;
      expect([html, saved.status]).toEqual([html, 200]);
      await journey.inForce();
      const email = `template${at}@client.example`;
      const posted = await journey.visitor<{ id: string }>('POST /public/forms/site', {
        body: { email, message: 'javascript:alert(1)' },
      });
      await journey.control.settle();
      const { body } = await journey.admin<{ items: { state: string; reason: string }[] }>(
        `GET /api/records/${posted.body.id.replace('raw_', 'lead_')}/letters`,
      );
      expect([html, body.items.map(({ state }) => state)]).toEqual([html, ['not_sent']]);
      expect(body.items[0]?.reason).toMatch(/welcome/);
      expect(await journey.mail(email)).toEqual([]);
    }
  });
});

describe('what strangers write', () => {
  const evil = [
    'Eve\r\nBcc: evil@example.com',
    'Eve\nTo: evil@example.com\n\nbody',
    'Eve <evil@example.com>, x',
    '"Eve" <evil@example.com>',
    '=?utf-8?B?RXZlDQpCY2M6IGV2aWxAZXhhbXBsZS5jb20=?=',
    'Eve\u2028Bcc: evil@example.com',
    '<script>alert(1)</script>',
    '{{ seller.email }}{% raw %}',
    `${'x'.repeat(300)}\r\nX-Evil: 1`,
  ];

  test('never becomes a header, a recipient, a tag or a template of a letter', async () => {
    const { version } = await journey.admin('GET /api/settings/templates/welcome');
    const letter = { subject: 'Hello {{ lead.name }}', html: '<p>Hello {{ lead.name }}!</p><p>{{ lead.message }}</p>' };
    await put('templates/welcome', { ru: letter }, version);
    await journey.inForce();
    for (const [at, name] of evil.entries())
      await journey.visitor('POST /public/forms/site', {
        body: { email: `header${at}@client.example`, name, message: name },
      });
    await journey.control.settle();
    for (const at of evil.keys()) {
      const to = `header${at}@client.example`;
      const [found] = await journey.control.inbox(to);
      const source = await (await fetch(`${journey.url}/_local/inbox/${found?.id}/source`)).text();
      const [head = ''] = source.split(/\r?\n\r?\n/);
      const names = head.split(/\r?\n(?![ \t])/).map((line) => line.split(':')[0]?.toLowerCase() ?? '');
      expect([at, names.filter((one) => ['bcc', 'x-evil', 'cc'].includes(one))]).toEqual([at, []]);
      expect([at, names.filter((one) => one === 'to')]).toEqual([at, ['to']]);
      expect([at, Object.keys(found?.recipients ?? {})]).toEqual([at, [to]]);
      const [whole] = await journey.mail(to);
      expect(whole?.html).not.toMatch(/<script|seller@/);
    }
    expect(await journey.control.inbox('evil@example.com')).toEqual([]);
  });

  test('is escaped on the page of an approval, before and after the decision', async () => {
    const bad = '<img src=x onerror=alert(1)>"\'&';
    const posted = await journey.visitor<{ id: string }>('POST /public/forms/site', {
      body: { email: 'page@client.example', name: bad, company: bad },
    });
    await journey.control.settle();
    const lines = [{ name: bad, price: '100', quantity: '1', discount: '50' }];
    const convert = await journey.seller<{ dealId: string }>(
      `POST /api/leads/${posted.body.id.replace('raw_', 'lead_')}/convert`,
      {
        ifMatch: 1,
        body: { client: { kind: 'organisation', name: bad }, deal: { typeId: 'quick', name: bad, lines } },
      },
    );
    expect(convert.status).toBe(200);
    await journey.control.settle();
    const [letter] = await journey.mail('head@sdelka.example');
    const link = letter?.links.find((one) => one.includes('/public/decisions/')) ?? '';
    expect(letter?.html).not.toContain('<img');
    const pages = [await (await fetch(link)).text()];
    const press = (body: string) =>
      fetch(link, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body });
    pages.push(await (await press('decision=refuse')).text());
    pages.push(await (await press(`decision=refuse&comment=${encodeURIComponent(bad)}`)).text());
    pages.push(await (await fetch(link)).text());
    for (const page of pages) {
      expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
      expect(page).not.toContain('<img');
    }
    expect((await fetch(`${link}x`)).status).toBe(404);
  });

  test('and what admins write is escaped on the page of thanks and in the snippet of a form', async () => {
    const { body, version } = await journey.admin<Setting>('GET /api/settings/forms/site');
    const bad = '"><script>alert(1)</script>';
    const text = { ru: bad };
    const fields = [
      { name: 'email', type: 'select', label: text, required: true, options: [{ value: bad, label: text }] },
    ];
    const changed = { ...body.body, thanks: text, submit: text, title: text, fields, honeypot: bad };
    const { status } = await journey.admin('PUT /api/settings/forms/site', {
      ifMatch: version,
      body: { name: body.name, body: changed },
    });
    expect(status).toBe(200);
    await journey.inForce();
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' };
    const thanks = await fetch(`${journey.url}/public/forms/site`, {
      method: 'POST',
      headers,
      body: 'email=a@b.example',
    });
    const snippet = await fetch(`${journey.url}/public/forms/site/snippet`);
    for (const page of [await thanks.text(), await snippet.text()]) {
      expect(page).toContain('&quot;&gt;&lt;script&gt;');
      expect(page).not.toContain('<script>alert');
    }
  });
});

describe('naughty texts in the API', () => {
  /** A call that takes a free text, and where the answer gives it back. */
  const calls: [
    what: string,
    ask: (text: string, at: number) => Promise<{ status: number; body: unknown }>,
    read: (body: unknown) => string | undefined,
  ][] = [
    [
      'the name of a product',
      (name, at) => journey.admin('POST /api/products', { body: { ...PRODUCT, sku: `N-${at}`, name } }),
      (body) => (body as { name: string }).name,
    ],
    [
      'the unit of a product',
      (unit, at) => journey.admin('POST /api/products', { body: { ...PRODUCT, sku: `U-${at}`, unit } }),
      (body) => (body as { unit: string }).unit,
    ],
    [
      'the name of a user',
      (name, at) =>
        journey.admin('POST /api/users', {
          body: { name, email: `u${at}@naughty.example`, roles: [], locale: 'en', zone: 'Europe/Moscow' },
        }),
      (body) => (body as { name: string }).name,
    ],
    [
      'the name of a team',
      (name) => journey.admin('POST /api/teams', { body: { name, memberIds: [] } }),
      (body) => (body as { name: string }).name,
    ],
    [
      'the kind of a channel',
      (kind, at) => put(`channels/n-${at}`, { kind, on: true }),
      (body) => (body as { body: { kind: string } }).body.kind,
    ],
    [
      'an address of ours',
      (address, at) =>
        put(`legal-entities/n-${at}`, { fullName: 'x', taxId: '1', address, zone: 'Europe/Moscow', currency: 'RUB' }),
      (body) => (body as { body: { address: string } }).body.address,
    ],
    [
      'the id of a setting',
      (id) =>
        journey.admin(`PUT /api/settings/channels/${encodeURIComponent(id.toWellFormed())}`, {
          body: { name: 'x', body: { kind: 'x', on: true } },
        }),
      () => undefined,
    ],
  ];
  const PRODUCT = {
    sku: '',
    name: 'x',
    category: 'naughty',
    unit: 'pcs',
    price: '1',
    currency: 'RUB',
    taxPercent: '20',
  };
  const squeezed = (text: string): string => clean(text).replaceAll(/\s+/g, ' ').trim();

  test.each(calls)('in %s are kept as text or refused, and never break anything', async (_, ask, read) => {
    await eightAtOnce(naughty, async (text, at) => {
      const { status, body } = await ask(text, at);
      expect([text.slice(0, 50), status < 500]).toEqual([text.slice(0, 50), true]);
      const kept = status < 300 ? read(body) : undefined;
      if (kept === undefined) return;
      expect(squeezed(kept)).toBe(squeezed(text));
      expect(kept).toBe(clean(kept));
    });
  });
});
