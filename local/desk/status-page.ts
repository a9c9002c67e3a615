import type { CloudStatus } from '../control/status.ts';
import { type Html, html } from './html.ts';
import { instant, type Page, type Reader, table } from './layout.ts';
import type { Text } from './text.ts';

/** What the cloud is doing and what has failed. */
export function statusPage({ text }: Reader, status: CloudStatus): Page {
  const busy = Object.entries(status.pending).map(([name, count]) => `${name} ${count}`);
  return {
    title: text.status,
    refresh: 5,
    body: html`<p>
        ${text.clock}: <strong>${instant(status.clock.now)}</strong>
        <span class="soft">${ahead(status.clock.ahead, text)}</span>
      </p>
      ${status.rough !== undefined && html`<p class="bad">${text.rough} ${status.rough}</p>`}
      <p>
        ${busy.length === 0 ? html`<span class="good">${text.idle}</span>` : html`${text.waiting}: ${busy.join(', ')}`}
      </p>
      ${functionsView(status, text)} ${workflowsView(status, text)} ${schedulesView(status, text)}
      ${deadLettersView(status, text)}`,
  };
}

function ahead(ms: number, text: Text): string {
  if (ms === 0) return text.realTime;
  const hours = Math.floor(ms / 3_600_000);
  return `${Math.floor(hours / 24)} d ${hours % 24} h ${Math.floor(ms / 60_000) % 60} min ${text.ahead}`;
}

const functionsView = ({ functions }: CloudStatus, text: Text): Html =>
  html`<h2>${text.functions}</h2>
    ${table(
      [text.name, text.invocations, text.errors, text.inFlight, text.last, text.longest, text.lastError],
      functions.map(({ name, invocations, errors, running, lastMs, maxMs, lastError }) => [
        name,
        invocations,
        errors,
        running,
        lastMs,
        maxMs,
        lastError &&
          html`<span class="bad">${lastError.type}: ${lastError.message}</span>
            <span class="soft">${instant(lastError.at)}</span>`,
      ]),
    )}`;

const workflowsView = ({ workflows }: CloudStatus, text: Text): Html =>
  html`<h2>${text.workflows}</h2>
    ${
      workflows.length === 0
        ? html`<p>${text.noWorkflows}</p>`
        : table(
            [text.machine, text.run, text.state, text.result, text.started],
            workflows.map(({ machine, name, state, status, startedAt, error, cause }) => [
              machine,
              html`<code>${name}</code>`,
              state.join(', '),
              error === undefined
                ? status
                : html`<span class="bad">${status}: ${error}</span> <span class="soft">${cause}</span>`,
              instant(startedAt),
            ]),
          )
    }`;

const schedulesView = ({ schedules }: CloudStatus, text: Text): Html =>
  html`<h2>${text.schedules}</h2>
    ${
      schedules.length === 0
        ? html`<p>${text.noSchedules}</p>`
        : table(
            [text.name, '', text.due],
            schedules.map(({ name, group, expression, nextDue }) => [
              `${group}/${name}`,
              html`<code>${expression}</code>`,
              instant(nextDue),
            ]),
          )
    }`;

const deadLettersView = ({ deadLetters }: CloudStatus, text: Text): Html =>
  html`<h2>${text.dead}</h2>
    ${
      deadLetters.length === 0
        ? html`<p class="good">${text.noDead}</p>`
        : deadLetters.map(
            ({ at, service, from, target, error, payload }) =>
              html`<details>
                <summary>${instant(at)} <strong>${service}</strong> ${from} → ${target}</summary>
                <p class="bad">${error}</p>
                <pre>${JSON.stringify(payload, null, 2)}</pre>
              </details>`,
          )
    }`;
