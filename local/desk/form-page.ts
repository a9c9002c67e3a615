import { Html, html } from './html.ts';
import type { Page, Reader } from './layout.ts';

/** The script and what it asks for come from the public doors of the cloud, whatever name this page was opened by. */
export const formPolicy = (url: string): string =>
  `default-src 'none'; script-src ${url}; connect-src ${url}; style-src 'self'; img-src data:; form-action ${url}; base-uri 'none'; frame-ancestors 'none'`;

/** A form as it would stand on somebody's site: with script, without, and as text to copy. */
export function formPage({ text }: Reader, snippet: string | undefined): Page {
  if (snippet === undefined) return { title: text.form, body: html`<p>${text.noForm}</p>` };
  const [scripted = '', plain = ''] = snippet.split('<!-- Without script -->');
  return {
    title: text.form,
    body: html`<p>${text.formText}</p>
      <h2>${text.withScript}</h2>
      ${new Html(scripted)}
      <h2>${text.withoutScript}</h2>
      <div class="plain">${new Html(plain)}</div>
      <h2>${text.toPaste}</h2>
      <pre>${snippet}</pre>`,
  };
}
