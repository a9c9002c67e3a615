import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { barriers, browserPath, openBrowser } from '#test/support/browser.ts';
import { HEAD, openJourney } from '#test/support/journey.ts';
import { approvalOf, type Deal, linkFor, newClient, newDeal, newForm } from '#test/support/steps.ts';

describe.skipIf(browserPath === undefined)('The page behind a link in a letter', () => {
  let journey: Awaited<ReturnType<typeof openJourney>>;
  let browser: Browser;

  beforeAll(async () => {
    [journey, browser] = await Promise.all([openJourney(), openBrowser()]);
  });
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));
  afterAll(() => Promise.all([journey.stop(), browser.close()]));

  /** A deal that waits for the head, and his link. */
  const asked = async (): Promise<{ deal: Deal; link: string }> => {
    const clientId = await newClient(journey, journey.seller, await newForm(journey));
    const { body: deal } = await newDeal(journey.seller, clientId);
    await journey.control.settle();
    return { deal, link: await linkFor(journey, HEAD, deal) };
  };
  const stateOf = async ({ approvalId }: Deal) => (await approvalOf(journey.seller, approvalId)).body;
  const open = async (link: string, options: BrowserContextOptions = {}): Promise<Page> => {
    const page = await (await browser.newContext(options)).newPage();
    await page.goto(link);
    return page;
  };

  it('Without script it asks, refuses only with a reason, and then says who decided', async () => {
    const { deal, link } = await asked();
    const page = await open(link, { javaScriptEnabled: false });
    await page.getByRole('heading', { name: deal.name }).waitFor();
    await page.getByRole('button', { name: 'Отклонить' }).click();
    await page.getByRole('alert').getByText('Напишите, почему отказываете.').waitFor();
    expect((await stateOf(deal)).state).toBe('pending');
    await page.getByRole('textbox', { name: 'Комментарий' }).fill('Скидка слишком велика');
    await page.getByRole('button', { name: 'Отклонить' }).click();
    await page.getByRole('status').getByText('Отклонено').waitFor();
    await page.getByText('Решение принял(а) Ольга Громова').waitFor();
    expect(await stateOf(deal)).toMatchObject({ state: 'refused', comment: 'Скидка слишком велика' });
    expect(await page.getByRole('button').count()).toBe(0);
  });

  it.each(['light', 'dark'] as const)('Nothing stands in anybody’s way, asked or decided (%s)', async (colorScheme) => {
    const { deal, link } = await asked();
    const page = await open(link, { colorScheme });
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Отклонить' }).click();
    await page.getByRole('alert').waitFor();
    expect(await barriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Согласовать' }).click();
    await page.getByRole('status').waitFor();
    expect(await barriers(page)).toEqual([]);
    expect((await stateOf(deal)).state).toBe('approved');
  });

  it('It fits a phone, with buttons for a finger', async () => {
    const { link } = await asked();
    const page = await open(link, { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    const boxes = await Promise.all((await page.getByRole('button').all()).map((button) => button.boundingBox()));
    expect(boxes).toHaveLength(2);
    for (const box of boxes) expect(box?.height).toBeGreaterThanOrEqual(44);
    const shot = process.env['SHOTS'];
    if (shot !== undefined) await page.screenshot({ path: `${shot}/approval.png`, fullPage: true });
  });

  it('An unknown link is told so, in a page everybody can read', async () => {
    const page = await open(`${journey.url}/public/decisions/nobody-made-this`, { locale: 'ru' });
    await page.getByText('Такой ссылки нет.').waitFor();
    expect(await barriers(page)).toEqual([]);
  });
});
