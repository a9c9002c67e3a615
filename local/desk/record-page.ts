import { type Html, html } from './html.ts';
import { type Page, type Reader, table } from './layout.ts';
import type { RecordFacts, Story, StoryEvent } from './record.ts';
import { factsView, valueView } from './value-view.ts';

/** Any record in full, and everything that happened in its story, in order. */
export function recordPage(who: Reader, { id, path, record, work, story }: RecordFacts): Page {
  const { text, url } = who;
  const name = ['name', 'title', 'subject', 'number']
    .map((key) => record?.[key])
    .find((one) => typeof one === 'string');
  return {
    title: typeof name === 'string' && name !== '' ? name : id,
    body: html`<p><code>${id}</code> <span class="soft">GET ${path}</span></p>
      ${record && factsView(record, url)}
      ${
        work &&
        html`<h2>${text.kept}</h2>
          ${factsView(work, url)}`
      }
      ${story && storyView(who, story)}`,
  };
}

const storyView = (who: Reader, { chain, events }: Story): Html =>
  html`<h2>${who.text.story}</h2>
    <ol>
      ${chain.map((one) => html`<li>${one.entity} ${valueView(one.id, who.url)}</li>`)}
    </ol>
    ${table(
      [who.text.time, who.text.event, who.text.record, who.text.by, who.text.changes],
      events.map((event) => [
        event.at.slice(0, 19).replace('T', ' '),
        event.type,
        valueView(event.record.id, who.url),
        event.by.name ?? event.by.id,
        changesView(who, event),
      ]),
    )}`;

/** What changed, field by field; of personal fields only the name is in an event. */
const changesView = ({ url, text }: Reader, { changes }: StoryEvent): Html =>
  html`${changes.map(
    ({ field, from, to, personal }) =>
      html`<div>
        <span class="soft">${field}:</span>
        ${personal ? text.personal : html`${from !== undefined && html`${valueView(from, url)} → `}${valueView(to, url)}`}
      </div>`,
  )}`;
