import type { ReadLetter } from '../mail/inbox.ts';
import type { Letter } from '../mail/letter.ts';
import { html } from './html.ts';
import { instant, type Page, type Reader, table, withLanguage } from './layout.ts';

/** All letters, or those to one address. */
export function inboxPage({ text, url, language }: Reader, letters: readonly Letter[], to: string): Page {
  const rows = letters.map(({ id, at, from, subject, recipients }) => [
    html`<a href="${withLanguage(`/_local/inbox/${encodeURIComponent(id)}`, url)}">${subject || text.noSubject}</a>`,
    Object.entries(recipients)
      .map(([address, outcome]) => (outcome === 'delivered' ? address : `${address} (${outcome})`))
      .join(', '),
    from,
    instant(at),
  ]);
  return {
    title: text.letters,
    refresh: 10,
    body: html`<form method="get" action="/_local/inbox">
        <input type="hidden" name="lang" value="${language}" />
        <label for="to">${text.filterTo}</label> <input id="to" name="to" type="email" value="${to}" />
        <button>${text.filter}</button>
      </form>
      ${letters.length === 0 ? html`<p>${text.noLetters}</p>` : table([text.subject, text.to, text.from, text.at], rows)}`,
  };
}

/** One letter: the HTML in a frame that may do nothing but open links in a new tab. */
export function letterPage({ text, url }: Reader, letter: ReadLetter): Page {
  const path = `/_local/inbox/${encodeURIComponent(letter.id)}`;
  const facts: readonly (readonly [string, string])[] = [
    [text.from, letter.from],
    [text.to, Object.keys(letter.recipients).join(', ')],
    [text.at, instant(letter.at)],
  ];
  return {
    title: letter.subject || text.noSubject,
    body: html`<p><a href="${withLanguage('/_local/inbox', url)}">${text.all}</a></p>
      ${facts.map(([name, value]) => html`<p><span class="soft">${name}</span> ${value}</p>`)}
      ${
        letter.attachments.length > 0 &&
        html`<h2>${text.attachments}</h2>
          <ul>
            ${letter.attachments.map(
              ({ name, type, content }, at) =>
                html`<li>
                  <a href="${path}/file/${at}">${name || type}</a>
                  <span class="soft">${type}, ${content.length} B</span>
                </li>`,
            )}
          </ul>`
      }
      ${
        letter.html !== '' &&
        html`<h2>${text.asHtml}</h2>
          <iframe
            title="${text.asHtml}"
            src="${path}/html"
            sandbox="allow-popups allow-popups-to-escape-sandbox"
          ></iframe>`
      }
      <h2>${text.asText}</h2>
      <pre>${letter.text}</pre>
      <p><a href="${path}/source">${text.asSource}</a></p>`,
  };
}

/** No scripts, no forms, nothing from elsewhere but pictures sent inside the letter. */
export const LETTER_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; sandbox allow-popups allow-popups-to-escape-sandbox";

/** Links of a letter open beside the mailbox, not inside its frame. */
export const letterDocument = (body: string): string =>
  `<!doctype html><meta charset="utf-8"><base target="_blank"><meta name="referrer" content="no-referrer">${body}`;
