import { describe, expect, test } from 'vitest';
import { money } from '#shared/money.ts';
import { checkTemplate, fillPlaceholders, htmlToText, Placeholder, renderLetter } from '#shared/templates.ts';

const ru = { locale: 'ru', zone: 'Europe/Moscow' };
const values = {
  lead: {
    name: 'Иван',
    empty: '',
    none: null,
    evil: '<b onclick="x">\'&',
    link: 'https://a.ru/?a=1&b="',
    tags: ['a', null],
  },
  deal: { total: money(123_450, 'RUB'), closeOn: '2026-11-30', openedAt: '2026-11-23T21:30:00.000Z' },
  lines: [{ title: 'Стол', count: 2 }, { title: 'Стул' }],
  links: { decide: new Placeholder('decide'), bad: 'javascript:alert(1)', mail: 'mailto:a@b.co' },
};
const body = (source: string, kind: 'html' | 'text' = 'html', given: Record<string, unknown> = values, reader = ru) => {
  const template = kind === 'html' ? { subject: 'Тема', html: source } : { subject: 'Тема', text: source };
  const letter = renderLetter(template, given, reader);
  if (!letter.ok) return letter;
  return kind === 'html' ? letter.html : letter.text;
};
const made = (result: ReturnType<typeof body>): string => {
  if (typeof result !== 'string') throw new Error(result?.error);
  return result;
};
const spaced = (text: unknown): string => String(text).replace(/[\u00A0\u202F]/g, ' ');

describe('a letter', () => {
  test('is rendered in all parts for its reader', () => {
    const letter = renderLetter(
      { subject: 'Заказ\n{{ lead.name }}', html: '<p>Итого {{ deal.total | money }}</p>' },
      values,
      ru,
    );
    expect(letter).toMatchObject({ ok: true, subject: 'Заказ Иван' });
    expect(spaced(letter.ok && letter.html)).toBe('<p>Итого 1 234,50 ₽</p>');
    expect(spaced(letter.ok && letter.text)).toBe('Итого 1 234,50 ₽');
  });

  test.each([
    ['{{ deal.closeOn | date }}', '30 ноября 2026 г.', 'November 30, 2026'],
    ['{{ deal.openedAt | date }}', '24 ноября 2026 г.', 'November 23, 2026'],
    ['{{ deal.total | money }}', '1 234,50 ₽', 'RUB 1,234.50'],
  ])('%s is %s in Moscow and %s in New York', (source, moscow, newYork) => {
    expect(spaced(body(source))).toBe(moscow);
    expect(spaced(body(source, 'html', values, { locale: 'en-US', zone: 'America/New_York' }))).toBe(newYork);
  });

  test.each([
    ["{{ deal.openedAt | date: 'time' }}", /24 ноября 2026 г\..*00:30/],
    ['{% for line in lines %}{{ line.title }};{% endfor %}', /^Стол;Стул;$/],
    ['{{ lead.missing | default: "друг" }}', /^друг$/],
    ['{{ lead.empty | default: "друг" }}', /^друг$/],
    ['{{ lead.empty | default: "" }}!', /^!$/],
    ['{% if lead.empty %}да{% else %}нет{% endif %}', /^нет$/],
    ['{% if lead.none == "x" %}да{% elsif lead.name == "Иван" %}он{% endif %}', /^он$/],
    ['{% unless lead.empty %}пусто{% endunless %}', /^пусто$/],
    ['{{ lines | size }}', /^2$/],
    ['{{ lead.name | upcase | append: "!" }}', /^ИВАН!$/],
    ['{% raw %}{{ x }}{% endraw %}', /^{{ x }}$/],
  ])('%s gives %s', (source, result) => {
    expect(body(source)).toMatch(result);
  });

  test('values are escaped in HTML and not in text and subject', () => {
    expect(body('{{ lead.evil }}')).toBe('&lt;b onclick=&quot;x&quot;&gt;&#39;&amp;');
    expect(body('{{ lead.evil | upcase }}')).toBe('&lt;B ONCLICK=&quot;X&quot;&gt;&#39;&amp;');
    expect(body('{{ lead.evil }}', 'text')).toBe(values.lead.evil);
    expect(renderLetter({ subject: '{{ lead.evil }}', text: 'x' }, values, ru)).toMatchObject({
      subject: values.lead.evil,
    });
  });

  test.each([
    ['{{ lead.email }}', 'lead.email'],
    ['{{ lead.empty }}', 'lead.empty'],
    ['{{ lead.none }}', 'lead.none'],
    ['{{ lead.email | upcase }}', 'lead.email'],
    ['{{ order.total | money }}', 'order'],
    ['{{ deal.paid | money }}', 'deal.paid'],
    ['{{ links.page | safe_url }}', 'links.page'],
    ['{% for line in lines %}{{ line.count }}{% endfor %}', 'line.count'],
    ['{% for line in deal.lines %}{% endfor %}', 'deal.lines'],
    ['{% for tag in lead.tags %}{{ tag }}{% endfor %}', 'tag'],
  ])('%s stops the letter and names %s', (source, missing) => {
    expect(body(source)).toEqual({ ok: false, part: 'html', missing, error: `${missing} has no value` });
    expect(renderLetter({ subject: source, text: 'x' }, values, ru)).toMatchObject({ part: 'subject', missing });
  });

  test.each([
    ['{{ deal.total }}', 'deal.total is not a text'],
    ['{{ lines }}', 'lines is not a text'],
    ['{{ links.decide }}', 'links.decide is not a text'],
    ['{{ lead.name | money }}', 'is not money'],
    ['{{ lead.name | date }}', 'is not a date'],
    ['{{ "now" | date }}', 'is not a date'],
  ])('%s stops the letter: %s', (source, error) => {
    expect(body(source)).toMatchObject({ ok: false, error: expect.stringContaining(error) });
  });

  test('an empty subject stops the letter', () => {
    expect(renderLetter({ subject: '{% if lead.none %}x{% endif %}', text: 'x' }, values, ru)).toMatchObject({
      ok: false,
      part: 'subject',
    });
  });

  test('links are https, mailto or a placeholder that is filled when sending', () => {
    expect(body('<a href="{{ lead.link | safe_url }}">x</a>')).toBe('<a href="https://a.ru/?a=1&amp;b=&quot;">x</a>');
    expect(body('{{ links.mail | safe_url }}')).toBe('mailto:a@b.co');
    const letter = made(body('{{ links.decide | safe_url }} {{ lead.name }}'));
    expect(letter).toBe('placeholder:decide Иван');
    expect(fillPlaceholders(letter, { decide: 'https://x.ru/t' })).toBe('https://x.ru/t Иван');
    expect(() => fillPlaceholders(letter, {})).toThrow(/"decide"/);
    expect(() => fillPlaceholders('placeholder:constructor', {})).toThrow(/constructor/);
  });

  test('a text typed by a stranger cannot pass for a placeholder', () => {
    const typed = { lead: { name: 'see placeholder:decide' } };
    const letter = made(body('{{ lead.name }}', 'html', typed));
    expect(fillPlaceholders(letter, { decide: 'https://secret.ru' })).toBe('see placeholder decide');
    expect(body('{{ lead.name | safe_url }}', 'html', { lead: { name: 'placeholder:decide' } })).toMatchObject({
      ok: false,
    });
  });

  test.each([
    'javascript:alert(1)',
    ' JaVaScRiPt:alert(1)',
    'java\nscript:x',
    'data:text/html,x',
    'http://a.ru',
    '//a.ru',
    '/x',
    'ftp://a',
  ])('the link %j is not safe', (link) => {
    expect(body('{{ l | safe_url }}', 'html', { l: link })).toMatchObject({
      ok: false,
      error: expect.stringContaining('not a safe link'),
    });
  });
});

describe('attacks', () => {
  test.each([
    ['{{ lead.evil | raw }}', 'undefined filter: raw'],
    ["{% render 'package.json' %}", 'tag "render" not found'],
    ["{% include 'package.json' %}", 'tag "include" not found'],
    ["{% layout 'package.json' %}", 'tag "layout" not found'],
    ['{% assign a = "x" %}', 'tag "assign" not found'],
    ['{% capture a %}x{% endcapture %}', 'tag "capture" not found'],
    ['{% liquid echo "x" %}', 'tag "liquid" not found'],
    ['{{ lead | json }}', 'undefined filter: json'],
    ['{{ "a" | sha256 }}', 'undefined filter: sha256'],
    ['x'.repeat(100_001), 'parse length limit exceeded'],
    ['{{ lead.name', 'not closed'],
    ['{% if %}x{% endif %}', 'invalid value expression'],
    ['{% for i in lines %}', 'not closed'],
  ])('%# %.40s is refused when saved and when rendered', (source, error) => {
    for (const part of ['html', 'text'] as const) {
      const template = part === 'html' ? { subject: 'x', html: source } : { subject: 'x', text: source };
      const expected = { ok: false, part, error: expect.stringContaining(error) };
      expect(checkTemplate(template)).toMatchObject(expected);
      expect(body(source, part)).toMatchObject(expected);
    }
  });

  test.each([
    '{% for i in (1..100000000) %}x{% endfor %}',
    '{% for i in (1..1000) %}{% for j in (1..1000) %}x{% endfor %}{% endfor %}',
    `{% for i in (1..290000) %}${'x'.repeat(5000)}{% endfor %}`,
    `{{ "xx" ${'| split: "" | join: "xxxxxxxxxx"'.repeat(9)} | size }}`,
    `{{ "x" ${'| replace: "x", "xxxxxxxxxx"'.repeat(9)} }}`,
    `{% for i in (1..50000) %}{% for j in big %}{{ j }}{% endfor %}{% endfor %}`,
  ])('%# %.40s ends with an error', (source) => {
    expect(body(source, 'html', { big: Array.from({ length: 1000 }, () => 'x'.repeat(1000)) })).toMatchObject({
      ok: false,
    });
  });

  test.each([
    'lead.constructor',
    'lead.__proto__',
    'lead.name.constructor',
    'lines.constructor',
    'constructor',
    'locale.x',
  ])('{{ %s }} shows nothing', (path) => {
    expect(body(`{{ ${path} }}`)).toMatchObject({ ok: false });
  });
});

describe('a template that is saved', () => {
  test('tells which values it needs', () => {
    expect(
      checkTemplate({
        subject: '{{ lead.name }}',
        html: '{% for l in order.lines %}{{ l.title }}{% endfor %}{% if deal.won %}{{ lead.name }}{% endif %}',
      }),
    ).toEqual({ ok: true, fields: ['deal.won', 'lead.name', 'order.lines'] });
  });

  test('tells where its mistake is', () => {
    expect(checkTemplate({ subject: 'x', html: 'a\n b {{ x | foo }}' })).toMatchObject({
      part: 'html',
      line: 2,
      column: 4,
    });
    expect(checkTemplate({ subject: '{{', html: '' })).toMatchObject({ part: 'subject', line: 1, column: 1 });
  });

  test.each([
    '<a href="{{ page | safe_url }}">x</a>',
    "<a href='{{ page | default: other | safe_url }}'>x</a>",
    '<a href="https://a.ru/x?id={{ lead.id | url_encode }}">x</a>',
    '<a href="https://a.ru">x</a><a href="#top">y</a><img src="cid:logo">',
    '<td class="{{ kind }}">a = {{ b }}</td>',
    'Сумма={{ total | money }}',
  ])('%s is fine', (html) => {
    expect(checkTemplate({ subject: 'x', html })).toMatchObject({ ok: true });
  });

  test.each([
    '<a href="{{ page }}">x</a>',
    '<a href={{ page | safe_url | append: "x" }}>x</a>',
    '<a href="{{ page | safe_url | downcase }}">x</a>',
    '<a href="javascript:alert(1)">x</a>',
    '<a HREF = "java{{ page | safe_url }}">x</a>',
    '<a href="{% if a %}{{ page }}{% endif %}">x</a>',
    '<a href="https://{{ host }}">x</a>',
    '<img src="http://a.ru/x.png">',
    '<script>x</script>',
    '< IFRAME src="https://a.ru">',
    '<form action="https://a.ru">',
    '<b onclick="x">y</b>',
    '<td class={{ kind }}>x</td>',
  ])('%s is refused', (html) => {
    expect(checkTemplate({ subject: 'x', html })).toMatchObject({ ok: false, part: 'html', error: expect.any(String) });
  });
});

test.each([
  ['<p>Один</p><p>Два<br>три</p>', 'Один\n\nДва\nтри'],
  ['<ul><li>a</li><li>b</li></ul>', '- a\n- b'],
  ['<a href="https://a.ru/?a=1&amp;b=2">Открыть</a>', 'Открыть (https://a.ru/?a=1&b=2)'],
  ['<a href="https://a.ru">https://a.ru</a> <a href="mailto:a@b.co">a@b.co</a>', 'https://a.ru a@b.co'],
  [
    '<style>p{}</style><!-- x --><b>a</b> &lt;b&gt; &#1071;&#x42F;&nbsp;&unknown; &#9999999;',
    'a <b> ЯЯ &unknown; &#9999999;',
  ],
  ['<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>', 'a b\nc'],
])('the text of %s is %j', (html, text) => {
  expect(htmlToText(html)).toBe(text);
});
