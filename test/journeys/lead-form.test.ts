import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { barriers, browserPath, openBrowser, openSite, type Site } from '#test/support/browser.ts';
import { openJourney, uniqueEmail } from '#test/support/journey.ts';
import { leadOf, leadsOf, newForm, requestOf, requestsOf } from '#test/support/steps.ts';

type Sent = { id: string };

describe.skipIf(browserPath === undefined)("The form on other people's pages", () => {
  let journey: Awaited<ReturnType<typeof openJourney>>;
  let browser: Browser;
  let site: Site;

  beforeAll(async () => {
    [journey, browser, site] = await Promise.all([openJourney(), openBrowser(), openSite()]);
  });
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));
  afterAll(() => Promise.all([journey.stop(), browser.close(), site.stop()]));

  const script = (): string => `<script async src="${journey.url}/public/form.js"></script>`;
  /** The two halves of what the application gives out to be pasted into a site. */
  const snippets = async (form: string): Promise<[scripted: string, plain: string]> => {
    const text = (await journey.visitor<string>(`GET /public/forms/${form}/snippet?lang=ru`)).body;
    const [scripted = '', plain = ''] = text.split('<!-- Without script -->');
    return [scripted, plain];
  };
  const field = (name: string, type: string, ru: string, en: string, required = false) => ({
    name,
    type,
    label: { ru, en },
    required,
  });
  const quickForm = (change: Record<string, unknown> = {}): Promise<string> =>
    newForm(journey, {
      minSeconds: 0,
      fields: [field('name', 'text', 'Имя', 'Name'), field('email', 'email', 'Почта', 'E-mail', true)],
      ...change,
    });
  const open = async (address: string, options: BrowserContextOptions = {}): Promise<Page> => {
    const page = await (await browser.newContext(options)).newPage();
    await page.goto(address);
    return page;
  };
  /** Where the keyboard is, inside the form too. */
  const focused = (page: Page): Promise<string> =>
    page.evaluate(() => {
      const inside = document.activeElement?.shadowRoot?.activeElement;
      return inside?.getAttribute('name') ?? inside?.tagName ?? document.activeElement?.tagName ?? '';
    });

  it('A visitor of another site is told what is missing, sends, is thanked, and is a lead with his campaign', async () => {
    const [scripted] = await snippets('site');
    const page = await open(site.show(scripted, { query: '?utm_source=mail&utm_campaign=spring&yclid=77&other=no' }));
    await page.evaluate(() => {
      addEventListener('sdelka:sent', (event) =>
        Object.assign(window, { sent: (event as CustomEvent<{ id: string }>).detail }),
      );
    });
    const send = page.getByRole('button', { name: 'Отправить' });
    await send.click();
    expect(await focused(page)).toBe('name');
    const name = page.getByRole('textbox', { name: 'Имя' });
    expect(await name.getAttribute('aria-invalid')).toBe('true');
    await expect
      .poll(() => name.evaluate((input) => input.ariaDescribedByElements?.[0]?.textContent))
      .toBe('Заполните это поле');
    await page.getByText('Оставьте почту или телефон').waitFor();
    expect(await barriers(page)).toEqual([]);

    await name.fill('Вера Покупаева');
    const email = page.getByRole('textbox', { name: 'Почта' });
    await email.fill('vera@');
    await send.click();
    expect(await focused(page)).toBe('email');
    await page.getByText('Проверьте адрес').waitFor();
    await email.fill(uniqueEmail());
    expect(await email.getAttribute('aria-invalid')).toBe('false');
    await journey.control.advance('5s');
    await send.click();
    await page.getByRole('status').getByText('Спасибо! Мы свяжемся с вами.').waitFor();
    expect(await focused(page)).toBe('P');
    expect(await barriers(page)).toEqual([]);

    const { id } = await page.evaluate(() => (window as unknown as { sent: Sent }).sent);
    await journey.control.settle();
    const { lead } = await leadOf(journey, id);
    expect(lead.channel).toBe('site');
    expect(JSON.parse((await requestOf(journey, id)).body)).toMatchObject({
      name: 'Вера Покупаева',
      utm_source: 'mail',
      utm_campaign: 'spring',
      yclid: '77',
      website: '',
      _page: page.url(),
      _referrer: '',
    });
    expect((await requestOf(journey, id)).body).not.toContain('"other"');
  });

  it('A double click and a second try after a lost answer are one lead; another filled form is another', async () => {
    const form = await quickForm();
    const page = await open(site.show(`${script()}<sdelka-form form="${form}"></sdelka-form>`));
    let lost = 0;
    await page.route(`**/public/forms/${form}`, async (route) => {
      if (route.request().method() !== 'POST' || lost > 0) return route.continue();
      lost += 1;
      await route.fetch(); // it arrives, but the answer does not come back
      return route.abort('connectionreset');
    });
    const keys: (string | undefined)[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST') keys.push(request.headers()['idempotency-key']);
    });
    await page.getByLabel('Почта').fill(uniqueEmail());
    await page.getByRole('button').dblclick();
    await page.getByText('Не отправилось').waitFor();
    await page.getByRole('button').dblclick();
    await page.getByText('Спасибо!').waitFor();
    expect(keys).toEqual([keys[0], keys[0]]);
    await journey.control.settle();
    expect(await requestsOf(journey, form)).toHaveLength(1);
    expect(await leadsOf(journey, form)).toHaveLength(1);

    await page.getByRole('button', { name: 'Отправить ещё одну' }).click();
    await page.getByLabel('Почта').fill(uniqueEmail());
    await page.getByRole('button').click();
    await page.getByText('Спасибо!').waitFor();
    expect(new Set(keys).size).toBe(2);
    await journey.control.settle();
    expect(await leadsOf(journey, form)).toHaveLength(2);
  });

  it('The keyboard is enough, and never comes to the field people should not see', async () => {
    const form = await quickForm({
      fields: [
        field('name', 'text', 'Имя', 'Name'),
        field('email', 'email', 'Почта', 'E-mail', true),
        {
          ...field('topic', 'select', 'Тема', 'Topic'),
          options: [{ value: 'pump', label: { ru: 'Насос', en: 'Pump' } }],
        },
        field('agree', 'checkbox', 'Согласен на обработку данных', 'I agree', true),
        field('message', 'textarea', 'Сообщение', 'Message'),
      ],
    });
    const page = await open(site.show(`<sdelka-form form="${form}"></sdelka-form>${script()}`));
    await page.getByRole('form').waitFor();
    const order: string[] = [];
    for (let at = 0; at < 6; at += 1) {
      await page.keyboard.press('Tab');
      order.push(await focused(page));
    }
    expect(order).toEqual(['name', 'email', 'topic', 'agree', 'message', 'BUTTON']);
    await page.keyboard.press('Enter');
    expect(await focused(page)).toBe('email');
    await page.keyboard.type(uniqueEmail());
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Нужен насос');
    expect(await barriers(page)).toEqual([]);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('Спасибо!').waitFor();
    const [request] = await requestsOf(journey, form);
    expect(JSON.parse(request?.body ?? '')).toMatchObject({ topic: 'pump', agree: 'on', message: 'Нужен насос' });
  });

  it('Every control is large enough for a finger, and nothing is wider than a phone', async () => {
    const [scripted, plain] = await snippets('site');
    const page = await open(site.show(scripted + plain), { viewport: { width: 320, height: 640 }, hasTouch: true });
    await page.getByRole('form').waitFor();
    const heights = await page
      .locator('sdelka-form')
      .evaluate((host) =>
        [...(host.shadowRoot?.querySelectorAll('form :is(input:not([tabindex]),textarea,button)') ?? [])].map(
          (one) => one.getBoundingClientRect().height,
        ),
      );
    expect(heights).toHaveLength(6);
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(44);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  });

  it('A page may give it its colours and its language, even where styles are forbidden by policy', async () => {
    const form = await quickForm();
    const element = `<sdelka-form id="own" form="${form}" lang="en" api="${journey.url}"></sdelka-form>`;
    const address = site.show(`${element}${script()}${script()}`, {
      policy: `default-src 'none'; script-src ${journey.url}; connect-src ${journey.url}`,
    });
    const page = await open(address);
    await page.getByRole('button', { name: 'Ask us' }).waitFor();
    await page.locator('#own').evaluate((host) => host.style.setProperty('--sdelka-accent', 'rgb(0, 100, 0)'));
    const colour = () =>
      page.getByRole('button').evaluate((button) => getComputedStyle(button).getPropertyValue('background-color'));
    expect(await colour()).toBe('rgb(0, 100, 0)');
    await page.getByRole('button').click();
    await page.getByText('Fill in this field').waitFor();
  });

  it('What goes wrong is said in the form, and what was written stays', async () => {
    const form = await quickForm({ limitPerMinute: 1 });
    const address = site.show(`${script()}<sdelka-form form="${form}"></sdelka-form>`);
    const page = await open(address);
    const pattern = `**/public/forms/${form}*`;
    await page.getByLabel('Почта').fill('vera@client.example');
    await page.route(pattern, (route) => route.abort('internetdisconnected'));
    await page.getByRole('button').click();
    await page.getByRole('status').getByText('Не отправилось').waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.unroute(pattern);
    await page.route(pattern, (route) => route.fulfill({ status: 502, body: '<h1>Bad gateway</h1>' }));
    await page.getByRole('button').click();
    await page.getByRole('status').getByText('Не отправилось').waitFor();
    await page.unroute(pattern);
    // Posts are counted by the minute: begun at its end, the third would lie in the next one.
    await journey.control.advance(61_000 - ((await journey.control.clock()).epochMs % 60_000));
    for (const key of ['a', 'b']) await journey.visitor(`POST /public/forms/${form}`, { body: { name: key }, key });
    await page.getByRole('button').click();
    await page.getByRole('status').getByText('Слишком много запросов: повторите через').waitFor();
    expect(await page.getByLabel('Почта').inputValue()).toBe('vera@client.example');
    await journey.control.advance('61s');
    await page.getByRole('button').click();
    await page.getByText('Спасибо!').waitFor();
  });

  it('A form that cannot be loaded says so and can be asked for again', async () => {
    const form = await quickForm();
    const page = await (await browser.newContext()).newPage();
    const pattern = `**/public/forms/${form}*`;
    await page.route(pattern, (route) => route.abort());
    await page.goto(site.show(`${script()}<sdelka-form form="${form}"></sdelka-form>`));
    await page.getByText('Форма не загрузилась.').waitFor();
    await page.unroute(pattern);
    await page.getByRole('button', { name: 'Ещё раз' }).click();
    await page.getByLabel('Почта').waitFor();
    expect(await focused(page)).toBe('name');
  });

  it('Without any script the plain form is sent and thanked for', async () => {
    const form = await quickForm();
    const [, plain] = await snippets(form);
    const page = await open(site.show(plain), { javaScriptEnabled: false });
    await page.getByLabel('Имя').fill('Пётр');
    await page.getByLabel('Почта').fill(uniqueEmail());
    await page.getByRole('button').click();
    await page.getByRole('status').getByText('Спасибо!').waitFor();
    await journey.control.settle();
    expect(await leadsOf(journey, form)).toHaveLength(1);
    const withScript = await open(site.show(plain));
    expect(await barriers(withScript)).toEqual([]);
  });

  it('The local cloud shows both variants to try, and every record that comes of it as a page', async () => {
    const page = await open(`${journey.url}/_local/form?lang=ru`);
    const own = page.getByRole('form', { name: 'Оставьте заявку' });
    await own.getByLabel('Имя').fill('Вера');
    await own.getByLabel('Почта').fill(uniqueEmail());
    expect(await barriers(page)).toEqual([]);
    await journey.control.advance('5s');
    const answered = page.waitForResponse((response) => response.request().method() === 'POST');
    await own.getByRole('button').click();
    const { id } = (await (await answered).json()) as Sent;
    await page.getByText('Спасибо!').waitFor();
    const plain = page.locator('.plain');
    await plain.getByLabel('Имя').fill('Пётр');
    await plain.getByLabel('Почта').fill(uniqueEmail());
    await plain.getByRole('button').click();
    await page.getByRole('status').getByText('Спасибо!').waitFor();

    await journey.control.settle();
    const { lead } = await leadOf(journey, id);
    await page.goto(`${journey.url}/_local/records/${id}?lang=ru`);
    await page.getByRole('link', { name: lead.id }).first().click();
    await page.getByRole('heading', { name: 'История' }).waitFor();
    await page.getByRole('cell', { name: 'lead.captured' }).waitFor();
    expect(await barriers(page)).toEqual([]);
    expect((await page.goto(`${journey.url}/_local/records/lead_none`))?.status()).toBe(404);
  });
});
