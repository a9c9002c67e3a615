import type { CloudStatus } from '../control/status.ts';
import { html } from './html.ts';
import { instant, type Page, type Reader, table, withLanguage } from './layout.ts';

export type HomeFacts = Pick<CloudStatus, 'url' | 'data' | 'endpoints' | 'clock'> & {
  controlUrl: string;
  /** Where the console sends somebody who has to sign in. */
  signIn: string;
  console: boolean;
};

/** What runs, where, and what to try first. */
export function homePage({ text, url }: Reader, facts: HomeFacts): Page {
  const { port } = new URL(facts.url);
  const flag = port === '4000' ? '' : ` --port ${port}`;
  const to = (path: string): string => withLanguage(path, url);
  return {
    title: text.title,
    body: html`<p>${text.runningText}<code>${facts.data}</code></p>
      ${!facts.console && html`<p>${text.noConsole}</p>`}
      <h2>${text.try}</h2>
      <ul>
        <li>
          ${text.tryDemo}
          <pre>npm run demo${flag && ` --${flag}`}</pre>
        </li>
        <li><a href="${to('/_local/api')}">${text.apiPage}</a>. ${text.tryApi}</li>
        <li>
          ${text.tryToken} <code>npm run token -- --role seller${flag}</code>
          <pre>
curl -H "authorization: Bearer $(npm run --silent token -- --role seller${flag})" ${facts.url}/api/me</pre>
        </li>
        <li><a href="${facts.signIn}">${text.signIn}</a>. ${text.trySignIn}</li>
        <li><a href="${to('/_local/form')}">${text.form}</a>. ${text.tryForm}</li>
        <li><a href="${to('/_local/inbox')}">${text.inbox}</a>. ${text.tryInbox}</li>
        <li><a href="${to('/_local/status')}">${text.status}</a>. ${text.tryStatus}</li>
        <li>
          ${text.tryClock}
          <pre>curl -X POST ${facts.controlUrl}/clock -d '{"advanceBy":"3d"}'</pre>
          <span class="soft">${text.clock}: ${instant(facts.clock.now)}</span>
        </li>
      </ul>
      <h2>${text.addresses}</h2>
      ${table(
        [text.service, text.address],
        [
          [text.people, html`<a href="${facts.url}">${facts.url}</a>`],
          [text.control, html`<code>${facts.controlUrl}</code>`],
          ...Object.entries(facts.endpoints).map(([name, address]) => [name, html`<code>${address}</code>`]),
        ],
      )}`,
  };
}
