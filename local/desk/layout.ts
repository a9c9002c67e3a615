import { type Html, html } from './html.ts';
import { type Language, type Text, texts } from './text.ts';

/** What every page knows: its language, and the address it was asked by (to say the same in the other language). */
export type Reader = { language: Language; text: Text; url: URL };
export type Page = { title: string; body: Html; /** Seconds until the page asks again. */ refresh?: number };

export const reader = (url: URL, language: Language): Reader => ({ language, text: texts[language], url });

const PLACES: readonly (readonly [path: string, title: keyof Text])[] = [
  ['/_local/', 'home'],
  ['/', 'app'],
  ['/_local/api', 'apiPage'],
  ['/_local/inbox', 'inbox'],
  ['/_local/status', 'status'],
];

/** A whole page: no scripts, one style sheet, landmarks, and the way to the other language. */
export function wholePage({ language, text, url }: Reader, { title, body, refresh }: Page): string {
  const other = new URL(url);
  other.searchParams.set('lang', language === 'en' ? 'ru' : 'en');
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        ${refresh !== undefined && html`<meta http-equiv="refresh" content="${refresh}" />`}
        <title>${title === text.title ? title : `${title} · ${text.title}`}</title>
        <link rel="stylesheet" href="/_local/style.css" />
        <link rel="icon" href="data:," />
      </head>
      <body>
        <a class="skip" href="#content">${text.skip}</a>
        <header>
          <strong>${text.title}</strong>
          ${PLACES.map(
            ([path, name]) =>
              html`<a href="${withLanguage(path, url)}" ${path === url.pathname && html` aria-current="page"`}
                >${text[name]}</a
              > `,
          )}
          <a href="${other.pathname}${other.search}" hreflang="${language === 'en' ? 'ru' : 'en'}">${text.other}</a>
        </header>
        <main id="content">
          <h1>${title}</h1>
          ${body}
        </main>
        <footer>${text.local}${refresh !== undefined && html` ${text.refreshed}`}</footer>
      </body>
    </html>`.text;
}

/** Keeps the language somebody chose by hand while he goes from page to page. */
export function withLanguage(path: string, url: URL): string {
  const chosen = url.searchParams.get('lang');
  if (chosen === null || !path.startsWith('/_local')) return path;
  return `${path}${path.includes('?') ? '&' : '?'}lang=${encodeURIComponent(chosen)}`;
}

/** An instant for people: UTC, to the second. */
export const instant = (epoch: number | undefined): string =>
  epoch === undefined ? '' : new Date(epoch).toISOString().slice(0, 19).replace('T', ' ') + ' UTC';

/** A table that scrolls on narrow screens. */
export const table = (
  heads: readonly string[],
  rows: readonly (readonly (Html | string | number | undefined)[])[],
): Html =>
  html`<div class="wide">
    <table>
      <thead>
        <tr>
          ${heads.map((head) => html`<th scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((cell) => (typeof cell === 'number' ? html`<td class="number">${cell}</td>` : html`<td>${cell}</td>`))}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
