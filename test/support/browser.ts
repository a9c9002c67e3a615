import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];
const FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

/** The browser of this machine, if there is one: `CHROMIUM` names it, else Debian's places are looked at. */
export const browserPath: string | undefined = [process.env['CHROMIUM'] ?? '', ...PLACES].find((path) =>
  existsSync(path),
);
// Reporters name skipped files, but not why.
if (browserPath === undefined)
  console.warn(
    `Tests in a browser are skipped: there is none at ${PLACES.join(' or ')}. ` +
      'Install one (apt-get install chromium-headless-shell), or name yours by CHROMIUM.',
  );

/** Starts the browser with a new, empty profile. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: browserPath ?? '', headless: true, args: FLAGS.split(' ') });

/** What axe finds on a page, its open shadow trees too, in the words of its rules. */
export async function barriers(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

/** A web site of somebody else: an origin of its own. */
export type Site = {
  url: string;
  /** Puts up a page and answers its address. */
  show(body: string, options?: { lang?: string; policy?: string; query?: string }): string;
  stop(): Promise<void>;
};

export async function openSite(): Promise<Site> {
  const pages = new Map<string, { html: string; policy: string | undefined }>();
  const server = createServer((request, response) => {
    const page = pages.get((request.url ?? '').split('?')[0] ?? '');
    response.writeHead(page ? 200 : 404, {
      'content-type': 'text/html; charset=utf-8',
      ...(page?.policy !== undefined && { 'content-security-policy': page.policy }),
    });
    response.end(page?.html);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // Another site as well as another origin: browsers are stricter then.
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  return {
    url,
    show(body, { lang = 'ru', policy, query = '' } = {}) {
      const path = `/page-${pages.size}`;
      const html =
        `<!doctype html><html lang="${lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
        `<title>A site</title></head><body><main><h1>A site</h1>${body}</main></body></html>`;
      pages.set(path, { html, policy });
      return `${url}${path}${query}`;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
