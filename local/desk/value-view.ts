import { type Html, html } from './html.ts';
import { table, withLanguage } from './layout.ts';
import { placeOf } from './record.ts';

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Any value of an answer of the API: ids are links to their records, lists of objects are tables. `url`: the page asked for. */
export function valueView(value: unknown, url: URL): Html | string {
  if (Array.isArray(value)) return listView(value, url);
  if (isObject(value)) return isMoney(value) ? `${value.amount} ${value.currency}` : factsView(value, url);
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  if (placeOf(text) === undefined) return text;
  return html`<a href="${withLanguage(`/_local/records/${text}`, url)}">${text}</a>`;
}

/** The members of an object, one under the other. */
export const factsView = (object: Json, url: URL): Html =>
  html`<dl>
    ${Object.entries(object).map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${valueView(value, url)}</dd>`,
    )}
  </dl>`;

function listView(list: readonly unknown[], url: URL): Html | string {
  if (list.length === 0) return '–';
  if (!list.every(isObject)) return html`${list.map((one, at) => html`${at > 0 && ', '}${valueView(one, url)}`)}`;
  const names = [...new Set(list.flatMap((one) => Object.keys(one)))];
  return table(
    names,
    list.map((one) => names.map((name) => (one[name] === undefined ? '' : valueView(one[name], url)))),
  );
}

const isMoney = (value: Json): value is { amount: string; currency: string } =>
  Object.keys(value).length === 2 && typeof value['amount'] === 'string' && typeof value['currency'] === 'string';
