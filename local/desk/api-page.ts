import { type Html, html } from './html.ts';
import { type Page, type Reader, table } from './layout.ts';
import { schemaText } from './schema-text.ts';

type Json = Record<string, unknown>;
type Content = Record<string, { schema?: unknown }>;
type Operation = {
  summary?: string;
  description?: string;
  tags?: string[];
  security?: unknown[];
  'x-right'?: string;
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: unknown }[];
  requestBody?: { content?: Content };
  responses?: Record<string, { description?: string; content?: Content }>;
};
/** The part of an OpenAPI document that is shown. */
export type OpenApi = {
  info?: { title?: string; version?: string; description?: string };
  paths?: Record<string, Record<string, Operation>>;
  components?: { schemas?: Json };
};

type Entry = { method: string; path: string; operation: Operation };

/** The API for people: operations by tag, each with parameters, bodies and answers. */
export function apiPage({ text }: Reader, document: OpenApi | undefined): Page {
  if (!document) return { title: text.apiPage, body: html`<p>${text.noOpenApi}</p>` };
  const entries = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Entry => ({ method: method.toUpperCase(), path, operation })),
  );
  const byTag = [...Map.groupBy(entries, ({ operation }) => operation.tags?.[0] ?? 'API')];
  const { info = {} } = document;
  return {
    title: `${info.title ?? ''} API ${info.version ?? ''}`.trim(),
    body: html`<p>${info.description}</p>
      <p>${text.machineReadable}<a href="/api/openapi.json">/api/openapi.json</a></p>
      <nav aria-label="${text.apiPage}">
        <ul>
          ${byTag.map(
            ([tag, list]) =>
              html`<li><a href="#${anchor(tag)}">${tag}</a> <span class="soft">${list.length}</span></li>`,
          )}
        </ul>
      </nav>
      ${byTag.map(
        ([tag, list]) =>
          html`<section>
            <h2 id="${anchor(tag)}">${tag}</h2>
            ${list.map((entry) => operationView(entry, document, text))}
          </section>`,
      )}`,
  };
}

const anchor = (tag: string): string => `tag-${encodeURIComponent(tag)}`;

function operationView({ method, path, operation }: Entry, document: OpenApi, text: Reader['text']): Html {
  const { parameters = [], requestBody, responses = {} } = operation;
  const schemas = document.components?.schemas ?? {};
  const right = operation['x-right'];
  return html`<details>
    <summary><span class="method">${method}</span> <code>${path}</code> ${operation.summary}</summary>
    <p>${operation.description}</p>
    <p class="soft">${right === undefined ? text.open : `${text.needsRight} ${right}`}</p>
    ${
      parameters.length > 0 &&
      html`<h3>${text.parameters}</h3>
        ${table(
          [text.name, text.place, text.type, text.meaning],
          parameters.map((one) => [
            html`<code>${one.name}</code>${one.required && html` <span class="soft">${text.required}</span>`}`,
            one.in,
            html`<code>${schemaText(one.schema, schemas)}</code>`,
            one.description,
          ]),
        )}`
    }
    ${
      requestBody &&
      html`<h3>${text.body}</h3>
        ${contentView(requestBody.content, schemas)}`
    }
    <h3>${text.answers}</h3>
    ${Object.entries(responses).map(
      ([status, response]) =>
        html`<p><strong>${status}</strong> ${response.description}</p>
          ${contentView(response.content, schemas)}`,
    )}
  </details>`;
}

const contentView = (content: Content | undefined, schemas: Json): Html[] =>
  Object.entries(content ?? {}).map(
    ([type, { schema }]) =>
      html`<p class="soft">${type}</p>
        <pre>${schemaText(schema, schemas)}</pre>`,
  );
